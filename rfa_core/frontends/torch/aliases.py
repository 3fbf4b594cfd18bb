"""Where in its base tensor a view lies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from rfa_core.graph.model import Shape


@dataclass(frozen=True, slots=True)
class Box:
    """A regular grid of a base tensor, seen through a view.

    Per dimension of the base: the grid begins at ``starts``, takes every ``steps``-th index
    and has ``sizes`` of them. ``order[d]`` is the dimension of the view that runs where the
    ``d``-th of its dimensions would run if it kept the base's order.
    """

    starts: tuple[int, ...]
    steps: tuple[int, ...]
    sizes: Shape
    order: tuple[int, ...]

    @property
    def inverse(self) -> tuple[int, ...]:
        """The order of dimensions that undoes ``order``."""
        return tuple(self.order.index(dim) for dim in range(len(self.order)))


def box_of(view: Tensor, base: Tensor) -> Box | None:
    """What ``view`` covers of ``base``; None if that is no grid (a diagonal, an overlap)."""
    if view.is_contiguous() and base.is_contiguous() and view.numel() == base.numel():
        return _everything(view, base)
    strides = _nested_strides(base)
    if strides is None:
        return None
    starts = _starts(int(view.storage_offset()) - int(base.storage_offset()), strides, base.dim())
    steps, sizes = [1] * base.dim(), [1] * base.dim()
    home: dict[int, int] = {}
    for place, (stride, size) in enumerate(zip(view.stride(), view.shape, strict=True)):
        if size == 1:
            continue
        dim = next((dim for dim, own in strides if own <= stride and stride % own == 0), None)
        if dim is None or dim in home.values():
            return None
        home[place], steps[dim], sizes[dim] = dim, stride // base.stride(dim), size
    ends = [start + (n - 1) * step for start, n, step in zip(starts, sizes, steps, strict=True)]
    if any(end >= size for end, size in zip(ends, base.shape, strict=True)):
        return None
    return Box(tuple(starts), tuple(steps), tuple(sizes), _order(view.dim(), home))


def _order(rank: int, home: Mapping[int, int]) -> tuple[int, ...]:
    """The view's dimensions in the base's order; those of size 1 stay where they are."""
    sorted_ones = iter(sorted(home, key=home.__getitem__))
    return tuple(next(sorted_ones) if place in home else place for place in range(rank))


def _everything(view: Tensor, base: Tensor) -> Box:
    rank = base.dim()
    return Box((0,) * rank, (1,) * rank, tuple(base.shape), tuple(range(view.dim())))


def _nested_strides(base: Tensor) -> list[tuple[int, int]] | None:
    """Dimensions with their strides, the widest first; None if they overlap."""
    strides = sorted(
        ((dim, base.stride(dim)) for dim in range(base.dim()) if base.shape[dim] > 1),
        key=lambda pair: -pair[1],
    )
    inner = 1
    for dim, stride in reversed(strides):
        if stride < inner:
            return None
        inner = stride * base.shape[dim]
    return strides


def _starts(offset: int, strides: list[tuple[int, int]], rank: int) -> list[int]:
    starts = [0] * rank
    for dim, stride in strides:
        starts[dim], offset = divmod(offset, stride)
    return starts
