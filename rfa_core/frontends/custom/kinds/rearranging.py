"""The same elements elsewhere, and maps of another size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal

from rfa_core.frontends.custom.kinds.base import layer_kind
from rfa_core.frontends.custom.kinds.windows import map_of
from rfa_core.frontends.custom.options import Sizes
from rfa_core.frontends.described import MisfitError, per_axis
from rfa_core.frontends.draft import Draft
from rfa_core.frontends.phrases import padded, reshaped, sliced, transposed
from rfa_core.graph import operations as op

Mode = Literal["nearest", "linear", "cubic"]
PadMode = Literal["constant", "reflect", "replicate", "circular"]
_MOST_DIMENSIONS = 8


@layer_kind("upsample")
@dataclass(frozen=True, slots=True)
class Upsample:
    """``factor`` times as many positions, interpolated (or copied: ``"nearest"``)."""

    factor: Sizes
    mode: Mode = "nearest"

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        shape = map_of(draft, sources[0])
        factors = per_axis(self.factor, len(shape) - 2, "factor")
        sizes = [size * factor for size, factor in zip(shape[2:], factors, strict=True)]
        dims = tuple(range(2, len(shape)))
        operation = op.Resample(dims, self.mode, scale=tuple(map(float, factors)))
        return draft.add(operation, sources, (*shape[:2], *sizes), "interpolate")


@layer_kind("pixel_shuffle")
@dataclass(frozen=True, slots=True)
class PixelShuffle:
    """Channels to positions: ``factor`` times as many per axis."""

    factor: Sizes

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        _, channels, *sizes = map_of(draft, sources[0])
        count = len(sizes)
        factors = per_axis(self.factor, count, "factor")
        if channels % prod(factors):
            raise MisfitError(f"{channels} channels do not make {prod(factors)} positions each")
        rest = channels // prod(factors)
        name = reshaped(draft, sources[0], (1, rest, *factors, *sizes))
        order = [0, 1, *(dim for k in range(count) for dim in (2 + count + k, 2 + k))]
        name = transposed(draft, name, order)
        made = [size * factor for size, factor in zip(sizes, factors, strict=True)]
        return reshaped(draft, name, (1, rest, *made), "pixel_shuffle")


@layer_kind("pixel_unshuffle")
@dataclass(frozen=True, slots=True)
class PixelUnshuffle:
    """Positions to channels: blocks of ``factor`` positions per axis become channels."""

    factor: Sizes

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        _, channels, *sizes = map_of(draft, sources[0])
        count = len(sizes)
        factors = per_axis(self.factor, count, "factor")
        made, digits = [], []
        for size, factor in zip(sizes, factors, strict=True):
            if size % factor:
                raise MisfitError(f"blocks of {factor} do not fill a map of {size}")
            made.append(size // factor)
            digits += [size // factor, factor]
        name = reshaped(draft, sources[0], (1, channels, *digits))
        order = [0, 1, *(3 + 2 * k for k in range(count)), *(2 + 2 * k for k in range(count))]
        name = transposed(draft, name, order)
        return reshaped(draft, name, (1, channels * prod(factors), *made), "pixel_unshuffle")


@layer_kind("channel_shuffle")
@dataclass(frozen=True, slots=True)
class ChannelShuffle:
    """The channels of ``groups`` groups taken in turn."""

    groups: int

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        shape = draft.shape(sources[0])
        if shape[1] % self.groups:
            raise MisfitError(f"{shape[1]} channels do not make {self.groups} groups")
        apart = (1, self.groups, shape[1] // self.groups, *shape[2:])
        name = reshaped(draft, sources[0], apart)
        name = transposed(draft, name, [0, 2, 1, *range(3, len(apart))])
        return reshaped(draft, name, shape, "channel_shuffle")


@layer_kind("channels")
@dataclass(frozen=True, slots=True)
class Channels:
    """Some of the channels: those from ``start`` (counted from 0) up to ``stop``, without it."""

    start: int
    stop: int

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        found = draft.shape(sources[0])[1]
        if not 0 <= self.start < self.stop <= found:
            raise MisfitError(f"there are no channels {self.start} to {self.stop} of {found}")
        return sliced(draft, sources[0], {1: range(self.start, self.stop)}, "channels")


@layer_kind("pad")
@dataclass(frozen=True, slots=True)
class Pad:
    """Positions added at the ``start`` and the ``end`` of the map, per axis."""

    start: Sizes
    end: Sizes
    mode: PadMode = "constant"

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        start, end = _sides(draft, sources[0], self.start, self.end)
        _reflected(map_of(draft, sources[0])[2:], (*start, *end), self.mode)
        return padded(draft, sources[0], (0, 0, *start), (0, 0, *end), self.mode)


@layer_kind("crop")
@dataclass(frozen=True, slots=True)
class Crop:
    """Positions cut off the ``start`` and the ``end`` of the map, per axis."""

    start: Sizes
    end: Sizes

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        sizes = map_of(draft, sources[0])[2:]
        start, end = _sides(draft, sources[0], self.start, self.end)
        for size, low, high in zip(sizes, start, end, strict=True):
            if low + high >= size:
                raise MisfitError(f"{low} and {high} cut off leave nothing of a map of {size}")
        before, after = ((0, 0, *(-number for number in side)) for side in (start, end))
        return padded(draft, sources[0], before, after, kind="crop")


@layer_kind("reshape")
@dataclass(frozen=True, slots=True)
class Reshape:
    """The same elements in the same order under another shape, without the batch.

    The shape begins with the channels; 0 keeps a size, -1 (once) is worked out.
    """

    shape: tuple[int, ...]

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        found = draft.shape(sources[0])
        if len(self.shape) > _MOST_DIMENSIONS:
            raise MisfitError(f"{len(self.shape)} dimensions, more than {_MOST_DIMENSIONS}")
        kept = [
            found[place + 1] if size == 0 and place + 1 < len(found) else size
            for place, size in enumerate(self.shape)
        ]
        known = prod(size for size in kept if size != -1)
        if kept.count(-1) == 1 and known > 0 and prod(found) % known == 0:
            kept[kept.index(-1)] = prod(found) // known
        if any(size < 1 for size in kept) or prod(kept) != prod(found):
            raise MisfitError(f"{list(found[1:])} cannot have the shape {list(self.shape)}")
        return reshaped(draft, sources[0], (1, *kept))


@layer_kind("permute")
@dataclass(frozen=True, slots=True)
class Permute:
    """The dimensions in another order, counted from 0 without the batch."""

    order: tuple[int, ...]

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        rank = len(draft.shape(sources[0])) - 1
        if sorted(self.order) != list(range(rank)):
            raise MisfitError(f"{list(self.order)} is no order of {rank} dimensions")
        return transposed(draft, sources[0], [0, *(dim + 1 for dim in self.order)], "permute")


def _sides(
    draft: Draft, source: str, start: Sizes, end: Sizes
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    count = len(map_of(draft, source)) - 2
    return per_axis(start, count, "start"), per_axis(end, count, "end")


def _reflected(sizes: Sequence[int], added: Sequence[int], mode: str) -> None:
    """A map can be reflected or repeated in a circle only as far as it reaches."""
    reach = {"reflect": -1, "circular": 0}.get(mode)
    for size, number in zip((*sizes, *sizes), added, strict=True):
        if reach is not None and number > size + reach:
            raise MisfitError(f"{number} positions cannot be made of a map of {size} ({mode})")
