"""Classifiers for images of 64 pixels and less."""
