"""A run shared by several machines, each of which checks a part of the models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rfa_core.discovery.candidates import Listing
from rfa_core.findings import Finding
from rfa_core.rules.unused_ignore import UnusedIgnore
from rfa_core.rules.wording import count


@dataclass(frozen=True, slots=True)
class Shard:
    """The part ``number`` (from 1) of ``total``."""

    number: int
    total: int

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"

    def share(self, listing: Listing) -> Listing:
        """Every ``total``-th target, in the order of the names.

        Every target of ``listing`` is in one shard, and no two shards differ by more than one.
        Neighbours in the order, which often are variants of one architecture, are in different
        shards.
        """
        everything = (*listing.targets, *listing.broken)
        order = sorted(range(len(everything)), key=lambda place: everything[place].name)
        mine = sorted(order[self.number - 1 :: self.total])
        first = len(listing.targets)
        return replace(
            listing,
            targets=tuple(everything[place] for place in mine if place < first),
            broken=tuple(everything[place] for place in mine if place >= first),
        )

    def notes(self, listing: Listing, unused: Sequence[Finding]) -> tuple[str, ...]:
        """What a shard does not say: ``unused`` is what RFA910 would, whose comments another
        shard may need."""
        found = []
        if not (listing.targets or listing.broken):
            found.append(f"shard {self} has no model: there are fewer models than shards")
        if unused and self.total > 1:
            comments = count(len(unused), "comment")
            needs = "silences" if len(unused) == 1 else "silence"
            found.append(
                f"{comments} {needs} nothing in shard {self}, but maybe in another: "
                f"{UnusedIgnore.code} is for runs without --shard"
            )
        return tuple(found)
