"""How much of models is put to use at each resolution: one line for each model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import log2

from rfa_core.drawing.palette import AMBER, BLUE, CRIMSON, GREY
from rfa_core.drawing.paths import number
from rfa_core.drawing.themes import LIGHT, PAPER, resolved, style_sheet
from rfa_core.drawing.wording import shortened

WIDTH, PANEL = 760, 220
LEFT, RIGHT, TOP, FOOT, GAP = 56, 24, 66, 34, 44
NAMED = 24
"""Models in the legend; every line has its name in a tooltip."""

_INKS = (BLUE, CRIMSON, AMBER, "#009E73", GREY, "#CC79A7", "#000000")
_DASHES = ("", "7 3", "2 3", "9 3 2 3")
"""As many that neighbours differ in both."""
_COLUMNS, _LINE = 3, 20
_LABEL = 34
"""The least distance of two labels of the axis."""
_TITLE = "Share of the model outside unproductive layers"
_STYLE = """
.title { font-size: 17px; font-weight: 600; }
.said { font-size: 12px; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.dot { stroke: var(--paper); stroke-width: 0.7; }
"""


@dataclass(frozen=True, slots=True)
class Curve:
    """A model; ``points`` are pixels and the shares (0 to 1) of parameters and of
    multiply-accumulates that are put to use, by pixels."""

    name: str
    points: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """Pixels to the right, by their logarithm."""

    least: float
    most: float

    def x(self, pixels: float) -> float:
        room = log2(self.most / self.least) or 1.0
        return LEFT + (WIDTH - LEFT - RIGHT) * (log2(pixels / self.least) / room)


def shares(curves: Sequence[Curve], about: str = "") -> str:
    """One SVG: the productive share of parameters above that of multiply-accumulates.

    ``about`` is what else the title says.
    """
    legend = list(_legend(curves))
    rows = -(-len(legend) // _COLUMNS)
    tops = [TOP, TOP + PANEL + FOOT + GAP]
    below = tops[1] + PANEL + FOOT + 24
    height = below + rows * _LINE + 12
    sizes = [size for curve in curves for size, *_ in curve.points]
    axis = Axis(min(sizes, default=1), max(sizes, default=2))
    parts = [f'<text class="label title" x="16" y="30">{escape(_TITLE + about)}</text>']
    for place, (top, name) in enumerate(zip(tops, ("parameters", "MACs"), strict=True)):
        parts.append(_grid(axis, sorted(set(sizes)), top, name))
        parts += (_line(curve, n, place, axis, top) for n, curve in enumerate(curves))
    for n, entry in enumerate(legend):
        x = 16 + n % _COLUMNS * ((WIDTH - 32) // _COLUMNS)
        parts.append(f'<g transform="translate({x} {below + n // _COLUMNS * _LINE})">{entry}</g>')
    style = resolved(style_sheet() + _STYLE, LIGHT)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {PAPER} width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img"><title>{escape(_TITLE + about)}</title>'
        f"<style>{escape(style)}</style>{''.join(parts)}</svg>\n"
    )


def _grid(axis: Axis, sizes: Sequence[float], top: int, name: str) -> str:
    lines = []
    for percent in range(0, 101, 25):
        y = number(_y(percent / 100, top))
        lines.append(
            f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
            f'<text class="tick" x="{LEFT - 8}" y="{y}" dy="4" text-anchor="end">{percent} %</text>'
        )
    foot = top + PANEL
    for size in _labelled(axis, sizes):
        x = number(axis.x(size))
        lines.append(
            f'<path d="M{x} {foot}v4"/>'
            f'<text class="tick" x="{x}" y="{foot + 17}" text-anchor="middle">{size:.0f}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) // 2
    words = (
        f'<text class="tick" x="{middle}" y="{foot + 33}" text-anchor="middle">resolution, px'
        f'</text><text class="label said" x="{LEFT}" y="{top - 10}">{name}</text>'
    )
    return f'<g class="grid">{"".join(lines)}{words}</g>'


def _labelled(axis: Axis, sizes: Sequence[float]) -> Iterator[float]:
    """As many sizes as there is room for."""
    last = -float(WIDTH)
    for size in sizes:
        if axis.x(size) - last >= _LABEL:
            last = axis.x(size)
            yield size


def _line(curve: Curve, n: int, place: int, axis: Axis, top: int) -> str:
    at = [(number(axis.x(size)), number(_y(used[place], top))) for size, *used in curve.points]
    name = f"<title>{escape(curve.name)}</title>"
    path = "L".join(f"{x} {y}" for x, y in at)
    dots = "".join(
        f'<circle class="dot" cx="{x}" cy="{y}" r="2.6" fill="{_ink(n)}"/>' for x, y in at
    )
    return f'<g>{name}<path class="curve" d="M{path}" {_stroke(n)}/>{dots}</g>' if at else ""


def _legend(curves: Sequence[Curve]) -> Iterator[str]:
    for n, curve in enumerate(curves[:NAMED]):
        yield (
            f'<title>{escape(curve.name)}</title><path class="curve" d="M0 0H26" {_stroke(n)}/>'
            f'<text class="label said" x="34" y="4">{escape(shortened(curve.name, 30))}</text>'
        )
    if len(curves) > NAMED:
        yield f'<text class="label said" y="4">and {len(curves) - NAMED} more</text>'
    if not curves:
        yield '<text class="label said" y="4">no model has a verdict</text>'


def _y(share: float, top: int) -> float:
    return top + PANEL * (1 - share)


def _ink(n: int) -> str:
    return _INKS[n % len(_INKS)]


def _stroke(n: int) -> str:
    dash = _DASHES[n % len(_DASHES)]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'stroke="{_ink(n)}"{dashes}'
