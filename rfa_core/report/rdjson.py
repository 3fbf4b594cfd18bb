"""``rdjson``: what reviewdog reads and posts as review comments.

The format: https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto
"""

from __future__ import annotations

from rfa_core.findings import Finding, Report, Severity
from rfa_core.report.options import RenderOptions
from rfa_core.report.positions import Position, position
from rfa_core.report.texts import document
from rfa_core.report.words import clean, flat, model_at

_SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def render(report: Report, options: RenderOptions) -> str:
    """One ``DiagnosticResult``, a diagnostic a line."""
    found = [_diagnostic(finding, report, options) for finding in report.findings]
    return document({"source": {"name": "rfa"}, "diagnostics": found})


def _diagnostic(finding: Finding, report: Report, options: RenderOptions) -> object:
    place = position(finding, report, options)
    code = {"value": finding.code, "url": finding.url} if finding.url else {"value": finding.code}
    return {
        "message": _message(finding),
        "location": {"path": place.path, "range": _range(place)},
        "severity": _SEVERITIES[finding.severity],
        "code": code,
    }


def _message(finding: Finding) -> str:
    model = model_at(finding.model, finding.resolution)
    advice = f"\n{clean(finding.help)}" if finding.help else ""
    return f"{model}: {flat(finding.message)}{advice}"


def _range(place: Position) -> object:
    """A position on one line; several lines as a whole."""
    if place.end_line > place.line:
        return {"start": {"line": place.line}, "end": {"line": place.end_line}}
    return {"start": {"line": place.line, "column": place.column}}
