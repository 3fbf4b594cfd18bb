"""What a report says of a check in flat values: for JUnit files, xdist and the summary."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import rfa_core
from pytest_rfa.plan import Check


def properties(check: Check, outcome: rfa_core.Outcome) -> Iterator[tuple[str, str | int | float]]:
    """The model, its verdict counts, its waste (shares from 0 to 1) and its findings."""
    yield "rfa_model", outcome.model.name
    yield "rfa_resolution", str(check.resolution)
    yield "rfa_status", outcome.model.status
    for judged in outcome.model.resolutions:
        for verdict, count in judged.counts().items():
            yield f"rfa_{str(verdict).replace('-', '_')}", count
        yield "rfa_waste_parameters", round(judged.waste.parameters, 4)
        yield "rfa_waste_macs", round(judged.waste.macs, 4)
    for severity in ("error", "warning", "info"):
        found = [finding.severity == severity for finding in outcome.findings]
        yield f"rfa_{severity}s", sum(found)


def properties_of(report: object) -> Mapping[str, Any]:
    """What ``properties`` left on a report, from wherever it came; nothing if it is no check."""
    values = dict(getattr(report, "user_properties", ()))
    return values if "rfa_model" in values and getattr(report, "when", "") == "call" else {}


def identity(values: Mapping[str, Any]) -> tuple[str, str]:
    """Which check it was: the model and the resolution."""
    return values["rfa_model"], values["rfa_resolution"]
