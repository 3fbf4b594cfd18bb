"""Footprints element by element: the general form, for whatever is not affine.

A ``Table`` is a union of *grids* (see ``grid``). Elements of an attention matrix belong to
two (the query's and the key's), which is how a contraction can tell a window from the whole
image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rfa_core.graph.model import Shape
from rfa_core.receptive.grid import (
    CONTEXT,
    L_HI,
    L_LO,
    MOVING,
    POSITION,
    S_HI,
    S_LO,
    Array,
    Grid,
    alike,
    normal,
)
from rfa_core.receptive.states import (
    EVERYTHING,
    NOTHING,
    Everything,
    Line,
    Nothing,
    Parts,
)

INF = np.inf
_NOTHING_COLUMN = np.array([np.nan, INF, -INF, INF, -INF, 0.0])
_EVERYTHING_COLUMN = np.array([np.nan, -INF, INF, INF, -INF, 1.0])


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The union of ``grids``, at least one."""

    grids: tuple[Grid, ...]

    @property
    def bytes(self) -> int:
        return sum(grid.rows.nbytes for grid in self.grids)

    def content(self) -> tuple[object, ...]:
        """What tables with the same elements have in common, and no others."""
        return tuple(
            (grid.steps, grid.digits, grid.rows.shape, grid.rows.tobytes()) for grid in self.grids
        )


State = Nothing | Everything | Line | Parts | Table


def as_table(state: State, shape: Shape) -> Table:
    """Any state as a table; NOTHING and EVERYTHING become one column for all elements."""
    if isinstance(state, Table):
        return state
    if isinstance(state, Parts):
        return _from_parts(state, shape)
    if isinstance(state, Line):
        return Table((_from_line(state, shape),))
    column = _EVERYTHING_COLUMN if isinstance(state, Everything) else _NOTHING_COLUMN
    return Table((Grid(column.reshape(6, *[1] * len(shape)), (0.0,) * len(shape)),))


def simplified(table: Table) -> State:
    """The table as a line where it is one again, as NOTHING or EVERYTHING where it is that."""
    if all(_is_column(grid, _NOTHING_COLUMN) for grid in table.grids):
        return NOTHING
    if not any(np.isfinite(grid.rows[L_LO]).any() for grid in table.grids):
        return EVERYTHING
    if len(table.grids) == 1:
        return _as_line(table.grids[0]) or table
    return table


def shortest_lengths(data: Array) -> Array:
    """From end to end of the shortest-path intervals; infinite for an empty one."""
    low, high = data[S_LO], data[S_HI]
    return np.where(high < low, INF, high - low)


def merged(grids: Sequence[Grid], shape: Shape) -> Table:
    """Grids of one tensor with those that run along the same dimensions united."""
    by_pattern: dict[tuple[bool, ...], Grid] = {}
    for grid in grids:
        known = by_pattern.get(grid.pattern)
        by_pattern[grid.pattern] = grid if known is None else unite(known, grid)
    found = list(by_pattern.values())
    placeless = by_pattern.get((False,) * len(shape))
    if placeless is not None and len(found) > 1:
        found = [unite(grid, placeless) for grid in found if grid is not placeless]
    return Table(tuple(found))


def choose_smaller(first: Array, second: Array) -> Array:
    """Rows of ``first`` with the shortest-path interval of ``second`` where that is smaller."""
    result = first.copy()
    known = first[S_HI] >= first[S_LO]
    better = (shortest_lengths(second) < shortest_lengths(first)) | (
        ~known & (second[S_HI] >= second[S_LO])
    )
    for row in (S_LO, S_HI):
        result[row] = np.where(better, second[row], first[row])
    return result


