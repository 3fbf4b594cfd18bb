"""The blueprints in every framework: ``build(name)`` of each module returns a model."""
