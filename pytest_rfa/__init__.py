"""The pytest plugin: one test item per model and resolution.

Installed and not used, it imports neither a framework nor the engine.
"""
