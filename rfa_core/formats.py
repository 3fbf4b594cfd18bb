"""The names of the report formats, for all who check a name before anything is rendered."""

from __future__ import annotations

FORMATS = ("full", "concise", "json", "junit", "github", "markdown", "html")
DRAWN = frozenset({"html"})
"""Those that draw the models: the graphs are kept for them."""
