"""How many positions a window makes of a map of another size, in the manner it was padded."""

from __future__ import annotations

from collections.abc import Callable

from rfa_core.graph.operations import Window

Sized = tuple[int, int]
"""How many positions, and the padding before the first."""


def resized(
    old: Window, new: Window, place: int, size: int, changed: int, made: int
) -> tuple[int | None, int]:
    """The positions that ``new`` makes of ``changed`` ones, and its padding before them.

    ``old`` made ``made`` of ``size``: whichever way of padding explains that (the same on both
    sides, rounded down or up; as much as keeps the size) is the way. None if none does.
    ``place`` is that of the dimension in the window.
    """
    if old.transposed:
        extra = made - _transposed(old, place, size)
        return _transposed(new, place, changed) + extra, new.padding[place]
    if old == new and size == changed:
        return made, new.padding[place]
    for way in _WAYS:
        if way(old, place, size) == (made, old.padding[place]):
            return way(new, place, changed)
    return None, new.padding[place]


def _transposed(window: Window, place: int, size: int) -> int:
    reach = window.dilation[place] * (window.kernel[place] - 1)
    return (size - 1) * window.stride[place] - 2 * window.padding[place] + reach + 1


def _both_sides(window: Window, place: int, size: int) -> Sized:
    padding, reach = window.padding[place], window.dilation[place] * (window.kernel[place] - 1)
    return (size + 2 * padding - reach - 1) // window.stride[place] + 1, padding


def _keeping_size(window: Window, place: int, size: int) -> Sized:
    stride, reach = window.stride[place], window.dilation[place] * (window.kernel[place] - 1)
    count = -(-size // stride)
    return count, max((count - 1) * stride + reach + 1 - size, 0) // 2


def _rounding_up(window: Window, place: int, size: int) -> Sized:
    padding, reach = window.padding[place], window.dilation[place] * (window.kernel[place] - 1)
    stride = window.stride[place]
    count = -(-(size + 2 * padding - reach - 1) // stride) + 1
    if (count - 1) * stride >= size + padding:
        count -= 1
    return count, padding


_WAYS: tuple[Callable[[Window, int, int], Sized], ...] = (
    _both_sides,
    _keeping_size,
    _rounding_up,
)


def filled(window: Window, place: int, size: int) -> tuple[int, int]:
    """The padding on both sides that keeps the size, where it is made in front of the window."""
    stride, reach = window.stride[place], window.dilation[place] * (window.kernel[place] - 1)
    total = max((-(-size // stride) - 1) * stride + reach + 1 - size, 0)
    return total // 2, total - total // 2
