"""``github``: workflow commands, which GitHub shows as annotations of the changed lines.

GitHub keeps ten annotations of each level and drops the rest unranked, so where there are
more, the nine most costly are written and one that sums up the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rfa_core.findings import Finding, Report, Severity
from rfa_core.report.options import RenderOptions
from rfa_core.report.words import flat, model_at
from rfa_core.rules.wording import count

MOST = 10
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, options: RenderOptions) -> str:
    """At most ten commands per level, one a line."""
    lines = []
    for severity in Severity:
        ranked = sorted(
            (one for one in report.findings if one.severity is severity), key=_cost, reverse=True
        )
        shown = len(ranked) if len(ranked) <= MOST else MOST - 1
        lines += [_annotation(finding, options.prefix) for finding in ranked[:shown]]
        if shown < len(ranked):
            lines.append(_rest(severity, ranked[shown:]))
    return "".join(f"{line}\n" for line in lines)


def _cost(finding: Finding) -> float:
    return finding.waste.parameters + finding.waste.macs if finding.waste else 0.0


def _annotation(finding: Finding, prefix: str) -> str:
    properties = {
        "file": f"{prefix}{finding.file}" if finding.file else None,
        "line": finding.line,
        "endLine": finding.end_line,
        "col": finding.column,
        "title": f"{finding.code} {finding.name}",
    }
    model = model_at(finding.model, finding.resolution)
    help_text = f" (help: {flat(finding.help)})" if finding.help else ""
    return _command(finding.severity, properties, f"{model}: {flat(finding.message)}{help_text}")


def _rest(severity: Severity, findings: Sequence[Finding]) -> str:
    codes = sorted(Counter(finding.code for finding in findings).items())
    text = ", ".join(f"{code} x{number}" for code, number in codes)
    more = count(len(findings), f"more {severity}")
    return _command(severity, {"title": "rfa"}, f"{more}: {text}")


def _command(severity: Severity, properties: dict[str, str | int | None], message: str) -> str:
    named = ",".join(
        f"{name}={_property(flat(str(value)))}"
        for name, value in properties.items()
        if value is not None
    )
    return f"::{_LEVELS[severity]} {named}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
