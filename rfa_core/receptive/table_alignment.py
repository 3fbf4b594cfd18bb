"""The offsets of a merge where footprints differ from position to position."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from rfa_core.graph.model import Shape
from rfa_core.receptive.alignment import Offset
from rfa_core.receptive.grid import L_HI, L_LO, Array, Grid, fraction
from rfa_core.receptive.table import State, as_table


def offset(states: Sequence[State], shapes: Sequence[Shape]) -> Offset | None:
    """``alignment.offset`` in general: centres are compared in the mean over the positions.

    The step of a map is the largest that its centres make from one position to the next.
    None if an operand runs along several dimensions, or along another one than the rest, or
    does not move as its effective stride says (the windows of a map of a few windows).
    """
    found = [_intervals(state, shape) for state, shape in zip(states, shapes, strict=True)]
    placed = [one for one in found if one is not None]
    if len(placed) < len(found) or len({(dim, rows.shape) for dim, _, rows in placed}) > 1:
        return None
    rows = np.stack([rows for *_, rows in placed])
    if rows.shape[-1] < 2 or not np.isfinite(rows).all():
        return None
    centres = rows.mean(axis=1)
    steps = np.abs(np.diff(centres, axis=1)).max(axis=1)
    moved = np.array([step for _, step, _ in placed]) * (rows.shape[-1] - 1)
    if (np.abs(centres[:, -1] - centres[:, 0] - moved) > steps).any():
        return None
    flush = bool((np.ptp(rows, axis=0) == 0).all(axis=1).any())
    return Offset(fraction(np.ptp(centres.mean(axis=1))), fraction(steps.max()), flush)


def _intervals(state: State, shape: Shape) -> tuple[int, float, Array] | None:
    """The dimension (from the last), the effective stride and ``[2, positions]``.

    The rows are the ends of the intervals over all channels, in the central half of the map.
    """
    grid, *others = as_table(state, shape).grids
    running = [dim for dim, step in enumerate(grid.steps) if step]
    if others or len(running) != 1:
        return None
    (dim,) = running
    edge = shape[dim] // 4
    rows = _over_channels(grid, dim)[:, edge : shape[dim] - edge]
    return dim - len(shape), grid.steps[dim], rows


def _over_channels(grid: Grid, dim: int) -> Array:
    others = tuple(other for other in range(grid.rank) if other != dim)
    return np.stack([grid.data[L_LO].min(axis=others), grid.data[L_HI].max(axis=others)])
