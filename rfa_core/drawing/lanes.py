"""Lanes beside the layers, for edges that skip some; as ``git log --graph`` has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LANE = 12
"""From lane to lane."""


@dataclass(frozen=True, slots=True)
class Lane:
    """The vertical part of one edge, at ``x``; edges from one source share it."""

    source: int
    reader: int
    x: float
    rightward: bool

    @property
    def ends(self) -> tuple[int, int]:
        return self.source, self.reader


def laned(
    edges: Sequence[tuple[int, int]],
    row_of: Sequence[int],
    extents: Sequence[tuple[float, float]],
) -> list[Lane]:
    """A lane for each of ``edges``, as near to the layers that it passes as others let it.

    ``extents`` are the left and the right end of each layer. Short lanes are inside. They run on
    the right; where three do already, on the side that is nearer.
    """
    lefts, rights = [end for end, _ in extents], [end for _, end in extents]
    last: dict[int, int] = {}
    for source, reader in edges:
        last[source] = max(last.get(source, 0), row_of[reader])
    spans = sorted(last.items(), key=lambda span: (span[1] - row_of[span[0]], span[0]))
    xs: dict[int, tuple[float, bool]] = {}
    for source, end in spans:
        passed = slice(row_of[source], end + 1)
        right, left = max(rights[passed]) + LANE, min(lefts[passed]) - LANE
        rightward = right - max(end for _, end in extents[passed]) <= 3 * LANE
        rightward = rightward or right <= -left
        xs[source] = (right if rightward else left, rightward)
        ends = rights if rightward else lefts
        ends[passed] = [xs[source][0]] * len(ends[passed])
    return [Lane(source, reader, *xs[source]) for source, reader in edges]
