"""One array of footprints, broadcast along whatever they do not depend on.

The rows of a ``Grid`` hold, for every element of a tensor, a nominal position and two
intervals (along the shortest path; over all local paths). Dimensions on which nothing
depends have size 1: the footprints of a ``[1, 512, 14, 14]`` map along the height are 14
columns, not 100,352. A dimension that a reshape has joined from several, such as the tokens
``H * W`` of a map, may stay *folded* into those digits, so that the ones on which nothing
depends need no columns either.

Rows are floats: infinities are exact, an empty interval is ``(inf, -inf)``, and integers
are exact to 2**53.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise
from math import prod

import numpy as np
import numpy.typing as npt

from rfa_core.graph.model import Shape

Array = npt.NDArray[np.float64]
Digits = tuple[tuple[int, ...], ...]

POSITION, S_LO, S_HI, L_LO, L_HI, CONTEXT = range(6)
MOVING = slice(POSITION, CONTEXT)
DENOMINATOR = 4096
"""The largest of an effective stride."""


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """``rows[row, ...]`` per element; ``steps[d]`` is the effective stride along dimension
    ``d``, 0 where it does not run along the axis.

    ``digits[d]`` holds the sizes of the digits that dimension ``d`` is folded into, outermost
    first, each with an axis of its own in ``rows``; it is empty for a dimension with a single
    axis, and ``digits`` is empty if all are.
    """

    rows: Array
    steps: tuple[float, ...]
    digits: Digits = ()

    @property
    def rank(self) -> int:
        return len(self.steps)

    @property
    def pattern(self) -> tuple[bool, ...]:
        return tuple(map(bool, self.steps))

    @property
    def data(self) -> Array:
        """The rows with one axis per dimension."""
        return self.unfolded(range(self.rank)).rows

    def digits_of(self, dim: int) -> tuple[int, ...]:
        return self.digits[dim] if self.digits else ()

    def axes(self, dim: int) -> range:
        """The axes of ``rows`` that dimension ``dim`` has."""
        return _layout(len(self.steps), self.digits)[dim]

    def varies(self, dim: int) -> bool:
        """Whether elements differ along ``dim``, as far as the array says; so if it is folded."""
        if not self.digits:
            return bool(self.rows.shape[dim + 1] > 1)
        return bool(self.digits[dim]) or bool(self.rows.shape[self.axes(dim)[0]] > 1)

    def unfolded(self, dims: Iterable[int]) -> Grid:
        """The same with one axis for each of ``dims``."""
        folded = [dim for dim in dims if self.digits_of(dim)]
        if not folded:
            return self
        wide, flat, digits = [len(self.rows)], [len(self.rows)], []
        for dim in range(self.rank):
            present = [self.rows.shape[axis] for axis in self.axes(dim)]
            opened = dim in folded
            wide += self.digits_of(dim) if opened else present
            flat += [prod(self.digits_of(dim))] if opened else present
            digits.append(() if opened else self.digits_of(dim))
        rows = np.broadcast_to(self.rows, wide).reshape(flat)
        return Grid(rows, self.steps, normal(digits))

    def rearranged(self, order: Sequence[int | None]) -> Grid:
        """Dimensions in another order; None is a new one of size 1, those left out have size 1."""
        axes = [axis for dim in order if dim is not None for axis in self.axes(dim)]
        rest = [axis for axis in range(1, self.rows.ndim) if axis not in axes]
        sizes = [
            size
            for dim in order
            for size in ([1] if dim is None else [self.rows.shape[axis] for axis in self.axes(dim)])
        ]
        rows = self.rows.transpose([0, *axes, *rest]).reshape(len(self.rows), *sizes)
        digits = [() if dim is None else self.digits_of(dim) for dim in order]
        steps = tuple(0.0 if dim is None else self.steps[dim] for dim in order)
        return Grid(rows, steps, normal(digits))

    def spread(self, shape: Shape, dims: Iterable[int]) -> Array:
        """The data with ``dims`` at their full sizes."""
        data = self.data
        wanted = list(data.shape)
        for dim in dims:
            wanted[dim + 1] = shape[dim]
        return np.broadcast_to(data, wanted)


@lru_cache(maxsize=4096)
def _layout(rank: int, digits: Digits) -> tuple[range, ...]:
    counts = [max(1, len(own)) for own in digits] or [1] * rank
    ends = list(accumulate(counts, initial=1))
    return tuple(range(start, end) for start, end in pairwise(ends))


def normal(digits: Sequence[tuple[int, ...]]) -> Digits:
    """``digits`` per dimension as a ``Grid`` holds them."""
    return tuple(digits) if any(digits) else ()


def alike(first: Grid, second: Grid) -> tuple[Grid, Grid]:
    """Two grids of one tensor with the same digits; folded alike or where one varies alone."""
    if first.digits == second.digits:
        return first, second
    apart = [
        dim
        for dim in range(first.rank)
        if first.digits_of(dim) != second.digits_of(dim)
        and first.varies(dim)
        and second.varies(dim)
    ]
    first, second = first.unfolded(apart), second.unfolded(apart)
    digits = [first.digits_of(dim) or second.digits_of(dim) for dim in range(first.rank)]
    return _folded_as(first, digits), _folded_as(second, digits)


def _folded_as(grid: Grid, digits: Sequence[tuple[int, ...]]) -> Grid:
    """The same with axes of size 1 for digits that ``grid`` does not have."""
    sizes: list[int] = []
    for dim, wanted in enumerate(digits):
        present = [grid.rows.shape[axis] for axis in grid.axes(dim)]
        sizes += [1] * len(wanted) if wanted and not grid.digits_of(dim) else present
    return Grid(grid.rows.reshape(len(grid.rows), *sizes), grid.steps, normal(digits))


def fraction(value: float) -> Fraction:
    """The effective stride that ``value`` is, without what floating point has lost."""
    return Fraction(float(value)).limit_denominator(DENOMINATOR)
