"""What is said when no resolution is known: the feasible ranges, and how to set one."""

from __future__ import annotations

from rfa_core.config.sources import keys_of
from rfa_core.findings import Report
from rfa_core.report.words import flat, range_words

_HOW_TO = (
    "No resolution is set, so there is nothing to judge against. Set one: "
    "`rfa check --res 64`, or resolutions = [64] {keys}"
)


def range_lines(report: Report) -> list[str]:
    """One line per model, and what to do."""
    analysed = [model for model in report.models if model.status == "analysed"]
    lines = [f"{flat(model.name)}: {range_words(model.range)}" for model in analysed]
    how_to = _HOW_TO.format(keys=keys_of(report.anchor))
    return ["Feasible resolutions:", *lines, how_to] if lines else [how_to]
