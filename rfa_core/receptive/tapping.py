"""Transfer rules on tables where each output reads several inputs along a dimension."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rfa_core.graph import operations as op
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
    fraction,
)
from rfa_core.receptive.table import (
    INF,
    everywhere,
    united_over,
)
from rfa_core.receptive.taps import Indices, Taps, resample_taps, window_taps

LONGEST_PERIOD = 64
PROBED = 64
"""Places at which a period is tried before it is tried at all of them."""
ROUNDING = 1e-6


def window(operation: op.Window, grid: Grid, source: Shape, shape: Shape) -> Grid:
    """Convolution and pooling, transposed ones too: taps along each dimension, then channels."""
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
    if groups == 1 and runs and not any(with_step(grid, channel, 0.0)):
        return everywhere(grid.rank)
    data = grid.spread(source, [channel])
    split = data.reshape(
        *data.shape[:axis], groups, source[channel] // groups, *data.shape[axis + 1 :]
    )
    united = united_over(split, channel + 1, runs).squeeze(axis + 1)
    if groups == 1:
        return Grid(united, with_step(grid, channel, 0.0))
    step = grid.steps[channel] * source[channel] / shape[channel]
    repeated = np.repeat(united, shape[channel] // groups, axis=axis)
    return Grid(repeated, with_step(grid, channel, step))


def resample(operation: op.Resample, grid: Grid, source: Shape, shape: Shape) -> Grid:
    """Interpolation and adaptive pooling."""
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
    steps = with_step(grid, dim, 0.0)
    if grid.steps[dim] and not any(steps):
        return everywhere(grid.rank)
    return Grid(united_over(grid.data, dim, grid.steps[dim] != 0), steps)


def unfold(operation: op.Unfold, grid: Grid, source: Shape, shape: Shape) -> Grid:
    """Windows cut out; each element keeps its own footprint."""
    dim, step = operation.dim, grid.steps[operation.dim]
    steps = (*with_step(grid, dim, step * operation.step), step * operation.dilation)
    if grid.data.shape[dim + 1] == 1:
        return Grid(grid.data[..., None], steps)
    starts = np.arange(shape[dim])[:, None] * operation.step
    index = starts + np.arange(operation.size)[None, :] * operation.dilation
    data = taken(grid, dim, source[dim], index.ravel())
    split = data.reshape(*data.shape[: dim + 1], *index.shape, *data.shape[dim + 2 :])
    return Grid(np.moveaxis(split, dim + 2, -1), steps)


def fold(operation: op.Fold, grid: Grid, source: Shape, shape: Shape) -> Grid:
    """Windows put back: each output unites what was written to it."""
    dim, window_dim = operation.dim, operation.window_dim
    count, size = source[dim], source[window_dim]
    place = (
        np.arange(count)[:, None] * operation.step + np.arange(size) * operation.dilation
    ).ravel()
    covered = np.isin(np.arange(shape[dim]), place).all()
    if covered and not grid.varies(dim) and not grid.varies(window_dim):
        data = grid.data.squeeze(window_dim + 1)
        return Grid(data, _dropped(grid.steps, window_dim))
    data = grid.spread(source, [dim, window_dim])
    flat = np.moveaxis(data, window_dim + 1, dim + 2)
    joined = flat.reshape(*flat.shape[: dim + 1], count * size, *flat.shape[dim + 3 :])
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
    whole = Grid(joined, _dropped(with_step(grid, dim, step), window_dim))
    united = _united_taps(whole, dim, count * size, Taps(index, valid, 1.0))
    outputs = np.arange(shape[dim])
    window = np.minimum(outputs // operation.step, count - 1)
    wide = [1] * whole.rank
    wide[dim] = len(outputs)
    nominal = np.take(joined[POSITION], window * size, axis=dim)
    united[POSITION] = nominal + ((outputs - window * operation.step) * step).reshape(wide)
    return Grid(united, whole.steps)


def taken(grid: Grid, dim: int, size: int, index: Indices) -> Array:
    """The rows at ``index`` along ``dim``; indices outside continue the neighbours.

    A position outside is found by extending the footprints by the effective stride, one
    period of the pattern at a time.
    """
    step = grid.steps[dim]
    present = grid.data.shape[dim + 1]
    outside = index.min(initial=0) < 0 or index.max(initial=0) >= size
    period = _period(grid, dim, size) if step and outside else 1
    below = -(np.minimum(index, 0) // period) * period
    above = -((size - 1 - np.maximum(index, size - 1)) // period) * period
    inside = np.minimum(index + below - above, present - 1)
    data: Array = np.take(grid.data, inside, axis=dim + 1)
    shift = (above - below) * step
    if shift.any():
        wide = [1] * grid.rank
        wide[dim] = len(index)
        data[MOVING] += shift.reshape(wide)
    return data


def _period(grid: Grid, dim: int, size: int) -> int:
    """After how many indices the footprints repeat, moved by as many effective strides.

    It is a multiple of the denominator of a fractional stride; that, where none is found.
    """
    least = fraction(grid.steps[dim]).denominator
    rows = np.moveaxis(grid.data[MOVING], dim + 1, -1)
    some = size // PROBED | 1
    for period in range(least, min(size, LONGEST_PERIOD * least + 1), least):
        moved = period * grid.steps[dim]
        if all(_moves(rows[..., :-period:k], rows[..., period::k], moved) for k in (some, 1)):
            return period
    return least if least < size else 1


def _moves(before: Array, after: Array, moved: float) -> bool:
    with np.errstate(invalid="ignore"):
        change = after - before
    known = change[~np.isnan(change)]
    return bool(np.abs(known - moved).max(initial=0.0) < ROUNDING)


def _tapped(grid: Grid, dim: int, size: int, taps: Taps) -> Grid:
    """Each output along ``dim`` unites its taps; output ``q`` is placed at ``q * factor``."""
    step = grid.steps[dim]
    if not step and not grid.varies(dim) and not taps.leave_holes:
        return grid
    united = _united_taps(grid, dim, size, taps)
    place = np.arange(len(taps.index)) * taps.factor
    whole = np.floor(place).astype(np.int64)
    wide = [1] * grid.rank
    wide[dim] = len(place)
    nominal = taken(Grid(grid.data[:1], grid.steps), dim, size, whole)[0]
    united[POSITION] = nominal + ((place - whole) * step).reshape(wide)
    return Grid(united, with_step(grid, dim, step * taps.factor))


def _united_taps(grid: Grid, dim: int, size: int, taps: Taps) -> Array:
    runs = grid.steps[dim] != 0
    outputs, count = taps.index.shape
    data = taken(grid, dim, size, taps.index.ravel())
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


def with_step(grid: Grid, dim: int, step: float) -> tuple[float, ...]:
    """The effective strides of ``grid`` with another one along ``dim``."""
    return (*grid.steps[:dim], step, *grid.steps[dim + 1 :])


def _dropped(steps: tuple[float, ...], dim: int) -> tuple[float, ...]:
    return (*steps[:dim], *steps[dim + 1 :])
