"""Regular networks: what verdicts need of each layer, and nothing else.

A layer is a step from what is known of its sources (``Along``, per axis) to what is known of its
result, at all resolutions; after a change, only those that come later are worked out again.
What is not regular raises IrregularError: its footprints need the whole analysis (``propagate``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from rfa_core.receptive.along import (
    NOWHERE,
    Along,
    Equal,
    IrregularError,
    Sliding,
    joined,
    merged,
    shared,
    slid,
    taken,
)

Row = tuple[int, ...]
"""A layer as numbers (see ``Regular``)."""
NOT_JUDGED, WEIGHTS, POOLING = range(3)


class Cost(NamedTuple):
    """Parameters, and multiply-accumulates for each position of the result; ``dense``: parameters
    and multiply-accumulates for each position that comes in."""

    parameters: int = 0
    per_position: int = 0
    dense: int = 0


FREE = Cost()


class Known(NamedTuple):
    """What is known of a tensor: per axis, its channels, and what making it costs.

    ``flat`` are vectors. ``equal`` holds, with their axis, maps that must have as many positions
    as each other, and ``plural`` maps that must have several, for all of this to hold.
    """

    along: tuple[Along, ...]
    channels: int
    cost: Cost = FREE
    flat: bool = False
    equal: tuple[Equal, ...] = ()
    plural: tuple[Along, ...] = ()


class Step(Protocol):
    """A layer of a regular network."""

    def after(self, sources: Sequence[Known]) -> Known:
        """What comes out, of what comes in. Raises IrregularError."""


@dataclass(frozen=True, slots=True)
class Source:
    """An image."""

    axes: int
    channels: int

    def after(self, _sources: Sequence[Known]) -> Known:
        return Known((Along(1, 1, 0),) * self.axes, self.channels)


@dataclass(frozen=True, slots=True)
class Slide:
    """A window, per axis: a convolution to ``filters``, or a pooling (``filters`` 0, no groups).

    ``each``: a convolution of every channel by itself, to ``filters`` channels each.
    """

    windows: tuple[Sliding, ...]
    filters: int = 0
    groups: int = 0
    bias: bool = False
    each: bool = False

    def after(self, sources: Sequence[Known]) -> Known:
        (source,) = sources
        if source.flat:
            raise IrregularError
        channels, filters, groups = source.channels, self.filters, self.groups
        if not filters:
            return Known(self._along(source, mixes=False), channels)
        if self.each:
            filters, groups = channels * filters, channels
        if channels % groups or filters % groups:
            raise IrregularError
        if groups > 1 and not groups == channels == filters and _differ(source):
            raise IrregularError
        weights = filters * channels // groups
        for window in self.windows:
            weights *= window.kernel
        cost = Cost(weights + (filters if self.bias else 0), weights)
        return Known(self._along(source, mixes=groups == 1), filters, cost)

    def _along(self, source: Known, mixes: bool) -> tuple[Along, ...]:
        along, windows = source.along, self.windows
        first = slid(along[0], windows[0], mixes)
        return (first, *(
            first if along[at] is along[0] and windows[at] is windows[0]
            else slid(along[at], windows[at], mixes)
            for at in range(1, len(along))
        ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Extend:
    """Positions added (or, with negative numbers, cut off) per axis; not ``written`` in a graph
    where there are none at either end."""

    added: tuple[int, ...]
    written: bool = True

    def after(self, sources: Sequence[Known]) -> Known:
        (source,) = sources
        if source.flat:
            raise IrregularError
        along = tuple(
            one._replace(offset=one.offset + max(one.stride, 1) * extra)
            for one, extra in zip(source.along, self.added, strict=True)
        )
        return Known(along, source.channels)


@dataclass(frozen=True, slots=True)
class Keep:
    """The same positions: an activation, a norm with ``scales`` parameters per channel."""

    scales: int = 0

    def after(self, sources: Sequence[Known]) -> Known:
        (source,) = sources
        cost = Cost(self.scales * source.channels) if self.scales else FREE
        return Known(source.along, source.channels, cost, source.flat)


@dataclass(frozen=True, slots=True)
class Interleave:
    """Channels in another order, one out of each of ``groups`` groups in turn."""

    groups: int

    def after(self, sources: Sequence[Known]) -> Known:
        (source,) = sources
        if source.flat or source.channels % self.groups or _differ(source):
            raise IrregularError
        return Known(source.along, source.channels, plural=source.along)


@dataclass(frozen=True, slots=True)
class Take:
    """The channels from ``start`` up to ``stop``."""

    start: int
    stop: int

    def after(self, sources: Sequence[Known]) -> Known:
        (source,) = sources
        if not 0 <= self.start < self.stop <= source.channels:
            raise IrregularError
        along = tuple(taken(one, self.start, self.stop) for one in source.along)
        return Known(along, self.stop - self.start, flat=source.flat)


@dataclass(frozen=True, slots=True)
class Merge:
    """Branches position by position; maps of one position are spread."""

    def after(self, sources: Sequence[Known]) -> Known:
        if len({source.flat for source in sources}) > 1:
            raise IrregularError
        channels = {source.channels for source in sources}
        if len(channels) > 1 and (len(channels - {1}) > 1 or any(map(_differ, sources))):
            raise IrregularError
        equal: list[Equal] = []
        along = tuple(
            merged([source.along[axis] for source in sources], axis, max(channels), equal)
            for axis in range(len(sources[0].along))
        )
        return Known(shared(along), max(channels), flat=sources[0].flat, equal=tuple(equal))


@dataclass(frozen=True, slots=True)
class Join:
    """The channels of branches, one after the other."""

    def after(self, sources: Sequence[Known]) -> Known:
        if len({source.flat for source in sources}) > 1:
            raise IrregularError
        equal: list[Equal] = []
        widths = [source.channels for source in sources]
        along = tuple(
            joined([source.along[axis] for source in sources], widths, axis, equal)
            for axis in range(len(sources[0].along))
        )
        return Known(shared(along), sum(widths), flat=sources[0].flat, equal=tuple(equal))


@dataclass(frozen=True, slots=True)
class Gather:
    """One position that sees all of them."""

    def after(self, sources: Sequence[Known]) -> Known:
        (source,) = sources
        if source.flat:
            raise IrregularError
        return Known((NOWHERE,) * len(source.along), source.channels)


@dataclass(frozen=True, slots=True)
class Connect:
    """A fully connected layer to ``units``."""

    units: int
    bias: bool

    def after(self, sources: Sequence[Known]) -> Known:
        (source,) = sources
        if source.channels == 1 and not source.flat:
            raise IrregularError
        cost = Cost(self.units if self.bias else 0, dense=source.channels * self.units)
        return Known((NOWHERE,) * len(source.along), self.units, cost, flat=True)


def _differ(source: Known) -> bool:
    return any(along.runs for along in source.along)


@dataclass(frozen=True, slots=True)
class Part:
    """A layer in its place: ``step`` of the results at the places ``sources``.

    ``pools``: a pooling without padding of its own, which may turn out to follow its map.
    """

    name: str
    step: Step
    sources: tuple[int, ...] = ()
    pools: bool = False


@dataclass(frozen=True, slots=True)
class Regular:
    """A regular network: its ``parts``, each after its sources, and what is ``known`` of each.

    ``rows`` holds the same as numbers: per axis what it has seen, its stride and its offset; per
    axis its kernel; whether it can be judged; the place of its first source; its cost.
    """

    parts: tuple[Part, ...]
    known: tuple[Known, ...] = field(repr=False)
    rows: tuple[Row, ...] = field(repr=False)

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Regular:
        """Work out all of ``parts``. Raises IrregularError."""
        return cls(tuple(parts), *_followed(parts, [], []))

    def changed(self, parts: Mapping[int, Part]) -> Regular:
        """The network with other ``parts`` by place: worked out from the first of them on.

        Raises IrregularError.
        """
        start = min(parts, default=len(self.parts))
        every = list(self.parts)
        for place, part in parts.items():
            every[place] = part
        known, rows = list(self.known[:start]), list(self.rows[:start])
        return Regular(tuple(every), *_followed(every, known, rows))


def _followed(
    parts: Sequence[Part], known: list[Known], rows: list[Row]
) -> tuple[tuple[Known, ...], tuple[Row, ...]]:
    """What is known of all ``parts``, of which some are ``known`` already."""
    for part in parts[len(known) :]:
        made = part.step.after([known[source] for source in part.sources])
        known.append(made)
        rows.append(_row(part, made))
    return tuple(known), tuple(rows)


def _row(part: Part, known: Known) -> Row:
    step, axes = part.step, known.along
    source = part.sources[0] if part.sources else 0
    along = [number for one in axes for number in one[:3]]
    if not isinstance(step, Slide):
        return (*along, *(0,) * len(axes), NOT_JUDGED, source, *known.cost)
    kernel = [window.kernel for window in step.windows]
    return (*along, *kernel, WEIGHTS if step.filters else POOLING, source, *known.cost)
