"""The line that ends a report, and the statistics before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from rfa_core.findings import ModelReport, Report, Severity
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.words import worst
from rfa_core.rules.wording import count, enumerate_words, pixels


def headline(report: Report) -> str:
    """``Checked 5 models at 64 px: 2 errors, 1 warning, 3 infos``.

    Models that nothing was found wrong with since there is nothing to judge are counted.
    """
    judged = [model for model in report.models if model.status == "analysed"]
    number = count(len(report.models), "model")
    if len(judged) != len(report.models):
        number = f"{len(judged)} of {number}"
    if judged and not report.findings and not any(model.resolutions for model in judged):
        return f"Looked at {number}: no resolution, no verdict"
    return f"Checked {number}{_resolutions(report)}: {_findings(report)}{_unjudged(judged)}"


def statistics(report: Report) -> list[str]:
    """One line per rule that was broken, the most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in report.findings)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    width = len(str(ranked[0][1])) if ranked else 0
    return [f"{number:{width}} {code} {name}" for (code, name), number in ranked]


def left_alone(report: Report) -> str:
    """How many candidates discovery skipped; empty if none."""
    if not report.skipped:
        return ""
    verb = "was" if len(report.skipped) == 1 else "were"
    return f"{count(len(report.skipped), 'candidate')} {verb} left alone"


def silenced(report: Report) -> str:
    """``Not reported: 3 findings for comments in source``; empty if nothing is kept quiet."""
    numbers = (report.suppressed, "comments in source"), (report.baselined, "the baseline")
    said = [f"{count(number, 'finding')} for {cause}" for number, cause in numbers if number]
    return f"Not reported: {enumerate_words(said)}" if said else ""


def _resolutions(report: Report) -> str:
    found = dict.fromkeys(at.resolution for model in report.models for at in model.resolutions)
    names = list(dict.fromkeys(pixels(resolution) for resolution in found))
    if len(names) > 6:
        return f" at {len(names)} resolutions"
    return f" at {enumerate_words(names)} px" if names else ""


def _unjudged(models: Sequence[ModelReport]) -> str:
    verdicts = [{worst(at) for at in model.resolutions} for model in models]
    number = verdicts.count({Verdict.NOT_JUDGED})
    has = "has" if number == 1 else "have"
    return f"; {count(number, 'model')} {has} no layer to judge" if number else ""


def _findings(report: Report) -> str:
    counts = [
        count(report.count(severity), severity.value)
        for severity in Severity
        if report.count(severity)
    ]
    accepted = report.suppressed + report.baselined
    besides = f" besides {accepted} that {'is' if accepted == 1 else 'are'} accepted"
    return ", ".join(counts) or f"no findings{besides if accepted else ''}"
