"""Rules applied to one model."""

from __future__ import annotations

import linecache
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from rfa_core.findings import Finding, Severity
from rfa_core.rules.base import Rule, Subject

_TEXTS = (".py", ".json")
"""Files that a finding can be about a line of; the others are models on disk."""


def find(
    subject: Subject, rules: Iterable[Rule], severity: Mapping[str, str] | None = None
) -> tuple[Finding, ...]:
    """All findings of ``rules``: in the order of the model's resolutions, then worst first.

    ``severity`` maps codes to ``error``, ``warning`` or ``info``, in place of the default.
    Layers that are silent are taken out of the findings, and findings that are silent left out.
    A finding about a whole line points at the first character of its code.
    """
    found = [
        _on_code(finding, subject.root)
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


def _on_code(finding: Finding, root: str) -> Finding:
    file, line = finding.file, finding.line
    if finding.column != 1 or file is None or line is None or not file.endswith(_TEXTS):
        return finding
    path = str(Path(root, file))
    linecache.checkcache(path)
    text = linecache.getline(path, line)
    return replace(finding, column=1 + len(text) - len(text.lstrip())) if text.strip() else finding
