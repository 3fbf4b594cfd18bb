"""The numbers of a table: the largest over the central half of its positions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from math import ceil
from operator import ge

import numpy as np
import numpy.typing as npt

from rfa_core.graph.model import Shape
from rfa_core.receptive.grid import (
    CONTEXT,
    L_HI,
    L_LO,
    POSITION,
    S_HI,
    S_LO,
    Array,
    Grid,
    fraction,
)
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.table import (
    State,
    as_table,
    contracted,
    unite,
)

ROUNDING = 1e-6
"""What fractional strides may lose; far below the smallest difference of two footprints."""


def measure_table(state: State, shape: Shape) -> Measure:
    """``measure`` for a state that needs arrays."""
    grids = _nested(as_table(state, shape).grids)
    return reduce(_both, map(_of_grid, grids))


def _nested(grids: Sequence[Grid]) -> list[Grid]:
    """Grids that run along fewer dimensions united with one that runs along those and more."""
    kept: list[Grid] = []
    for grid in sorted(grids, key=lambda grid: -sum(grid.pattern)):
        finer = (at for at, one in enumerate(kept) if all(map(ge, one.pattern, grid.pattern)))
        place = next(finer, None)
        if place is None:
            kept.append(grid)
        else:
            kept[place] = unite(kept[place], grid)
    return kept


def _both(first: Measure, second: Measure) -> Measure:
    """A query's and a key's grid: the smaller shortest path, the larger local footprint."""
    placed = max(first, second, key=lambda m: m.map or 0)
    return Measure(
        min((m.min for m in (first, second) if m.min is not None), default=None),
        max((m.max for m in (first, second) if m.max is not None), default=None),
        first.context or second.context,
        placed.stride,
        placed.map,
    )


def _of_grid(grid: Grid) -> Measure:
    running = [dim for dim, step in enumerate(grid.steps) if step]
    grid = _without_channels(grid)
    if len(running) == 1:
        grid = grid.unfolded(running)
    data = grid.rows.reshape(6, -1)
    steps = [abs(grid.steps[dim]) for dim in running]
    central = data[:, _central(_places(data[POSITION], len(steps)))] if steps else data
    return Measure(
        _largest(central[S_LO], central[S_HI]),
        _largest(central[L_LO], central[L_HI]),
        bool(central[CONTEXT].any()),
        fraction(min(steps)) if steps else None,
        _positions(data[POSITION]) if steps else None,
    )


def _without_channels(grid: Grid) -> Grid:
    """Channels contracted: what an element of the next layer would read at one position."""
    for dim, step in enumerate(grid.steps):
        if not step:
            grid = contracted(grid, dim)
    return grid


def _places(position: Array, running: int) -> Array:
    """Where elements lie on the map: their index, so that the wrapped ends of a rolled map stay
    at the ends; their position where several share one (a map joined with other dimensions).
    What has no place (zeros put between) is no reason for either."""
    placed = position[np.isfinite(position)]
    if running == 1 and len(np.unique(placed)) == len(placed):
        return np.arange(len(position), dtype=np.float64)
    return position


def _central(position: Array) -> npt.NDArray[np.bool_]:
    placed = position[np.isfinite(position)]
    if not len(placed):
        return np.ones(len(position), dtype=bool)
    low, high = placed.min(), placed.max()
    distance = np.abs(position - (low + high) / 2)
    reach = max((high - low) / 4, np.nanmin(distance)) + ROUNDING
    inside: npt.NDArray[np.bool_] = distance <= reach
    return inside


def _largest(low: Array, high: Array) -> int | None:
    """The largest size; None if one is infinite or all intervals are empty."""
    real = high >= low
    if not real.any() or not np.isfinite(low[real]).all():
        return None
    return ceil(float((high[real] - low[real]).max()) - ROUNDING) + 1


def _positions(position: Array) -> int:
    return len(np.unique(position[np.isfinite(position)].round(6)))
