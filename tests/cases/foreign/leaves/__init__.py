"""Leaves of trees, and who they belong to."""
