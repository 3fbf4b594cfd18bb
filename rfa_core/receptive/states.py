"""Footprints of a whole tensor along one axis, in the forms that need no arrays.

A state says, for every element of a tensor, which input positions can influence it along
one input axis. In a regular network this is affine in the index along one dimension
(``Line``), or affine on each run of channels (``Parts``, after a concatenation of branches
that have seen different amounts). ``NOTHING`` is a constant, ``EVERYTHING`` has only global
paths left. Whatever fits none of these is a ``Table`` (see ``table``).

Intervals are closed, ``(lo, hi)``, in unclipped input coordinates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

Interval = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Nothing:
    """Depends on no input position: parameters, buffers, literals."""


@dataclass(frozen=True, slots=True)
class Everything:
    """Every path went through a global operation: sees all, and has no place of its own."""


NOTHING = Nothing()
EVERYTHING = Everything()


@dataclass(frozen=True, slots=True)
class Line:
    """Footprints affine in the index ``q`` along dimension ``dim``.

    Element ``q`` has the nominal position ``stride * q`` and the footprints ``shortest``
    and ``local``, both given for index 0 and moved by ``stride * q``. ``context`` says that
    some path went through a global operation.
    """

    dim: int
    stride: int
    shortest: Interval
    local: Interval
    context: bool = False

    def moved(self, pixels: int, stride: int | None = None) -> Line:
        """Index 0 moved by ``pixels``, optionally with another stride."""
        return Line(
            self.dim,
            self.stride if stride is None else stride,
            (self.shortest[0] + pixels, self.shortest[1] + pixels),
            (self.local[0] + pixels, self.local[1] + pixels),
            self.context,
        )

    def widened(self, before: int, after: int, stride: int) -> Line:
        """A kernel that reaches ``before`` and ``after`` pixels from its first tap's place."""
        return Line(
            self.dim,
            stride,
            (self.shortest[0] + before, self.shortest[1] + after),
            (self.local[0] + before, self.local[1] + after),
            self.context,
        )

    def seeing_globally(self) -> Line:
        return self if self.context else replace(self, context=True)


@dataclass(frozen=True, slots=True)
class Parts:
    """Different lines on consecutive runs of dimension ``dim`` (channels, as a rule).

    ``runs`` holds ``(length, state)``; neighbours differ and at least one is a line.
    """

    dim: int
    runs: tuple[tuple[int, Line | Nothing | Everything], ...]


Simple = Line | Nothing | Everything


def smaller(first: Interval, second: Interval) -> Interval:
    """The interval with the smaller size; the first in a tie."""
    return first if first[1] - first[0] <= second[1] - second[0] else second


def union(first: Interval, second: Interval) -> Interval:
    """The smallest interval that holds both."""
    return min(first[0], second[0]), max(first[1], second[1])


def merge_pair(first: Simple, second: Simple) -> Simple | None:
    """Two operands of an elementwise operation; None if they run on different grids."""
    if isinstance(first, Nothing):
        return second
    if isinstance(second, Nothing):
        return first
    if isinstance(first, Everything):
        return second.seeing_globally() if isinstance(second, Line) else second
    if isinstance(second, Everything):
        return first.seeing_globally()
    if (first.dim, first.stride) != (second.dim, second.stride):
        return None
    if first == second:
        return first
    return Line(
        first.dim,
        first.stride,
        smaller(first.shortest, second.shortest),
        union(first.local, second.local),
        first.context or second.context,
    )


def merge(states: Iterable[Simple]) -> Simple | None:
    """All operands of an elementwise operation, as ``merge_pair``; NOTHING if there are none."""

    total: Simple | None = NOTHING
    for state in states:
        total = None if total is None else merge_pair(total, state)
    return total


def parts(dim: int, runs: Iterable[tuple[int, Simple]]) -> Parts | Simple:
    """Runs along ``dim`` put together: equal neighbours joined, one run is no ``Parts``."""
    joined: list[tuple[int, Simple]] = []
    for length, state in runs:
        if joined and joined[-1][1] == state:
            joined[-1] = (joined[-1][0] + length, state)
        elif length:
            joined.append((length, state))
    if len(joined) == 1:
        return joined[0][1]
    if not any(isinstance(state, Line) for _, state in joined):
        return EVERYTHING
    return Parts(dim, tuple(joined))
