"""Reports: a run in, text out. Each format is a module, imported when it is used."""

from __future__ import annotations

from importlib import import_module

from rfa_core.errors import UsageError
from rfa_core.findings import Report
from rfa_core.report.options import RenderOptions

__all__ = ["FORMATS", "RenderOptions", "render"]

_MODULES = {
    "full": "full",
    "concise": "concise",
    "grouped": "grouped",
    "json": "json_report",
    "json-lines": "json_lines",
    "junit": "junit",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "rdjson": "rdjson",
    "markdown": "markdown",
    "html": "html_page",
}
FORMATS: tuple[str, ...] = tuple(_MODULES)


def render(format: str, report: Report, options: RenderOptions = RenderOptions()) -> str:  # noqa: A002, B008
    """``report`` as text in ``format``, with a line end at its end unless it is empty.

    Raises UsageError for a format that does not exist.
    """
    if format not in _MODULES:
        raise UsageError(f"there is no format {format!r}", f"the formats are {', '.join(FORMATS)}")
    module = import_module(f"rfa_core.report.{_MODULES[format]}")
    text: str = module.render(report, options)
    return text
