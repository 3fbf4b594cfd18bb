"""Where findings stand, for formats in which every one has a file."""

from __future__ import annotations

from dataclasses import dataclass

from rfa_core.findings import Finding, Report
from rfa_core.report.options import RenderOptions
from rfa_core.report.words import clean


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the repository: forward slashes, lines and columns from 1.

    In ``path``, what is no character of a path is spelled out.
    """

    path: str
    line: int
    column: int
    end_line: int


def position(finding: Finding, report: Report, options: RenderOptions) -> Position:
    """Its own line; that of a library's model is the first of the file that names such models."""
    if finding.file is None:
        return Position(_path(report.anchor, options), 1, 1, 1)
    line = finding.line or 1
    end = max(line, finding.end_line or line)
    return Position(_path(finding.file, options), line, finding.column or 1, end)


def _path(file: str, options: RenderOptions) -> str:
    return clean(f"{options.prefix}{file}").replace("\n", "\\n")
