"""Reshapes of a table: dimensions split into digits and joined again.

A reshape only rearranges inside the smallest groups of neighbouring dimensions whose sizes
have equal products. Joined dimensions stay folded into the digits they were joined from, as
long as each split falls between two digits or cuts one evenly.
"""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache
from itertools import pairwise
from math import prod

import numpy as np

from rfa_core.graph.model import Shape
from rfa_core.receptive.grid import POSITION, Array, Digits, Grid, normal
from rfa_core.receptive.table import Table, everywhere

Group = tuple[range, range]


def reshaped(grid: Grid, source: Shape, shape: Shape) -> Grid:
    """The same elements in row-major order under ``shape``.

    A new dimension of size 1 does not run along the axis: whether it is the count of
    windows on a map that is one window or a plain ``unsqueeze`` cannot be told apart. A
    tensor that loses its last dimension along the axis (a map of one position flattened
    into channels) is global from there on, as it is at any larger resolution.
    """
    steps: list[float] = []
    folded = _regrouped(grid, source, shape)
    for group in groups(source, shape):
        steps.extend(_group_steps(grid, folded, group, source, shape))
    if any(grid.steps) and not any(steps):
        return everywhere(len(shape))
    return Grid(folded.rows, tuple(steps), folded.digits)


def joined(table: Table, alone: Set[int], spatial: Set[int], source: Shape, shape: Shape) -> Table:
    """A reshaped table whose positions count the channels that were joined with them.

    ``spatial`` are the dimensions of ``source`` that run along any axis, ``alone`` those
    along this axis only. Channels behind such a dimension become places of their own, at
    fractions of its stride (pixel shuffle); a flattened map is left as it is.
    """
    for before, after in groups(source, shape):
        moving = spatial & set(before)
        for dim in moving & alone if len(moving) == 1 else ():
            behind = prod(source[dim + 1 : before.stop])
            for made in after:
                times, rest = divmod(behind, prod(shape[made + 1 : after.stop]))
                if times > 1 and not rest and not shape[made] % times:
                    table = Table(tuple(_finer(grid, made, times, shape) for grid in table.grids))
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


@lru_cache(maxsize=4096)
def groups(source: Shape, shape: Shape) -> tuple[Group, ...]:
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
    return tuple(found)


def _absorb_ones(sizes: Shape, at: int, rest: Shape) -> int:
    """Where the group ends if it takes the ones at ``at`` that meet no one of ``rest``."""
    while at < len(sizes) and sizes[at] == 1 and rest[:1] != (1,):
        at += 1
    return at


def _regrouped(grid: Grid, source: Shape, shape: Shape) -> Grid:
    """The rows and digits of a reshaped grid; its steps are still to be found."""
    rows, digits, at = grid.rows, [], 1
    for before, after in groups(source, shape):
        sizes = tuple(size for d in before for size in grid.digits_of(d) or (source[d],))
        outer = tuple(shape[d] for d in after)
        if any(grid.varies(d) for d in before):
            rows, found = _split(rows, at, sizes, outer)
        else:
            found = [() for _ in outer]
            rows = _with_axes(rows, at, len(sizes), [1] * len(outer))
        at += sum(max(1, len(one)) for one in found)
        digits += found
    return Grid(rows, (0.0,) * len(shape), normal(digits))


def _split(
    rows: Array, at: int, sizes: tuple[int, ...], outer: tuple[int, ...]
) -> tuple[Array, list[tuple[int, ...]]]:
    """The axes from ``at`` on, of digits ``sizes``, as the digits of dimensions ``outer``."""
    plan = _common_digits(sizes, outer)
    if plan is None:
        whole = np.broadcast_to(rows, (*rows.shape[:at], *sizes, *rows.shape[at + len(sizes) :]))
        count = prod(sizes)
        return _split(_with_axes(whole, at, len(sizes), [count]), at, (count,), outer)
    before, after = plan
    axes = [
        digit if present > 1 else 1
        for present, parts in zip(rows.shape[at:], before, strict=False)
        for digit in parts
    ]
    rows = _compressed(_with_axes(rows, at, len(sizes), axes), range(at, at + len(axes)))
    present, digits, merged = iter(rows.shape[at:]), [], []
    for parts in after:
        own = _joined_digits([(size, next(present)) for size in parts])
        digits.append(tuple(size for size, _ in own) if len(own) > 1 else ())
        merged += [count for _, count in own] or [1]
    return _with_axes(rows, at, len(axes), merged), digits


@lru_cache(maxsize=4096)
def _common_digits(first: tuple[int, ...], second: tuple[int, ...]) -> tuple[Digits, Digits] | None:
    """Per size of both, the digits it has when both are cut alike; None if they cannot be."""
    cuts = sorted({prod(sizes[at:]) for sizes in (first, second) for at in range(len(sizes) + 1)})
    if any(large % small for small, large in pairwise(cuts)):
        return None
    return _cut(first, cuts), _cut(second, cuts)


def _cut(sizes: tuple[int, ...], cuts: list[int]) -> Digits:
    parts = []
    for at in range(len(sizes)):
        inside, whole = prod(sizes[at + 1 :]), prod(sizes[at:])
        own = [cut for cut in reversed(cuts) if inside <= cut <= whole]
        parts.append(tuple(large // small for large, small in pairwise(own)))
    return tuple(parts)


def _joined_digits(digits: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Size and present size of neighbours that vary, or do not vary, put together."""
    joined: list[tuple[int, int]] = []
    for size, present in digits:
        if joined and (joined[-1][1] > 1) == (present > 1):
            size, present = joined[-1][0] * size, joined[-1][1] * present
            joined.pop()
        joined.append((size, present))
    return joined


def _with_axes(rows: Array, at: int, count: int, sizes: list[int]) -> Array:
    """``count`` axes of ``rows`` from ``at`` on reshaped to ``sizes``."""
    return rows.reshape(*rows.shape[:at], *sizes, *rows.shape[at + count :])


def _compressed(rows: Array, axes: range) -> Array:
    """Axes along which nothing changes brought back to size 1."""
    for axis in axes:
        if rows.shape[axis] > 1:
            first = rows.take([0], axis=axis)
            if ((rows == first) | (np.isnan(rows) & np.isnan(first))).all():
                rows = first
    return rows


def _group_steps(
    grid: Grid, folded: Grid, group: Group, source: Shape, shape: Shape
) -> list[float]:
    """The effective strides of a group's new dimensions; for those of size 1 see ``kept_dim``."""
    before, after = group
    inner, outer = [source[d] for d in before], [shape[d] for d in after]
    runs = [grid.steps[d] for d in before]
    if not any(runs):
        return [0.0] * len(outer)
    if inner == outer:
        return runs
    if prod(inner) == 1:
        own = runs if before.start else runs[:1]
        return [next(filter(None, own), 0.0)] + [0.0] * (len(outer) - 1)
    return [_observed(folded, dim) for dim in after]


def _observed(grid: Grid, dim: int) -> float:
    """The commonest change of position along ``dim``; 0 if there is none.

    What has no place of its own (a class token) is passed over.
    """
    places = Grid(grid.rows[:1], grid.steps, grid.digits).unfolded([dim])
    position, dim = places.rows[0], places.axes(dim)[0] - 1
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
