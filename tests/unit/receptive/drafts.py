"""Graphs in the making, with what each dimension of their tensors stands for.

A dimension is a tuple of digits ``(axis, size)``, the slowest first; ``axis`` is None for
channels. It runs along an axis if one of its digits does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod

from building import Net
from hypothesis import strategies as st

from rfa_core.graph.model import Graph

Digit = tuple[int | None, int]
Dim = tuple[Digit, ...]


@dataclass
class Drawn:
    """A graph, and per node the meaning of its dimensions."""

    graph: Graph
    dims: dict[str, tuple[Dim, ...]]

    def running(self, axis: int) -> dict[str, frozenset[int]]:
        return {
            name: frozenset(d for d, dim in enumerate(dims) if any(a == axis for a, _ in dim))
            for name, dims in self.dims.items()
        }


@dataclass
class Draft:
    """A graph in the making; ``pool`` holds the tensors that later operations may read."""

    draw: Callable[..., int]
    net: Net
    dims: dict[str, tuple[Dim, ...]] = field(default_factory=dict)
    pool: list[str] = field(default_factory=list)

    def pick(self, *options: object) -> object:
        return self.draw(st.sampled_from(options))

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def keep(self, name: str, dims: tuple[Dim, ...]) -> str:
        fitted = zip(dims, self.net.shape(name), strict=True)
        self.dims[name] = tuple(_fit(dim, size) for dim, size in fitted)
        return name

    def spatial(self, name: str) -> list[int]:
        return [d for d, dim in enumerate(self.dims[name]) if any(a is not None for a, _ in dim)]

    def plain(self, name: str) -> bool:
        """``[1, channels, *axes]`` as convolutions read it."""
        dims = self.dims[name]
        return len(dims) == 2 + self.net.axes and all(
            len(dim) == 1 and dim[0][0] == (d - 2 if d >= 2 else None) for d, dim in enumerate(dims)
        )


def _fit(dim: Dim, size: int) -> Dim:
    """The digits of a dimension that was resized: one, if it no longer splits as before."""
    if prod(count for _, count in dim) == size:
        return dim
    if len(dim) == 1:
        return ((dim[0][0], size),)
    return tuple((axis, 0) for axis, _ in dim)


def without(dims: tuple[Dim, ...], dim: int) -> tuple[Dim, ...]:
    return (*dims[:dim], *dims[dim + 1 :])


def opaque(dims: tuple[Dim, ...], dim: int) -> tuple[Dim, ...]:
    """The same axes, but no digits that a reshape could take apart."""
    known = dims[dim]
    if len(known) == 1:
        return dims
    return (*dims[:dim], tuple((axis, 0) for axis, _ in known), *dims[dim + 1 :])


Step = Callable[[Draft, str], "str | None"]
