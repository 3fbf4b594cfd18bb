"""Reshapes of a table: dimensions split into digits and joined again.

A reshape only rearranges inside the smallest groups of neighbouring dimensions whose sizes
have equal products. Groups on which nothing depends stay unmaterialised.
"""

from __future__ import annotations

from collections.abc import Set
from math import prod

import numpy as np

from rfa_core.graph.model import Shape
from rfa_core.receptive.table import POSITION, Array, Grid, Table, everywhere

Group = tuple[range, range]


def reshaped(grid: Grid, source: Shape, shape: Shape) -> Grid:
    """The same elements in row-major order under ``shape``.

    A new dimension of size 1 does not run along the axis: whether it is the count of
    windows on a map that is one window or a plain ``unsqueeze`` cannot be told apart. A
    tensor that loses its last dimension along the axis (a map of one position flattened
    into channels) is global from there on, as it is at any larger resolution.
    """
    data, steps = grid.data, []
    axis = 1
    for before, after in groups(source, shape):
        inner, outer = [source[d] for d in before], [shape[d] for d in after]
        lively = any(data.shape[axis + k] > 1 for k in range(len(before)))
        runs = [grid.steps[d] for d in before]
        data = _group_data(data, axis, inner, outer, lively)
        if lively:
            data = _compressed(data, range(axis, axis + len(outer)))
        steps.extend(_group_steps(data, axis, runs, inner, outer))
        axis += len(outer)
    if any(grid.steps) and not any(steps):
        return everywhere(len(shape))
    return Grid(data, tuple(steps))


def joined(table: Table, alone: Set[int], spatial: Set[int], source: Shape, shape: Shape) -> Table:
    """A reshaped table whose positions count the channels that were joined with them.

    ``spatial`` are the dimensions of ``source`` that run along any axis, ``alone`` those
    along this axis only. Channels behind such a dimension become places of their own, at
    fractions of its stride (pixel shuffle); a flattened map is left as it is.
    """
    for before, after in groups(source, shape):
        large = [dim for dim in after if shape[dim] > 1]
        moving = [dim for dim in before if dim in spatial]
        behind = prod(source[dim] for dim in before if moving and dim > moving[-1])
        if len(large) == len(moving) == 1 and moving[0] in alone and behind > 1:
            table = Table(tuple(_finer(grid, large[0], behind, shape) for grid in table.grids))
    return table


def _finer(grid: Grid, dim: int, times: int, shape: Shape) -> Grid:
    if not grid.steps[dim]:
        return grid
    step = grid.steps[dim] / times
    data = grid.spread(shape, [dim]).copy()
    wide = [1] * grid.rank
    wide[dim] = shape[dim]
    data[POSITION] += (np.arange(shape[dim]) % times * step).reshape(wide)
    return Grid(data, (*grid.steps[:dim], step, *grid.steps[dim + 1 :]))


def groups(source: Shape, shape: Shape) -> list[Group]:
    """The smallest runs of dimensions with equal products, in order.

    A one of ``source`` joins the group before it, unless ``shape`` has a one to meet it.
    """
    found: list[Group] = []
    i = j = 0
    while i < len(source) or j < len(shape):
        start_i, start_j = i, j
        i, j = min(i + 1, len(source)), min(j + 1, len(shape))
        while prod(source[start_i:i]) != prod(shape[start_j:j]):
            if prod(source[start_i:i]) < prod(shape[start_j:j]):
                i += 1
            else:
                j += 1
        i = _absorb_ones(source, i, shape[j:])
        if i == len(source):
            j = len(shape)
        found.append((range(start_i, i), range(start_j, j)))
    return found


def _absorb_ones(sizes: Shape, at: int, rest: Shape) -> int:
    """Where the group ends if it takes the ones at ``at`` that meet no one of ``rest``."""
    while at < len(sizes) and sizes[at] == 1 and rest[:1] != (1,):
        at += 1
    return at


def _group_data(data: Array, axis: int, inner: list[int], outer: list[int], lively: bool) -> Array:
    head, tail = data.shape[:axis], data.shape[axis + len(inner) :]
    if not lively:
        return data.reshape(*head, *[1] * len(outer), *tail)
    return np.broadcast_to(data, (*head, *inner, *tail)).reshape(*head, *outer, *tail)


def _compressed(data: Array, axes: range) -> Array:
    """Dimensions along which nothing changes brought back to size 1."""
    for axis in axes:
        if data.shape[axis] > 1:
            first = data.take([0], axis=axis)
            if ((data == first) | (np.isnan(data) & np.isnan(first))).all():
                data = first
    return data


def _group_steps(
    data: Array, axis: int, runs: list[float], inner: list[int], outer: list[int]
) -> list[float]:
    if not any(runs):
        return [0.0] * len(outer)
    if inner == outer:
        return runs
    if prod(inner) == 1:
        return [0.0] * (len(outer) - 1) + [next(step for step in runs if step)]
    return [_observed(data[POSITION], axis - 1 + k) for k in range(len(outer))]


def _observed(position: Array, dim: int) -> float:
    """The commonest change of position along ``dim``; 0 if there is none.

    What has no place of its own (a class token) is passed over.
    """
    size = position.shape[dim]
    if size < 2:
        return 0.0
    wide = [1] * position.ndim
    wide[dim] = size
    index = np.where(np.isfinite(position), np.arange(size).reshape(wide), 0)
    last = np.maximum.accumulate(index, axis=dim)
    changes = np.diff(np.take_along_axis(position, last, axis=dim), axis=dim).ravel()
    moving = changes[np.isfinite(changes) & (changes != 0)]
    if not len(moving):
        return 0.0
    values, counts = np.unique(np.round(moving, 6), return_counts=True)
    return float(values[counts.argmax()])
