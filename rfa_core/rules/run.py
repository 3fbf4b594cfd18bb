"""Rules applied to one model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from rfa_core.findings import Finding, Severity
from rfa_core.rules.base import Rule, Subject


def find(
    subject: Subject, rules: Iterable[Rule], severity: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """All findings of ``rules``: in the order of the model's resolutions, then worst first.

    ``severity`` maps codes to ``error``, ``warning`` or ``info``, in place of the default.
    Layers that are silent are taken out of the findings, and findings that are silent left out.
    """
    found = [
        finding
        for rule in rules
        for finding in rule.check(subject)
        if not all(map(subject.silent, finding.concerns))
    ]
    if severity:
        found = [
            replace(finding, severity=Severity(severity.get(finding.code, finding.severity)))
            for finding in found
        ]
    order = [at.resolution for at in subject.model.resolutions]
    return tuple(sorted(found, key=lambda finding: _place_in(order, finding)))


def _place_in(order: list[tuple[int, ...]], finding: Finding) -> tuple[int, int, str, str, int]:
    return (
        -1 if finding.resolution is None else order.index(finding.resolution),
        finding.severity.rank,
        finding.code,
        finding.file or "",
        finding.line or 0,
    )
