"""Regular networks as a few whole numbers per layer: what verdicts need, and nothing else.

Where every footprint is affine in the index, the shortest one grows by ``(k - 1) * d * j``
whatever the padding is, and a map of an image of ``n`` pixels has ``(n + c) // j`` positions:
``((n + c) // j + e) // s`` is ``(n + c + j * e) // (j * s)``. So a layer is the same three
numbers per axis at every resolution (``Along``), and a changed layer costs those after it.
What is not regular raises IrregularError: its footprints need the whole analysis (``propagate``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple, Protocol

Runs = tuple[tuple[int, int], ...]
"""Consecutive channels that have seen the same: how many, and the size of what they saw."""
Row = tuple[int, ...]
"""A layer as numbers (see ``Regular``)."""
NOT_JUDGED, WEIGHTS, POOLING = range(3)


class IrregularError(Exception):
    """A layer that needs the whole analysis."""


class Along(NamedTuple):
    """A tensor along one axis.

    ``seen`` is the size of its shortest footprint in pixels and ``stride`` its effective stride,
    both 0 where only global paths are left. It has ``(n + offset) // stride`` positions for an
    image of ``n`` pixels, a global one ``offset``. ``runs`` says what channels have seen where
    they differ.
    """

    seen: int
    stride: int
    offset: int
    runs: Runs = ()


NOWHERE = Along(0, 0, 1)
"""One position that has seen everything."""


class Sliding(NamedTuple):
    """A window along one axis: it reaches over ``span`` positions, and makes
    ``(m + extra) // stride`` of a map of ``m``."""

    kernel: int
    span: int
    stride: int
    extra: int


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
    equal: tuple[tuple[int, Along, Along], ...] = ()
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
        first = _slid(along[0], windows[0], mixes)
        return (first, *(
            first if along[at] is along[0] and windows[at] is windows[0]
            else _slid(along[at], windows[at], mixes)
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
        along = tuple(self._taken(one) for one in source.along)
        return Known(along, self.stop - self.start, flat=source.flat)

    def _taken(self, along: Along) -> Along:
        if not along.runs:
            return along
        ends = accumulate(length for length, _ in along.runs)
        runs = tuple(
            (min(end, self.stop) - max(end - length, self.start), seen)
            for end, (length, seen) in zip(ends, along.runs, strict=True)
            if end > self.start and end - length < self.stop
        )
        return _of_runs(along, runs)


@dataclass(frozen=True, slots=True)
class Merge:
    """Branches position by position; maps of one position are spread."""

    def after(self, sources: Sequence[Known]) -> Known:
        if len({source.flat for source in sources}) > 1:
            raise IrregularError
        channels = {source.channels for source in sources}
        if len(channels) > 1 and (len(channels - {1}) > 1 or any(map(_differ, sources))):
            raise IrregularError
        equal: list[tuple[int, Along, Along]] = []
        along = tuple(
            _merged([source.along[axis] for source in sources], axis, max(channels), equal)
            for axis in range(len(sources[0].along))
        )
        return Known(_shared(along), max(channels), flat=sources[0].flat, equal=tuple(equal))


@dataclass(frozen=True, slots=True)
class Join:
    """The channels of branches, one after the other."""

    def after(self, sources: Sequence[Known]) -> Known:
        if len({source.flat for source in sources}) > 1:
            raise IrregularError
        equal: list[tuple[int, Along, Along]] = []
        along = tuple(_joined(sources, axis, equal) for axis in range(len(sources[0].along)))
        channels = sum(source.channels for source in sources)
        return Known(_shared(along), channels, flat=sources[0].flat, equal=tuple(equal))


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


def _slid(along: Along, window: Sliding, mixes: bool) -> Along:
    if not along.stride:
        return Along(0, 0, (along.offset + window.extra) // window.stride)
    wider = window.span * along.stride
    runs = along.runs
    if runs:
        runs = () if mixes else tuple((length, seen and seen + wider) for length, seen in runs)
    offset = along.offset + along.stride * window.extra
    return Along(along.seen + wider, along.stride * window.stride, offset, runs)


def _merged(
    sources: Sequence[Along], axis: int, channels: int, equal: list[tuple[int, Along, Along]]
) -> Along:
    local = [source for source in sources if source.stride]
    if not local:
        sizes = {source.offset for source in sources}
        if len(sizes - {1}) > 1:
            raise IrregularError
        return Along(0, 0, max(sizes))
    first = local[0]
    _same_grid(sources, axis, equal, first, spread=True)
    if any(source.runs for source in sources):
        return _of_runs(first, _merged_runs(sources, channels))
    seen = min([source.seen for source in local])
    return Along(seen, first.stride, first.offset) if seen != first.seen else first


def _merged_runs(sources: Sequence[Along], channels: int) -> Runs:
    """Channel by channel, the smallest that some operand has seen."""
    runs = [source.runs or ((channels, source.seen),) for source in sources]
    ends = [list(accumulate(length for length, _ in one)) for one in runs]
    merged, start = [], 0
    for end in sorted({end for one in ends for end in one}):
        saw = [
            next(seen for last, (_, seen) in zip(own, one, strict=True) if start < last)
            for own, one in zip(ends, runs, strict=True)
        ]
        merged.append((end - start, min(filter(None, saw), default=0)))
        start = end
    return tuple(merged)


def _joined(sources: Sequence[Known], axis: int, equal: list[tuple[int, Along, Along]]) -> Along:
    along = [source.along[axis] for source in sources]
    local = [one for one in along if one.stride]
    if not local:
        if len({one.offset for one in along}) > 1:
            raise IrregularError
        return along[0]
    _same_grid(along, axis, equal, local[0], spread=False)
    runs: list[tuple[int, int]] = []
    for source, one in zip(sources, along, strict=True):
        runs += one.runs or ((source.channels, one.seen),)
    return _of_runs(local[0], tuple(runs))


def _same_grid(
    sources: Sequence[Along],
    axis: int,
    equal: list[tuple[int, Along, Along]],
    first: Along,
    spread: bool,
) -> None:
    """Note which maps must have as many positions as ``first``; global ones may have one."""
    for one in sources:
        if one.stride and one.stride != first.stride:
            raise IrregularError
        if (one.stride, one.offset) != first[1:3] and not (
            spread and not one.stride and one.offset == 1
        ):
            equal.append((axis, first, one))


def _shared(along: tuple[Along, ...]) -> tuple[Along, ...]:
    """One object where all axes are alike, so that what follows is worked out once."""
    return along[:1] * len(along) if along.count(along[0]) == len(along) else along


def _of_runs(like: Along, runs: Runs) -> Along:
    """What has seen least among ``runs``; the map is that of ``like``."""
    local = [seen for _, seen in runs if seen]
    if not local:
        raise IrregularError
    return Along(min(local), like.stride, like.offset, runs if len(runs) > 1 else ())


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
