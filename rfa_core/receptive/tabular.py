"""Transfer rules on tables: every operation applied to the footprints of each element."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape
from rfa_core.receptive.grid import CONTEXT, L_HI, L_LO, POSITION, S_HI, S_LO, Grid
from rfa_core.receptive.reshaping import reshaped
from rfa_core.receptive.states import NOTHING
from rfa_core.receptive.table import (
    State,
    Table,
    as_table,
    choose_smaller,
    concatenated,
    contracted,
    everywhere,
    grid_for,
    merged,
    patterns,
    simplified,
)
from rfa_core.receptive.tapping import fold, resample, taken, unfold, window, with_step
from rfa_core.receptive.taps import Indices


def transfer(
    operation: op.Operation, states: Sequence[State], shapes: Sequence[Shape], shape: Shape
) -> State:
    """The state of the result of ``operation``; operands in any form."""
    tables = [as_table(state, source) for state, source in zip(states, shapes, strict=True)]
    rule = _MANY.get(type(operation))
    if rule is not None:
        return simplified(rule(operation, tables, shapes, shape))
    each = _ONE[type(operation)]
    given = tables[0].grids
    if type(operation) not in _FOLDED:
        given = tuple(grid.unfolded(range(grid.rank)) for grid in given)
    grids = [each(operation, grid, shapes[0], shape) for grid in given]
    return simplified(merged(grids, shape))


def _same(_operation: op.Operation, grid: Grid, _source: Shape, _shape: Shape) -> Grid:
    return grid


def _permute(operation: op.Permute, grid: Grid, _source: Shape, _shape: Shape) -> Grid:
    return grid.rearranged(operation.order)


def _reshape(_operation: op.Reshape, grid: Grid, source: Shape, shape: Shape) -> Grid:
    return reshaped(grid, source, shape)


def _picked(grid: Grid, dim: int, index: Indices, factor: float = 1.0) -> Grid:
    steps = with_step(grid, dim, grid.steps[dim] * factor)
    if not grid.varies(dim):
        return Grid(grid.rows, steps, grid.digits)
    grid = grid.unfolded([dim])
    return Grid(np.take(grid.rows, index, axis=grid.axes(dim)[0]), steps, grid.digits)


def _slice(operation: op.Slice, grid: Grid, _source: Shape, shape: Shape) -> Grid:
    index = operation.start + np.arange(shape[operation.dim]) * operation.step
    return _picked(grid, operation.dim, index, operation.step)


def _gather(operation: op.Gather, grid: Grid, _source: Shape, _shape: Shape) -> Grid:
    index = np.array(operation.indices, dtype=np.int64)
    gaps = np.diff(index)
    factor = float(np.median(gaps)) if len(gaps) else 1.0
    return _picked(grid, operation.dim, index, factor or 1.0)


def _select(operation: op.Select, grid: Grid, _source: Shape, _shape: Shape) -> Grid:
    dim = operation.dim
    one = _picked(grid, dim, np.array([operation.index]))
    return one.rearranged([other for other in range(grid.rank) if other != dim])


def _roll(operation: op.Roll, grid: Grid, _source: Shape, _shape: Shape) -> Grid:
    axes = [dim + 1 for dim in operation.dims]
    return Grid(np.roll(grid.data, operation.shifts, axes), grid.steps)


def _recurrent(operation: op.Recurrent, grid: Grid, _source: Shape, _shape: Shape) -> Grid:
    """Every element sees those before it along the dimension, too."""
    data, runs = grid.data.copy(), grid.steps[operation.dim] != 0
    for before, here in pairwise(np.moveaxis(data, operation.dim + 1, 0)):
        if not runs:
            here[:] = choose_smaller(here, before)
        for lo, hi in ((S_LO, S_HI), (L_LO, L_HI))[not runs :]:
            np.minimum(before[lo], here[lo], out=here[lo])
            np.maximum(before[hi], here[hi], out=here[hi])
        np.maximum(before[CONTEXT], here[CONTEXT], out=here[CONTEXT])
    return Grid(data, grid.steps)


def _repeat(operation: op.Repeat, grid: Grid, source: Shape, shape: Shape) -> Grid:
    wide = grid.rearranged([None] * (len(shape) - len(source)) + list(range(grid.rank)))
    copies = [times if wide.varies(dim) else 1 for dim, times in enumerate(operation.times)]
    steps = [
        step if made == times else 0.0
        for step, made, times in zip(wide.steps, copies, operation.times, strict=True)
    ]
    return Grid(np.tile(wide.rows, (1, *copies)), tuple(steps))


def pointwise(
    _operation: op.Operation, tables: Sequence[Table], shapes: Sequence[Shape], shape: Shape
) -> Table:
    """Elementwise with broadcasting over all grids of all operands."""
    grids = [
        _broadcast(grid, source, shape)
        for table, source in zip(tables, shapes, strict=True)
        for grid in table.grids
    ]
    return merged(grids, shape)


def _broadcast(grid: Grid, source: Shape, shape: Shape) -> Grid:
    offset = len(shape) - len(source)
    moved = grid.rearranged([None] * offset + list(range(grid.rank)))
    kept = [
        step if source[dim] == shape[dim + offset] else 0.0 for dim, step in enumerate(grid.steps)
    ]
    return Grid(moved.rows, (0.0,) * offset + tuple(kept), moved.digits)


def _contract(
    operation: op.Contract, tables: Sequence[Table], shapes: Sequence[Shape], shape: Shape
) -> Table:
    output = operation.output
    grids = [
        _broadcast(_contract_grid(grid, labels, output), _left(labels, output, source), shape)
        for table, labels, source in zip(tables, operation.labels, shapes, strict=True)
        for grid in table.grids
    ]
    return merged(grids, shape)


def _contract_grid(grid: Grid, labels: tuple[int, ...], output: tuple[int, ...]) -> Grid:
    gone = [dim for dim, label in enumerate(labels) if label not in output]
    left = [step for dim, step in enumerate(grid.steps) if dim not in gone]
    if any(grid.steps[dim] for dim in gone) and not any(left):
        return everywhere(len(output))
    for dim in sorted(gone, key=lambda dim: not grid.steps[dim]):
        grid = contracted(grid, dim)
    return grid.rearranged([labels.index(label) if label in labels else None for label in output])


def _left(labels: tuple[int, ...], output: tuple[int, ...], source: Shape) -> Shape:
    """The shape of what a contraction leaves of an operand, in the order of its result."""
    return tuple(source[labels.index(label)] if label in labels else 1 for label in output)


def _concat(
    operation: op.Concat, tables: Sequence[Table], shapes: Sequence[Shape], _shape: Shape
) -> Table:
    return concatenated(list(zip(tables, shapes, strict=True)), operation.dim)


def _overwrite(
    operation: op.Overwrite, tables: Sequence[Table], shapes: Sequence[Shape], shape: Shape
) -> Table:
    """The box of the value put into the base, on the dimensions that it does not cover whole."""
    base, value = tables
    grids = []
    box = tuple(
        slice(start, start + size * step, step)
        for start, size, step in zip(operation.starts, shapes[1], operation.steps, strict=True)
    )
    cut = [dim for dim, size in enumerate(shape) if shapes[1][dim] != size]
    for pattern in patterns(tables):
        under, over = grid_for(base, pattern), grid_for(value, pattern)
        if _holds(under, over, box):
            grids.append(under)
            continue
        varied = [dim for dim in range(len(shape)) if over.varies(dim)]
        data = under.spread(shape, [*cut, *varied]).copy()
        data[(slice(None), *box)] = over.data
        grids.append(Grid(data, max(under.steps, over.steps, key=any)))
    return Table(tuple(grids))


def _holds(under: Grid, over: Grid, box: tuple[slice, ...]) -> bool:
    """Whether ``under`` has the elements of ``over`` in the box already."""
    cuts = [cut if under.varies(dim) else slice(None) for dim, cut in enumerate(box)]
    inside, other = np.broadcast_arrays(under.data[(slice(None), *cuts)], over.data)
    return np.array_equal(inside, other, equal_nan=True)


def _pad(
    operation: op.Pad, tables: Sequence[Table], shapes: Sequence[Shape], shape: Shape
) -> Table:
    (table,), (source,) = tables, shapes
    for dim, (before, after) in enumerate(zip(operation.before, operation.after, strict=True)):
        if before or after:
            table = _pad_dim(operation.mode, table, source, dim, before, after)
            source = (*source[:dim], shape[dim], *source[dim + 1 :])
    return table


def _pad_dim(mode: str, table: Table, source: Shape, dim: int, before: int, after: int) -> Table:
    size = source[dim]
    kept = np.arange(max(0, -before), size - max(0, -after))
    beyond = np.arange(-before, size + after)
    if mode == "circular":
        index = np.pad(kept, (max(0, before), max(0, after)), "wrap")
        return Table(tuple(_wrapped(grid, dim, size, index, beyond) for grid in table.grids))
    if any(grid.steps[dim] for grid in table.grids):
        return Table(
            tuple(Grid(taken(grid, dim, size, beyond), grid.steps) for grid in table.grids)
        )
    if mode != "constant":
        edges: Literal["reflect", "edge"] = "reflect" if mode == "reflect" else "edge"
        index = np.pad(kept, (max(0, before), max(0, after)), edges)
        return Table(tuple(_picked(grid, dim, index) for grid in table.grids))
    core = Table(tuple(_picked(grid, dim, kept) for grid in table.grids))
    pieces = [(max(0, before), None), (len(kept), core), (max(0, after), None)]
    return concatenated(
        [
            (
                as_table(NOTHING, _sized(source, dim, length)) if part is None else part,
                _sized(source, dim, length),
            )
            for length, part in pieces
            if length
        ],
        dim,
    )


def _wrapped(grid: Grid, dim: int, size: int, index: Indices, beyond: Indices) -> Grid:
    """The footprints of ``index``, in the places that ``beyond`` has when the map goes on."""
    wrapped = _picked(grid, dim, index)
    if grid.data.shape[dim + 1] > 1:
        places = taken(Grid(grid.data[:1], grid.steps), dim, size, beyond)
        wrapped.data[POSITION] = places[0]
    return wrapped


def _sized(shape: Shape, dim: int, size: int) -> Shape:
    return (*shape[:dim], size, *shape[dim + 1 :])


_ONE: dict[type, Callable[..., Grid]] = {
    op.Window: window,
    op.Resample: resample,
    op.Norm: _same,
    op.Permute: _permute,
    op.Reshape: _reshape,
    op.Slice: _slice,
    op.Select: _select,
    op.Gather: _gather,
    op.Roll: _roll,
    op.Repeat: _repeat,
    op.Recurrent: _recurrent,
    op.Unfold: unfold,
    op.Fold: fold,
}

_FOLDED = frozenset({op.Norm, op.Permute, op.Reshape, op.Slice, op.Select, op.Gather})
"""Operations that take grids as they are folded; the others have one axis per dimension."""

_MANY: dict[type, Callable[..., Table]] = {
    op.Pointwise: pointwise,
    op.Expand: pointwise,
    op.Contract: _contract,
    op.Concat: _concat,
    op.Overwrite: _overwrite,
    op.Pad: _pad,
}
