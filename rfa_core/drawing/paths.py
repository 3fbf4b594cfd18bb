"""Lines as SVG writes them."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

Point = tuple[float, float]

RADIUS = 7
"""Of corners."""


def number(value: float) -> str:
    """At most one decimal, and none that says nothing."""
    return f"{round(value, 1) + 0:g}"


def curved(start: Point, end: Point, bend: float) -> str:
    """Straight down, and over to the side in the last ``bend`` pixels."""
    (x, y), (to, bottom) = start, end
    if abs(x - to) < 0.5:
        return f"M{_at(start)}V{number(bottom)}"
    turn = max(y, bottom - bend)
    middle = (turn + bottom) / 2
    straight = f"V{number(turn)}" if turn > y else ""
    return f"M{_at(start)}{straight}C{_at((x, middle))} {_at((to, middle))} {_at(end)}"


def bent(points: Sequence[Point]) -> str:
    """From point to point, with round corners."""
    words = [f"M{_at(points[0])}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        words.append(f"L{_at(_towards(here, before))}Q{_at(here)} {_at(_towards(here, after))}")
    return "".join([*words, f"L{_at(points[-1])}"])


def _towards(here: Point, other: Point) -> Point:
    """A point near ``here``, on the way to ``other``."""
    length = hypot(other[0] - here[0], other[1] - here[1])
    share = min(RADIUS, length / 2) / length if length else 0
    return here[0] + share * (other[0] - here[0]), here[1] + share * (other[1] - here[1])


def _at(point: Point) -> str:
    return f"{number(point[0])} {number(point[1])}"
