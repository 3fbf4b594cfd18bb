"""How a failed check looks: the findings as ``rfa check`` shows them, no Python traceback."""

from __future__ import annotations

from _pytest._code.code import (
    ReprEntryNative,
    ReprExceptionInfo,
    ReprFileLocation,
    ReprTraceback,
)

import rfa_core


class FailedCheckError(Exception):
    """A model has findings at or above the severity that fails, or could not be analysed."""

    def __init__(self, report: rfa_core.Report) -> None:
        super().__init__(report)
        self.report = report


def represent(report: rfa_core.Report, path: str, line: int) -> ReprExceptionInfo:
    """The findings in full, and the worst of them in one line at ``path`` and ``line``.

    It is made of pytest's own parts, so that it passes through xdist and gives JUnit files
    and summaries a short message.
    """
    text = rfa_core.render("full", report, rfa_core.RenderOptions(quiet=True))
    entry = ReprEntryNative([f"{text.rstrip() or _message(report)}\n"])
    return ReprExceptionInfo(
        reprtraceback=ReprTraceback([entry], extraline=None, style="native"),
        reprcrash=ReprFileLocation(path, line, _message(report)),
    )


def _message(report: rfa_core.Report) -> str:
    if not report.findings:
        return "; ".join(model.error or model.status for model in report.models)
    worst, *others = sorted(report.findings, key=lambda finding: finding.severity.rank)
    more = f" (and {len(others)} more)" if others else ""
    return f"{worst.code} {worst.name}: {worst.message.splitlines()[0]}{more}"
