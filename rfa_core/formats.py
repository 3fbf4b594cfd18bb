"""The names of the report formats, for all who check a name before anything is rendered."""

from __future__ import annotations

FORMATS = ("full", "concise", "grouped", "json", "junit", "github", "markdown")
