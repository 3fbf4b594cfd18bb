"""The names of the report formats, for all who check a name before anything is rendered."""

from __future__ import annotations

FORMATS = (
    "full",
    "concise",
    "grouped",
    "json",
    "json-lines",
    "junit",
    "sarif",
    "github",
    "gitlab",
    "rdjson",
    "markdown",
    "html",
)
DRAWN = frozenset({"markdown", "html"})
"""Those that draw the models: the graphs are kept for them."""
FOR_PEOPLE = frozenset({"full", "concise", "grouped"})
"""Those that are read at a terminal, in the encoding of the terminal; all others are UTF-8."""
