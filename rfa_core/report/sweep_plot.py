"""The rows of a sweep as a plot."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfa_core.drawing.shares import Curve, shares
from rfa_core.sweeping.rows import Row


def render_plot(rows: Sequence[Row]) -> str:
    """Productive shares over resolution as SVG, one line for each model that has a verdict.

    A model's line has the resolutions at which it runs; those that are no squares stand where the
    square of the same area is.
    """
    points: dict[str, list[tuple[float, float, float]]] = {}
    for row in rows:
        if row.runs:
            used = 1 - (row.waste_parameters or 0), 1 - (row.waste_macs or 0)
            points.setdefault(row.model, []).append((_side(row.resolution), *used))
    curves = [Curve(name, tuple(sorted(own))) for name, own in points.items()]
    sizes = {row.object_size for row in rows if row.object_size}
    return shares(curves, f", objects of {sizes.pop()} px" if sizes else "")


def _side(resolution: str) -> float:
    sizes = [int(size) for size in resolution.split("x")]
    return float(prod(sizes) ** (1 / len(sizes)))
