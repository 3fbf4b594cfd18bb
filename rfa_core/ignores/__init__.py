"""Comments that silence rules: read from source, held against the layers of a model."""
