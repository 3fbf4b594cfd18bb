"""The numbers that fields of a graph may hold, whoever wrote it."""

from __future__ import annotations

LARGEST = 2**53 - 1
"""No number is larger, either way: up to here every JSON reader keeps integers exact."""

LEAST: dict[str, int] = {
    "axes": 0,
    "before": -LARGEST,
    "after": -LARGEST,
    "padding": -LARGEST,
    "shifts": -LARGEST,
    "step": -LARGEST,
    "first": -LARGEST,
    "kernel": 1,
    "stride": 1,
    "dilation": 1,
    "steps": 1,
    "size": 1,
    "times": 1,
    "resolution": 1,
    "line": 1,
    "column": 1,
}
"""The smallest number by the name of its field; 0 where it is not listed."""


def least(name: str) -> int:
    """The smallest number that a field of this name may hold."""
    return LEAST.get(name, 0)
