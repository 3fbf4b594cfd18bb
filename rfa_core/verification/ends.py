"""Where the claimed footprints of one tensor begin and end, and which can be observed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rfa_core.agreement import Outcome
from rfa_core.receptive.claims import Claim

Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]

KINDS = 6
"""So many different sizes of footprints are told apart in one tensor, the largest first."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The ends of the claimed footprints in whole pixels; ``(count, -1)`` where none is local.

    ``low`` and ``high`` can be broadcast to the tensor's shape, ``comparable`` has it;
    ``own`` says that all of the tensor is NaN whatever the input is.
    """

    low: Whole
    high: Whole
    comparable: Flags
    own: bool

    @property
    def compact(self) -> Flags:
        """``comparable`` in the shape of ``low``, without elements that claim nothing."""
        same = tuple(dim for dim, size in enumerate(self.low.shape) if size == 1)
        return self.comparable.any(axis=same, keepdims=True) & (self.high >= self.low)

    def kinds(self) -> list[tuple[Whole, Whole]]:
        """The beginnings and the ends of the comparable footprints, size by size."""
        compact = self.compact
        low, high = self.low[compact], self.high[compact]
        sizes = np.unique(high - low)[::-1][:KINDS]
        alike = [high - low == size for size in sizes]
        return [(np.unique(low[same]), np.unique(high[same])) for same in alike]

    def outcome(self, lows: Whole, highs: Whole) -> Outcome:
        """What it means that no difference was seen with these beginnings and ends pinned."""
        compact = self.compact
        if np.isin(self.low[compact], lows).any() and np.isin(self.high[compact], highs).any():
            return Outcome.AGREES
        if self.own:
            return Outcome.OWN
        return Outcome.CLIPPED if (self.high >= self.low).any() else Outcome.CONSTANT

    def at(self, element: tuple[int, ...]) -> tuple[int, int]:
        """The claimed footprint of one element."""
        low, high = (np.broadcast_to(end, self.comparable.shape) for end in (self.low, self.high))
        return int(low[element]), int(high[element])


def claimed_ends(claim: Claim, own: Flags, edge: Flags, count: int) -> Ends:
    """The ends that ``claim`` states on an axis of ``count`` pixels.

    Nothing can be observed of elements that are NaN by themselves (``own``), that read beyond
    the end of a tensor (``edge``) or whose footprint is not inside the input.
    """
    empty = claim.high < claim.low
    low = np.where(empty, count, claim.low).round().astype(np.int64)
    high = np.where(empty, -1, claim.high).round().astype(np.int64)
    inside = empty | ((low >= 0) & (high < count))
    comparable = inside & ~claim.blind & ~own & ~edge
    return Ends(low, high, comparable, bool(own.all()))


def chosen(kinds: Iterable[Whole]) -> frozenset[int]:
    """Values such that of every kind some member ``v`` is among them together with ``v - 1``.

    Members that others of them need as well are preferred, so that they are few.
    """
    wanted = [kind for kind in kinds if len(kind)]
    anchor = max((int(kind.min()) for kind in wanted), default=0)
    found: set[int] = set()
    for kind in wanted:
        if not pinned(found).intersection(kind.tolist()):
            value = int(kind[np.abs(kind - anchor).argmin()])
            found |= {value, value - 1}
    return frozenset(found - {-1})


def pinned(values: Iterable[int]) -> frozenset[int]:
    """Those of ``values`` whose predecessor is there, too (0 needs none)."""
    known = {-1, *values}
    return frozenset(value for value in known if value >= 0 and value - 1 in known)
