"""What is shown when no resolution is known: the feasible ranges."""

from __future__ import annotations

from rfa_core.findings import Report
from rfa_core.report.words import flat, range_words


def range_lines(report: Report) -> list[str]:
    """One line per model under a heading; none if no model was analysed."""
    analysed = [model for model in report.models if model.status == "analysed"]
    lines = [f"{flat(model.name)}: {range_words(model.range)}" for model in analysed]
    return ["Feasible resolutions:", *lines] if lines else []
