"""A saved model all the way through a check: opened, traced, judged, and reported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from fuzz.targets.base import inside
from rfa_core.api.analysis import guesses_of
from rfa_core.api.reporting import Outcome, report_of_run
from rfa_core.examination import examine, first_running
from rfa_core.findings import ModelReport
from rfa_core.receptive.resolution import Resolution
from rfa_core.report import FORMATS, render
from rfa_core.rules import RULES, Subject, find

SIZE = Resolution((24,))
DRAWN = 40
"""Nodes up to which the page is made of a model, too; larger ones would take all the time."""


def check_file(file: Path) -> None:
    """What ``rfa check FILE --res 24`` does, with all rules and formats; errors are raised."""
    with inside(file.parent):
        guesses = [replace(one, with_structure=True) for one in guesses_of(file.name)]
        model = examine(first_running(guesses, [SIZE]), [SIZE])
        report_on(model, file.parent)


def report_on(model: ModelReport, root: Path) -> None:
    """Judge ``model`` by all rules, and write every report of it."""
    findings = find(Subject(model, str(root), 0.1), list(RULES.values()))
    report = report_of_run([Outcome(model, tuple(findings))], (), 1, str(root))
    small = model.graph is not None and len(model.graph.nodes) <= DRAWN
    for name in FORMATS:
        if name != "html" or small:
            render(name, report)
