"""Rows by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rfa_core.sweeping.rows import Row


def row(model: str, resolution: str = "64", **more: object) -> Row:
    """A row of a model that was analysed, with a key of its own."""
    usual: dict[str, object] = {
        "arguments": {"depth": 2, "act": "ré\nlu", "sizes": [1, 2]},
        "fit": "fits",
        "runs": True,
        "traced_at": resolution,
        "productive": 3,
        "critical": 0,
        "partial": 0,
        "full_kernel": 0,
        "unproductive": 0,
        "not_judged": 1,
        "waste_parameters": 0.0,
        "waste_macs": 1 / 3,
        "parameters": 10,
        "macs": 2**40,
        "min_resolution": "20",
        "max_resolution": "109xany",
        "sees_all": True,
    }
    key = f"{model}-{resolution}"
    return Row(key, model, model, resolution, "analysed", **{**usual, **more})  # type: ignore[arg-type]


@pytest.fixture
def make() -> Callable[..., Row]:
    """Makes a row."""
    return row


@pytest.fixture
def rows() -> list[Row]:
    """Two rows with a verdict and one without."""
    failed = Row("c", "acme:broken", "acme:broken", "64", "unbuildable", error='says "no", twice')
    return [row("acme:net"), row("acme:net", "64x96", runs=False, fit="does not run"), failed]
