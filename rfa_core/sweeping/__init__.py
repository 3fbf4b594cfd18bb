"""Many models at many resolutions: what is to be done, the rows it gives, and their order."""
