"""The table at the end of a run: what each model is at each resolution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

_VERDICTS = ("productive", "critical", "partial", "full_kernel", "unproductive")
_SEVERITIES = ("error", "warning", "info")


def summarise(terminal: pytest.TerminalReporter, order: Mapping[str, int]) -> None:
    """Print one line per model and resolution that ran, models in the given order."""
    checks = sorted(_checks(terminal), key=lambda check: order.get(check["rfa_model"], 0))
    if not checks or terminal.verbosity < 0:
        return
    verdicts = [name for name in _VERDICTS if any(check.get(f"rfa_{name}") for check in checks)]
    heads = ["model", "at", *(name.replace("_", "-") for name in verdicts), "wasted", "findings"]
    terminal.section("receptive fields")
    for line in _aligned([heads, *(_row(check, verdicts) for check in checks)]):
        terminal.write_line(line)
    terminal.write_line("wasted: the share of the parameters that sits in unproductive layers")


def _checks(terminal: pytest.TerminalReporter) -> Iterator[dict[str, Any]]:
    for reports in terminal.stats.values():
        for report in reports:
            properties = dict(getattr(report, "user_properties", ()))
            if "rfa_model" in properties and report.when == "call":
                yield properties


def _row(check: Mapping[str, Any], verdicts: Sequence[str]) -> list[str]:
    place = [str(check["rfa_model"]), str(check["rfa_resolution"])]
    if "rfa_waste_parameters" not in check:
        return [*place, *("-" for _ in verdicts), "-", str(check["rfa_status"])]
    counts = [str(check[f"rfa_{name}"]) for name in verdicts]
    return [*place, *counts, f"{check['rfa_waste_parameters']:.1%}", _findings(check)]


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
