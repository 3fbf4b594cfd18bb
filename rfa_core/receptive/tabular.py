"""Transfer rules on tables: every operation applied to the footprints of each element."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Literal

import numpy as np
import numpy.typing as npt

from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape
from rfa_core.receptive.reshaping import reshaped
from rfa_core.receptive.states import NOTHING
from rfa_core.receptive.table import (
    CONTEXT,
    INF,
    L_HI,
    L_LO,
    MOVING,
    POSITION,
    S_HI,
    S_LO,
    Array,
    Grid,
    State,
    Table,
    as_table,
    concatenated,
    everywhere,
    grid_for,
    merged,
    patterns,
    simplified,
    united_over,
)
from rfa_core.receptive.taps import Indices, Taps, resample_taps, window_taps


def transfer(
    operation: op.Operation, states: Sequence[State], shapes: Sequence[Shape], shape: Shape
) -> State:
    """The state of the result of ``operation``; operands in any form."""
    tables = [as_table(state, source) for state, source in zip(states, shapes, strict=True)]
    rule = _MANY.get(type(operation))
    if rule is not None:
        return simplified(rule(operation, tables, shapes, shape), shape)
    each = _ONE[type(operation)]
    grids = [each(operation, grid, shapes[0], shape) for grid in tables[0].grids]
    return simplified(merged(grids, shape), shape)


def taken(grid: Grid, dim: int, size: int, index: Indices) -> Array:
    """The rows at ``index`` along ``dim``; indices outside continue the neighbours.

    A position outside is found by extending the footprints by the effective stride, one
    period of the pattern (the denominator of a fractional stride) at a time.
    """
    step = grid.steps[dim]
    present = grid.data.shape[dim + 1]
    period = Fraction(step).limit_denominator(4096).denominator if step else 1
    if period >= size:
        period = 1
    below = -(np.minimum(index, 0) // period) * period
    above = -((size - 1 - np.maximum(index, size - 1)) // period) * period
    inside = np.clip(index + below - above, 0, present - 1)
    data: Array = np.take(grid.data, inside, axis=dim + 1)
    shift = (above - below) * step
    if present == 1 and size > 1:
        return data
    if shift.any():
        wide = [1] * grid.rank
        wide[dim] = len(index)
        data[MOVING] += shift.reshape(wide)
    return data


def _tapped(grid: Grid, dim: int, size: int, taps: Taps) -> Grid:
    """Each output along ``dim`` unites its taps; output ``q`` is placed at ``q * factor``."""
    step = grid.steps[dim]
    if not step and grid.data.shape[dim + 1] == 1:
        return grid
    united = _united_taps(grid, dim, size, taps)
    place = np.arange(len(taps.index)) * taps.factor
    whole = np.floor(place).astype(np.int64)
    wide = [1] * grid.rank
    wide[dim] = len(place)
    nominal = taken(Grid(grid.data[:1], grid.steps), dim, size, whole)[0]
    united[POSITION] = nominal + ((place - whole) * step).reshape(wide)
    return Grid(united, _with_step(grid, dim, step * taps.factor))


def _united_taps(grid: Grid, dim: int, size: int, taps: Taps) -> Array:
    runs = grid.steps[dim] != 0
    outputs, count = taps.index.shape
    data = taken(grid, dim, size, taps.index.reshape(-1))
    split = data.reshape(*data.shape[: dim + 1], outputs, count, *data.shape[dim + 2 :])
    if taps.valid is not None:
        split = _masked(split, taps.valid, dim)
    return united_over(split, dim + 1, runs).squeeze(dim + 2)


def _masked(data: Array, valid: npt.NDArray[np.bool_], dim: int) -> Array:
    wide = [1] * (data.ndim - 1)
    wide[dim], wide[dim + 1] = valid.shape
    mask = valid.reshape(wide)
    result = data.copy()
    result[POSITION] = np.where(mask, data[POSITION], np.nan)
    for lo, hi in ((S_LO, S_HI), (L_LO, L_HI)):
        result[lo] = np.where(mask, data[lo], INF)
        result[hi] = np.where(mask, data[hi], -INF)
    result[CONTEXT] = np.where(mask, data[CONTEXT], 0.0)
    return result


def _with_step(grid: Grid, dim: int, step: float) -> tuple[float, ...]:
    return (*grid.steps[:dim], step, *grid.steps[dim + 1 :])


def _window(operation: op.Window, grid: Grid, source: Shape, shape: Shape) -> Grid:
    for place, dim in enumerate(operation.dims):
        grid = _tapped(grid, dim, source[dim], window_taps(operation, place, shape[dim]))
    return _grouped(operation, grid, source, shape)


def _grouped(operation: op.Window, grid: Grid, source: Shape, shape: Shape) -> Grid:
    """Channels united by groups; they may run along the axis, like any other dimension."""
    channel, groups = operation.channel, operation.groups
    if channel is None or groups == 0:
        return grid
    runs, axis = grid.steps[channel] != 0, channel + 1
    if grid.data.shape[axis] == 1 and not runs:
        return grid
    if groups == 1 and runs and not any(_with_step(grid, channel, 0.0)):
        return everywhere(grid.rank)
    data = grid.spread(source, [channel])
    split = data.reshape(
        *data.shape[:axis], groups, source[channel] // groups, *data.shape[axis + 1 :]
    )
    united = united_over(split, channel + 1, runs).squeeze(axis + 1)
    if groups == 1:
        return Grid(united, _with_step(grid, channel, 0.0))
    step = grid.steps[channel] * source[channel] / shape[channel]
    repeated = np.repeat(united, shape[channel] // groups, axis=axis)
    return Grid(repeated, _with_step(grid, channel, step))


def _resample(operation: op.Resample, grid: Grid, source: Shape, shape: Shape) -> Grid:
    for place, dim in enumerate(operation.dims):
        if operation.mode == "adaptive" and shape[dim] == 1:
            grid = _one_bin(grid, dim)
            continue
        if operation.copies(source[dim], shape[dim]):
            continue
        taps = resample_taps(operation, place, source[dim], shape[dim])
        grid = _tapped(grid, dim, source[dim], taps)
    return grid


def _one_bin(grid: Grid, dim: int) -> Grid:
    """Adaptive pooling to a single bin: a contraction of ``dim``, whatever its size."""
    steps = _with_step(grid, dim, 0.0)
    if grid.steps[dim] and not any(steps):
        return everywhere(grid.rank)
    return Grid(united_over(grid.data, dim, grid.steps[dim] != 0), steps)


def _same(_operation: op.Operation, grid: Grid, _source: Shape, _shape: Shape) -> Grid:
    return grid


def _permute(operation: op.Permute, grid: Grid, _source: Shape, _shape: Shape) -> Grid:
    order = [0, *(dim + 1 for dim in operation.order)]
    return Grid(grid.data.transpose(order), tuple(grid.steps[dim] for dim in operation.order))


def _reshape(_operation: op.Reshape, grid: Grid, source: Shape, shape: Shape) -> Grid:
    return reshaped(grid, source, shape)


def _picked(grid: Grid, dim: int, index: Indices, factor: float) -> Grid:
    steps = _with_step(grid, dim, grid.steps[dim] * factor)
    if grid.data.shape[dim + 1] == 1:
        return Grid(grid.data, steps)
    return Grid(np.take(grid.data, index, axis=dim + 1), steps)


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
    one = _picked(grid, dim, np.array([operation.index]), 1.0)
    return Grid(one.data.squeeze(dim + 1), (*grid.steps[:dim], *grid.steps[dim + 1 :]))


def _roll(operation: op.Roll, grid: Grid, _source: Shape, _shape: Shape) -> Grid:
    data = grid.data
    for dim, shift in zip(operation.dims, operation.shifts, strict=True):
        data = np.roll(data, shift, axis=dim + 1) if data.shape[dim + 1] > 1 else data
    return Grid(data, grid.steps)


def _repeat(operation: op.Repeat, grid: Grid, source: Shape, shape: Shape) -> Grid:
    offset = len(shape) - len(source)
    data = grid.data.reshape(6, *[1] * offset, *grid.data.shape[1:])
    result = Grid(data, (0.0,) * offset + grid.steps)
    for dim, times in enumerate(operation.times):
        size = 1 if dim < offset else source[dim - offset]
        if times != 1 and result.data.shape[dim + 1] > 1:
            result = Grid(
                np.take(result.data, np.arange(size * times) % size, axis=dim + 1), result.steps
            )
        elif times != 1:
            result = Grid(result.data, _with_step(result, dim, 0.0))
    return result


def _unfold(operation: op.Unfold, grid: Grid, source: Shape, shape: Shape) -> Grid:
    dim, step = operation.dim, grid.steps[operation.dim]
    steps = (*_with_step(grid, dim, step * operation.step), step * operation.dilation)
    if grid.data.shape[dim + 1] == 1:
        return Grid(grid.data[..., None], steps)
    starts = np.arange(shape[dim])[:, None] * operation.step
    index = starts + np.arange(operation.size)[None, :] * operation.dilation
    data = taken(grid, dim, source[dim], index.reshape(-1))
    split = data.reshape(*data.shape[: dim + 1], *index.shape, *data.shape[dim + 2 :])
    return Grid(np.moveaxis(split, dim + 2, -1), steps)


def _fold(operation: op.Fold, grid: Grid, source: Shape, shape: Shape) -> Grid:
    dim, window_dim = operation.dim, operation.window_dim
    if grid.data.shape[dim + 1] == 1 and grid.data.shape[window_dim + 1] == 1:
        data = grid.data.squeeze(window_dim + 1)
        return Grid(data, _dropped(grid.steps, window_dim))
    data = grid.spread(source, [dim, window_dim])
    flat = np.moveaxis(data, window_dim + 1, dim + 2)
    count, size = source[dim], source[window_dim]
    joined = flat.reshape(*flat.shape[: dim + 1], count * size, *flat.shape[dim + 3 :])
    place = (
        np.arange(count)[:, None] * operation.step + np.arange(size) * operation.dilation
    ).reshape(-1)
    most = int(np.bincount(place, minlength=shape[dim]).max())
    index = np.zeros((shape[dim], most), dtype=np.int64)
    valid = np.zeros((shape[dim], most), dtype=bool)
    filled = np.zeros(shape[dim], dtype=np.int64)
    for source_index, target in enumerate(place):
        if target < shape[dim]:
            index[target, filled[target]] = source_index
            valid[target, filled[target]] = True
            filled[target] += 1
    step = grid.steps[dim] / operation.step
    whole = Grid(joined, _dropped(_with_step(grid, dim, step), window_dim))
    return Grid(_united_taps(whole, dim, count * size, Taps(index, valid, 1.0)), whole.steps)


def _dropped(steps: tuple[float, ...], dim: int) -> tuple[float, ...]:
    return (*steps[:dim], *steps[dim + 1 :])


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
    data = grid.data.reshape(6, *[1] * offset, *grid.data.shape[1:])
    kept = [
        step if source[dim] == shape[dim + offset] else 0.0 for dim, step in enumerate(grid.steps)
    ]
    return Grid(data, (0.0,) * offset + tuple(kept))


def _contract(
    operation: op.Contract, tables: Sequence[Table], _shapes: Sequence[Shape], shape: Shape
) -> Table:
    grids = [
        _contract_grid(grid, labels, operation.output)
        for table, labels in zip(tables, operation.labels, strict=True)
        for grid in table.grids
    ]
    return merged(grids, shape)


def _contract_grid(grid: Grid, labels: tuple[int, ...], output: tuple[int, ...]) -> Grid:
    gone = [dim for dim, label in enumerate(labels) if label not in output]
    left = [step for dim, step in enumerate(grid.steps) if dim not in gone]
    if any(grid.steps[dim] for dim in gone) and not any(left):
        return everywhere(len(output))
    data = grid.data
    for dim in sorted(gone, key=lambda dim: grid.steps[dim] != 0):
        data = united_over(data, dim, grid.steps[dim] != 0)
    sources = [labels.index(label) if label in labels else None for label in output]
    squeezed = data.squeeze(tuple(dim + 1 for dim in gone)) if gone else data
    kept = [dim for dim in range(len(labels)) if dim not in gone]
    order = [kept.index(source) for source in sources if source is not None]
    moved = squeezed.transpose([0, *(place + 1 for place in order)])
    for place, source in enumerate(sources):
        if source is None:
            moved = np.expand_dims(moved, place + 1)
    steps = tuple(0.0 if source is None else grid.steps[source] for source in sources)
    return Grid(moved, steps)


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
        varied = [
            dim
            for dim in range(len(shape))
            if max(under.data.shape[dim + 1], over.data.shape[dim + 1]) > 1
        ]
        data = under.spread(shape, [*cut, *varied]).copy()
        data[(slice(None), *box)] = over.spread(shapes[1], [*cut, *varied])
        steps = tuple(a or b for a, b in zip(under.steps, over.steps, strict=True))
        grids.append(Grid(data, steps))
    return Table(tuple(grids))


def _pad(
    operation: op.Pad, tables: Sequence[Table], shapes: Sequence[Shape], shape: Shape
) -> Table:
    table, source = tables[0], shapes[0]
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
        return Table(tuple(_picked(grid, dim, index, 1.0) for grid in table.grids))
    core = Table(tuple(_picked(grid, dim, kept, 1.0) for grid in table.grids))
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
    wrapped = _picked(grid, dim, index, 1.0)
    if grid.data.shape[dim + 1] > 1:
        places = taken(Grid(grid.data[:1], grid.steps), dim, size, beyond)
        wrapped.data[POSITION] = places[0]
    return wrapped


def _sized(shape: Shape, dim: int, size: int) -> Shape:
    return (*shape[:dim], size, *shape[dim + 1 :])


_ONE: dict[type, Callable[..., Grid]] = {
    op.Window: _window,
    op.Resample: _resample,
    op.Norm: _same,
    op.Permute: _permute,
    op.Reshape: _reshape,
    op.Slice: _slice,
    op.Select: _select,
    op.Gather: _gather,
    op.Roll: _roll,
    op.Repeat: _repeat,
    op.Unfold: _unfold,
    op.Fold: _fold,
}

_MANY: dict[type, Callable[..., Table]] = {
    op.Pointwise: pointwise,
    op.Expand: pointwise,
    op.Contract: _contract,
    op.Concat: _concat,
    op.Overwrite: _overwrite,
    op.Pad: _pad,
}
