"""The range of resolutions that a network suits (``docs/semantics.md``, *The feasible range*).

A layer is unproductive on an image as long as the image is, on *every* axis, no larger than
the layer's limit there. So a larger image is never worse, and one axis that is large enough
saves the layer: where limits differ from axis to axis there is no single smallest image.
Two smallest sizes are well defined, the square (``least_square``) and, for each axis, the one
that is enough on its own (``least_alone``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf

from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import is_judged


@dataclass(frozen=True, slots=True)
class End:
    """Where a range begins or ends: pixels (None: there is no such size) and who sets it."""

    size: int | None
    layers: tuple[Layer, ...] = ()


def least_square(layers: Iterable[Layer], policy: Policy) -> End:
    """The smallest square resolution from which on no judged layer is unproductive.

    Set by the layers that are unproductive at one pixel less. No size if no layer is judged.
    """
    judged = _judged(layers, policy)
    return (
        _end([(layer, min(dead_up_to(layer, policy))) for layer in judged]) if judged else End(None)
    )


def least_alone(layers: Iterable[Layer], policy: Policy, axes: int) -> tuple[End, ...]:
    """Per axis, the smallest size with which no judged layer is unproductive, however small
    the other axes are.

    No size where a layer is past the border at every size of that axis (it is dense there),
    or if no layer is judged.
    """
    judged = _judged(layers, policy)
    if not judged:
        return (End(None),) * axes
    limits = [(layer, dead_up_to(layer, policy)) for layer in judged]
    ever = [(layer, limit) for layer, limit in limits if min(limit) >= 1]
    return tuple(_end([(layer, limit[axis]) for layer, limit in ever]) for axis in range(axes))


def largest_seen(layers: Iterable[Layer], policy: Policy, axes: int) -> tuple[End, ...]:
    """Per axis, the largest local footprint of any call of a judged layer.

    Above it there are patterns that no layer sees whole. No size where no layer is judged or
    no local path is left.
    """
    judged = _judged(layers, policy)
    return tuple(_largest(judged, axis) for axis in range(axes))


def turning_size(limit: Callable[[int], int], start: int, largest: int) -> int | None:
    """The size at which verdicts turn, for footprints that depend on the size they are read at.

    ``limit(size)`` is the least square resolution of the footprints at ``size``, at least 1;
    ``start`` is a first guess. The answer passes (``limit(size) <= size``), and one pixel
    less does not. None if no size up to ``largest`` is found that passes: footprints that
    grow with the image see it whole at every size.
    """

    def passes(size: int) -> bool:
        return limit(size) <= size

    size = start
    while not passes(size):
        size = limit(size)
        if size > largest:
            return None
    while size > 1 and passes(size - 1):
        lower = limit(size - 1)
        size = lower if passes(lower) else _turn(passes, size - 1, lower)[0]
    return size


def seeing_size(sees: Callable[[int], bool], start: int, largest: int) -> int | None:
    """A size at which ``sees`` holds, and no longer at one pixel more.

    ``sees(1)`` holds. The search goes up from ``start`` if it holds there. None if it does so
    up to ``largest``.
    """
    low, high = (start, start) if sees(start) else (1, start)
    while sees(high):
        if high == largest:
            return None
        low, high = high, min(2 * high, largest)
    return _turn(sees, low, high)[0]


def _turn(holds: Callable[[int], bool], inside: int, outside: int) -> tuple[int, int]:
    """Neighbours between the two sizes; it holds at the first of them and not at the second."""
    while abs(inside - outside) > 1:
        middle = (inside + outside) // 2
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)
    return inside, outside


def _judged(layers: Iterable[Layer], policy: Policy) -> list[Layer]:
    return [layer for layer in layers if is_judged(layer, policy)]


def _end(limits: Sequence[tuple[Layer, float]]) -> End:
    """One pixel above the largest limit; a limit of 0 sets nothing."""
    last = max((limit for _, limit in limits), default=0)
    setting = tuple(layer for layer, limit in limits if limit == last and last >= 1)
    return End(None if last == inf else int(last) + 1, setting)


def dead_up_to(layer: Layer, policy: Policy) -> tuple[float, ...]:
    """Per axis, the largest size at which every call of the layer is past the border; 0: none."""
    calls = (layer, *layer.other_calls)
    return tuple(
        max(0.0, min(limits))
        for limits in zip(*(_call_limits(call, policy) for call in calls), strict=True)
    )


def _call_limits(call: Layer, policy: Policy) -> list[float]:
    """Its input has seen as much (or more, by the strict rule), and its output more; an axis
    that it does not depend on sets no limit."""
    slack = 1 if policy.strict_tie else 0
    return [
        inf if grown == 0 else min(_size(seen) - slack, _size(grown) - 1)
        for seen, grown in zip(call.input.min, call.output.min, strict=True)
    ]


def _largest(layers: Sequence[Layer], axis: int) -> End:
    sizes = [(layer, size) for layer in layers if (size := layer.largest[axis]) is not None]
    largest = max((size for _, size in sizes), default=None)
    return End(largest, tuple(layer for layer, size in sizes if size == largest))


def _size(size: int | None) -> float:
    return inf if size is None else size