def unite(first: Grid, second: Grid) -> Grid:
    """Both grids of one tensor as one, placed as the first is; it runs along all dimensions that
    the second does."""
    if first.rows is second.rows:
        return first
    first, second = alike(first, second)
    a, b = first.rows, second.rows
    if a.shape != b.shape:
        a, b = np.broadcast_arrays(a, b)
    result = choose_smaller(a, b)
    result[POSITION] = np.where(np.isnan(a[POSITION]), b[POSITION], a[POSITION])
    result[L_LO] = np.minimum(a[L_LO], b[L_LO])
    result[L_HI] = np.maximum(a[L_HI], b[L_HI])
    result[CONTEXT] = np.maximum(a[CONTEXT], b[CONTEXT])
    return Grid(result, first.steps, first.digits)


def united_over(data: Array, dim: int, runs: bool) -> Array:
    """One dimension contracted, kept with size 1.

    Positions unite both intervals; channels unite the local one and keep the smallest of the
    shortest. An element without a place does not move the position.
    """
    axis = dim + 1
    if data.shape[axis] == 1:
        return data
    result = np.empty([*data.shape[:axis], 1, *data.shape[axis + 1 :]])
    places = _least_position if runs else _first_position
    result[POSITION] = places(data[POSITION], dim)
    for lo, hi in ((S_LO, S_HI), (L_LO, L_HI)):
        result[lo] = data[lo].min(axis=dim, keepdims=True)
        result[hi] = data[hi].max(axis=dim, keepdims=True)
    if not runs:
        lengths = shortest_lengths(data)
        best = lengths.argmin(axis=dim, keepdims=True)
        finite = np.isfinite(np.take_along_axis(lengths, best, axis=dim))
        for row in (S_LO, S_HI):
            chosen = np.take_along_axis(data[row], best, axis=dim)
            result[row] = np.where(finite, chosen, result[row])
    result[CONTEXT] = data[CONTEXT].max(axis=dim, keepdims=True)
    return result


def contracted(grid: Grid, dim: int) -> Grid:
    """``united_over`` for a dimension that may be folded; the inner digits go first."""
    if not grid.varies(dim):
        return grid
    rows, runs = grid.rows, grid.steps[dim] != 0
    for axis in reversed(grid.axes(dim)):
        rows = united_over(rows, axis - 1, runs)
    digits = [() if d == dim else grid.digits_of(d) for d in range(grid.rank)]
    sizes = [
        size
        for d in range(grid.rank)
        for size in ([1] if d == dim else [rows.shape[axis] for axis in grid.axes(d)])
    ]
    return Grid(rows.reshape(len(rows), *sizes), grid.steps, normal(digits))


def table_seeing_globally(table: Table) -> Table:
    """The table with every element marked as having global context."""
    return Table(tuple(_with_context(grid) for grid in table.grids))


def everywhere(rank: int) -> Grid:
    """EVERYTHING as a grid of ``rank`` dimensions."""
    return Grid(_EVERYTHING_COLUMN.reshape(6, *[1] * rank), (0.0,) * rank)


def _with_context(grid: Grid) -> Grid:
    rows = grid.rows.copy()
    rows[CONTEXT] = True
    return Grid(rows, grid.steps, grid.digits)


def _least_position(position: Array, dim: int) -> Array:
    known = np.where(np.isnan(position), INF, position).min(axis=dim, keepdims=True)
    return np.where(np.isinf(known), np.nan, known)


def _first_position(position: Array, dim: int) -> Array:
    first = np.isfinite(position).argmax(axis=dim, keepdims=True)
    return np.take_along_axis(position, first, axis=dim)


def _from_line(line: Line, shape: Shape) -> Grid:
    size = shape[line.dim]
    moved = np.arange(size) * line.stride
    data = np.empty((6, size))
    data[POSITION] = moved
    data[S_LO:CONTEXT] = moved + np.array([*line.shortest, *line.local])[:, None]
    data[CONTEXT] = line.context
    wide: list[int] = [6] + [1] * len(shape)
    wide[line.dim + 1] = size
    steps = tuple(float(line.stride) if dim == line.dim else 0.0 for dim in range(len(shape)))
    return Grid(data.reshape(wide), steps)


