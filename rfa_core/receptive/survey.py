"""The verdicts of a regular network at many resolutions at once, as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rfa_core.receptive.along import Along, IrregularError
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.regular import POOLING, WEIGHTS, Regular, Slide
from rfa_core.receptive.verdict import Verdict

Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]

PLACES = {verdict: place for place, verdict in enumerate(Verdict)}
_MOST_POSITIONS = 2**23
_LARGEST = 2**62
"""Of what is added to sizes; more may not fit into 64 bits."""
_EXACT = 2**52
"""Below it, sums of floating-point numbers are those of the integers."""
_UNPRODUCTIVE, _CRITICAL, _FULL_KERNEL, _PARTIAL, _PRODUCTIVE = (
    np.int8(PLACES[verdict])
    for verdict in (
        Verdict.UNPRODUCTIVE,
        Verdict.CRITICAL,
        Verdict.FULL_KERNEL,
        Verdict.PARTIAL,
        Verdict.PRODUCTIVE,
    )
)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a regular network is at R resolutions.

    ``verdicts`` (R, parts) are places in ``Verdict``; ``parameters``, ``macs`` and the part of
    them that is wasted (R). ``certain`` (R) is False where the network does not run or is not
    regular at that resolution: nothing else holds there.
    """

    verdicts: NDArray[np.int8]
    parameters: NDArray[Any]
    macs: NDArray[Any]
    wasted_parameters: NDArray[Any]
    wasted_macs: NDArray[Any]
    certain: Truths


def verdicts_of(network: Regular, sizes: Integers, policy: Policy) -> Verdicts:
    """The verdicts of every part of ``network`` at ``sizes`` (R, axes), in pixels.

    Raises IrregularError for numbers that are too large to be worked with.
    """
    columns = _Columns.of(network)
    maps = columns.maps(sizes)
    certain = _certain(network, sizes, maps)
    verdicts = np.full((len(sizes), len(network.parts)), PLACES[Verdict.NOT_JUDGED], np.int8)
    places = np.flatnonzero(columns.judged(policy))
    verdicts[:, places] = _verdicts(columns, places, sizes, maps, policy)
    parameters, macs = _costs(columns, maps if certain.all() else maps * certain[:, None, None])
    wasted = verdicts == PLACES[Verdict.UNPRODUCTIVE]
    return Verdicts(
        verdicts,
        parameters.sum(1),
        macs.sum(1),
        (parameters * wasted).sum(1),
        (macs * wasted).sum(1),
        certain,
    )


@dataclass(frozen=True, slots=True)
class _Columns:
    """All parts of a network as arrays: (parts, axes), or (parts)."""

    seen: Integers
    stride: Integers
    offset: Integers
    kernel: Integers
    role: Integers
    source: Integers
    parameters: Integers
    per_position: Integers
    dense: Integers

    @classmethod
    def of(cls, network: Regular) -> _Columns:
        try:
            table = np.array(network.rows, np.int64).T
        except OverflowError:
            raise IrregularError from None
        if np.abs(table).max() >= _LARGEST:
            raise IrregularError
        axes = len(network.known[0].along)
        seen, stride, offset = table[: 3 * axes].reshape(axes, 3, -1).transpose(1, 2, 0)
        return cls(seen, stride, offset, table[3 * axes : 4 * axes].T, *table[4 * axes :])

    def maps(self, sizes: Integers) -> Integers:
        """Positions at ``sizes`` (R, axes): (R, parts, axes)."""
        local = (self.stride > 0).astype(np.int64)
        found: Integers = (sizes[:, None] * local + self.offset) // np.maximum(self.stride, 1)
        return found

    def judged(self, policy: Policy) -> Truths:
        """Which parts ``policy`` judges at any resolution (see ``is_judged``)."""
        roles = (WEIGHTS, POOLING) if policy.judge_pooling else (WEIGHTS,)
        judged: Truths = np.isin(self.role, roles) & (self.stride > 0).any(1)
        return judged if policy.judge_pointwise else judged & (self.kernel > 1).any(1)


def _verdicts(
    columns: _Columns, places: Integers, sizes: Integers, maps: Integers, policy: Policy
) -> NDArray[np.int8]:
    """The verdicts of ``judge``, for the parts at ``places`` and all sizes at once."""
    sources, kernel = columns.source[places], columns.kernel[places]
    limits = sizes[:, None]
    past = columns.seen[places] > limits
    everywhere = past.all(2)
    saw = (columns.seen[sources] >= limits + policy.strict_tie).all(2)
    covers = (kernel > 1).any(1) & (kernel >= maps[:, sources]).all(2)
    ahead = np.where(saw, _UNPRODUCTIVE, _CRITICAL)
    within = np.where(past.any(2), _PARTIAL, _PRODUCTIVE)
    return np.where(everywhere, ahead, np.where(covers, _FULL_KERNEL, within))


def _certain(network: Regular, sizes: Integers, maps: Integers) -> Truths:
    """Where the network runs, and all that its regularity hangs on holds."""
    certain = ((maps >= 1) & (maps <= _MOST_POSITIONS)).all((1, 2)) & _hold(network, sizes)
    for place, part in enumerate(network.parts):
        if part.pools:
            certain = certain & ~_follows_its_map(network, place, sizes, maps)
    return certain


def _hold(network: Regular, sizes: Integers) -> Truths:
    held = np.ones(len(sizes), np.bool_)
    for known in network.known:
        for axis, first, second in known.equal:
            held &= _positions(first, sizes[:, axis]) == _positions(second, sizes[:, axis])
        for axis, along in enumerate(known.plural):
            held &= _positions(along, sizes[:, axis]) > 1
    return held


def _positions(along: Along, sizes: Integers) -> Integers:
    return (sizes + along.offset) // along.stride if along.stride else sizes * 0 + along.offset


def _follows_its_map(network: Regular, place: int, sizes: Integers, maps: Integers) -> Truths:
    """Where a pooling covers exactly its map, and may do so on an image of twice the size:
    it is then taken for a global one (see ``with_global_pools``)."""
    part = network.parts[place]
    assert isinstance(part.step, Slide)
    (source,) = part.sources
    kernel = [window.kernel for window in part.step.windows]
    covers: Truths = (maps[:, source] == kernel).all(1)
    if covers.any():
        along = network.known[source].along
        larger = [_positions(one, 2 * sizes[:, axis]) for axis, one in enumerate(along)]
        covers &= (np.stack(larger, 1) == kernel).all(1) | ~_hold(network, 2 * sizes)
    return covers


def _costs(columns: _Columns, maps: Integers) -> tuple[NDArray[Any], NDArray[Any]]:
    """Parameters and multiply-accumulates (R, parts), as Python's integers if they are large."""
    fixed, moving, dense = columns.parameters, columns.per_position, columns.dense
    most = maps.max(0).astype(float).prod(1)
    bound = moving.dot(most) + dense.dot(most[columns.source]) + fixed.sum(dtype=float)
    kind = np.int64 if bound < _EXACT else object
    positions = maps.astype(kind).prod(2)
    connected = dense.astype(kind) * positions[:, columns.source]
    return fixed.astype(kind) + connected, moving.astype(kind) * positions + connected
