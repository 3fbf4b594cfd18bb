"""``gitlab``: a code quality report, which GitLab shows in merge requests.

The format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import hashlib
from collections import Counter

from rfa_core.findings import Finding, Report, Severity
from rfa_core.report.options import RenderOptions
from rfa_core.report.positions import position
from rfa_core.report.texts import listed
from rfa_core.report.words import flat, model_at

_SEVERITIES = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.INFO: "info"}


def render(report: Report, options: RenderOptions) -> str:
    """A JSON array with an issue a line; no two have the same fingerprint."""
    times: Counter[str] = Counter()
    issues = [_issue(finding, report, options, times) for finding in report.findings]
    return listed(issues) + "\n"


def _issue(finding: Finding, report: Report, options: RenderOptions, times: Counter[str]) -> object:
    place = position(finding, report, options)
    return {
        "description": f"{model_at(finding.model, finding.resolution)}: {flat(finding.message)}",
        "check_name": finding.code,
        "fingerprint": _unique(finding, times),
        "severity": _SEVERITIES[finding.severity],
        "location": {"path": place.path, "lines": {"begin": place.line, "end": place.end_line}},
    }


def _unique(finding: Finding, times: Counter[str]) -> str:
    """The finding's own fingerprint; of several that share it, the later ones are numbered."""
    own = finding.fingerprint
    times[own] += 1
    if own and times[own] == 1:
        return own
    return hashlib.sha256(f"{own}:{times[own]}".encode()).hexdigest()
