"""The table at the end of a run: what each model is at each resolution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import pytest

from pytest_rfa.properties import identity, properties_of

_VERDICTS = ("productive", "critical", "partial", "full_kernel", "unproductive")
_SEVERITIES = ("error", "warning", "info")


def summarise(terminal: pytest.TerminalReporter, order: Mapping[tuple[str, str], int]) -> None:
    """Print one line per model and resolution that ran, in the given order."""
    reports = [report for reports in terminal.stats.values() for report in reports]
    checks = sorted(filter(None, map(properties_of, reports)), key=lambda c: order[identity(c)])
    if not checks or terminal.verbosity < 0:
        return
    verdicts = [name for name in _VERDICTS if any(check.get(f"rfa_{name}") for check in checks)]
    heads = ["model", "at", *(name.replace("_", "-") for name in verdicts), "wasted", "findings"]
    names = _names({check["rfa_model"] for check in checks})
    rows = [[names[check["rfa_model"]], *_row(check, verdicts)] for check in checks]
    terminal.section("receptive fields")
    for line in _aligned([heads, *rows]):
        terminal.write_line(line)
    terminal.write_line("wasted: the share of the parameters that sits in unproductive layers")


def _names(models: Collection[str]) -> dict[str, str]:
    """Each model by its last name alone, where that names one model only."""
    short = {model: model.rpartition(":")[2] for model in models}
    times = Counter(short.values())
    return {model: name if times[name] == 1 else model for model, name in short.items()}


def _row(check: Mapping[str, Any], verdicts: Sequence[str]) -> list[str]:
    resolution = str(check["rfa_resolution"])
    if "rfa_waste_parameters" not in check:
        return [resolution, *("-" for _ in verdicts), "-", str(check["rfa_status"])]
    counts = [str(check[f"rfa_{name}"]) for name in verdicts]
    return [resolution, *counts, f"{check['rfa_waste_parameters']:.1%}", _findings(check)]


def _findings(check: Mapping[str, Any]) -> str:
    found = [(check[f"rfa_{name}s"], name) for name in _SEVERITIES]
    listed = [f"{count} {name}{'s' if count > 1 else ''}" for count, name in found if count]
    return ", ".join(listed) or "none"


def _aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """The first and the last column to the left, the numbers between them to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *numbers, last in rows:
        padded = [cell.rjust(width) for cell, width in zip(numbers, widths[1:-1], strict=True)]
        yield "  ".join([first.ljust(widths[0]), *padded, last])
