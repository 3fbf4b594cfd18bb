"""What is done to the user's libraries themselves while they are used, and undone afterwards."""