def _from_parts(state: Parts, shape: Shape) -> Table:
    tables = []
    for length, run in state.runs:
        part = tuple(length if dim == state.dim else size for dim, size in enumerate(shape))
        tables.append((as_table(run, part), part))
    return concatenated(tables, state.dim)


def concatenated(tables: Sequence[tuple[Table, Shape]], dim: int) -> Table:
    """Tables one after the other along ``dim``; grids are matched by what they run along."""
    grids = []
    for pattern in patterns([table for table, _ in tables]):
        pieces = [(grid_for(table, pattern), shape) for table, shape in tables]
        steps = max((grid.steps for grid, _ in pieces), key=any)
        grid = Grid(_joined(pieces, dim), steps)
        single = all(shape[dim] <= 1 for _, shape in tables)
        grids.append(_strung(grid, dim) if single and not any(steps) else grid)
    return Table(tuple(grids))


def _strung(grid: Grid, dim: int) -> Grid:
    """Positions taken one at a time, as a loop does, run along ``dim`` if they advance evenly.

    So do their ends, if each step remembers those before (or, backwards, their beginnings).
    """
    if grid.rows.shape[dim + 1] < 3:
        return grid
    for row in (POSITION, L_HI, L_LO):
        with np.errstate(invalid="ignore"):
            gaps = np.diff(grid.rows[row], axis=dim)
        if gaps.min() == gaps.max() != 0 and np.isfinite(gaps).all():
            rows = grid.rows.copy()
            rows[POSITION] = rows[row]
            steps = tuple(float(gaps.max()) if d == dim else 0.0 for d in range(grid.rank))
            return Grid(rows, steps)
    return grid


def patterns(tables: Sequence[Table]) -> list[tuple[bool, ...]]:
    """Along which dimensions the grids of ``tables`` run; placeless ones only if all are."""
    found = dict.fromkeys(grid.pattern for table in tables for grid in table.grids)
    running = [pattern for pattern in found if any(pattern)]
    return running or list(found)


def grid_for(table: Table, pattern: tuple[bool, ...]) -> Grid:
    """The grid of ``table`` that stands where others run along ``pattern``."""
    for grid in table.grids:
        if grid.pattern == pattern:
            return grid
    for grid in table.grids:
        if not any(grid.pattern):
            return grid
    rank = len(pattern)
    return Grid(_NOTHING_COLUMN.reshape(6, *[1] * rank), (0.0,) * rank)


def _joined(pieces: Sequence[tuple[Grid, Shape]], dim: int) -> Array:
    rank = pieces[0][0].rank
    others = [
        d for d in range(rank) if d != dim and any(g.data.shape[d + 1] > 1 for g, _ in pieces)
    ]
    return np.concatenate([grid.spread(shape, [*others, dim]) for grid, shape in pieces], dim + 1)


def _is_column(grid: Grid, column: Array) -> bool:
    return bool((grid.rows.reshape(6, -1)[1:] == column[1:, None]).all())


def _as_line(grid: Grid) -> Line | None:
    running = [dim for dim, step in enumerate(grid.steps) if step]
    varied = [dim for dim in range(grid.rank) if grid.varies(dim)]
    if grid.digits or len(running) != 1 or varied not in ([], running):
        return None
    if not np.isfinite(grid.rows).all():
        return None
    (dim,) = running
    step = grid.steps[dim]
    if step < 1 or not step.is_integer():
        return None
    flat = grid.rows.reshape(6, -1)
    ramp = np.arange(flat.shape[1]) * step
    if (flat[MOVING] - ramp != flat[MOVING, :1]).any() or (flat[CONTEXT] != flat[CONTEXT, 0]).any():
        return None
    low, high, first, last = (int(value) for value in flat[S_LO : L_HI + 1, 0])
    return Line(dim, int(step), (low, high), (first, last), bool(flat[CONTEXT].any()))
