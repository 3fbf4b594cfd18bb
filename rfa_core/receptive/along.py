"""A tensor of a regular network along one axis: three whole numbers that hold at every resolution.

Where every footprint is affine in the index, the shortest one grows by ``(k - 1) * d * j``
whatever the padding is, and a map of an image of ``n`` pixels has ``(n + c) // j`` positions:
``((n + c) // j + e) // s`` is ``(n + c + j * e) // (j * s)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

Runs = tuple[tuple[int, int], ...]
"""Consecutive channels that have seen the same: how many, and the size of what they saw."""


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


Equal = tuple[int, Along, Along]
"""An axis, and two tensors that must have as many positions along it."""


class Sliding(NamedTuple):
    """A window along one axis: it reaches over ``span`` positions, and makes
    ``(m + extra) // stride`` of a map of ``m``."""

    kernel: int
    span: int
    stride: int
    extra: int


def slid(along: Along, window: Sliding, mixes: bool) -> Along:
    """What a window makes of it; one that ``mixes`` channels has seen the least of any."""
    if not along.stride:
        return Along(0, 0, (along.offset + window.extra) // window.stride)
    wider = window.span * along.stride
    runs = along.runs
    if runs:
        runs = () if mixes else tuple((length, seen and seen + wider) for length, seen in runs)
    offset = along.offset + along.stride * window.extra
    return Along(along.seen + wider, along.stride * window.stride, offset, runs)


def merged(sources: Sequence[Along], axis: int, channels: int, equal: list[Equal]) -> Along:
    """The smallest of all, position by position; notes what must be ``equal`` for that."""
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


def joined(along: Sequence[Along], widths: Sequence[int], axis: int, equal: list[Equal]) -> Along:
    """The channels of ``along`` one after the other, so many (``widths``) of each."""
    local = [one for one in along if one.stride]
    if not local:
        if len({one.offset for one in along}) > 1:
            raise IrregularError
        return along[0]
    _same_grid(along, axis, equal, local[0], spread=False)
    runs: list[tuple[int, int]] = []
    for width, one in zip(widths, along, strict=True):
        runs += one.runs or ((width, one.seen),)
    return _of_runs(local[0], tuple(runs))


def taken(along: Along, start: int, stop: int) -> Along:
    """The channels from ``start`` up to ``stop``."""
    if not along.runs:
        return along
    ends = accumulate(length for length, _ in along.runs)
    runs = tuple(
        (min(end, stop) - max(end - length, start), seen)
        for end, (length, seen) in zip(ends, along.runs, strict=True)
        if end > start and end - length < stop
    )
    return _of_runs(along, runs)


def shared(along: tuple[Along, ...]) -> tuple[Along, ...]:
    """One object where all axes are alike, so that what follows is worked out once."""
    return along[:1] * len(along) if along.count(along[0]) == len(along) else along


def _merged_runs(sources: Sequence[Along], channels: int) -> Runs:
    """Channel by channel, the smallest that some operand has seen."""
    runs = [source.runs or ((channels, source.seen),) for source in sources]
    ends = [list(accumulate(length for length, _ in one)) for one in runs]
    found, start = [], 0
    for end in sorted({end for one in ends for end in one}):
        saw = [
            next(seen for last, (_, seen) in zip(own, one, strict=True) if start < last)
            for own, one in zip(ends, runs, strict=True)
        ]
        found.append((end - start, min(filter(None, saw), default=0)))
        start = end
    return tuple(found)


def _same_grid(
    sources: Sequence[Along],
    axis: int,
    equal: list[Equal],
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


def _of_runs(like: Along, runs: Runs) -> Along:
    """What has seen least among ``runs``; the map is that of ``like``."""
    local = [seen for _, seen in runs if seen]
    if not local:
        raise IrregularError
    return Along(min(local), like.stride, like.offset, runs if len(runs) > 1 else ())
