"""Figures for papers: one SVG, in vectors and plain colours, without any other program."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from itertools import accumulate

from rfa_core.drawing.arranging import Links, Part, arranged, moved, touching
from rfa_core.drawing.glyphs import glyph
from rfa_core.drawing.growth import HEIGHT, WIDTH, chart, points_of
from rfa_core.drawing.paths import number
from rfa_core.drawing.placing import Size
from rfa_core.drawing.sketch import Pencil, cells_of, column_of, columns, strip, strip_height
from rfa_core.drawing.themes import ARROW, LIGHT, PAPER, resolved, style_sheet
from rfa_core.drawing.values import Group, Item, Stack, View, boxes_in
from rfa_core.drawing.wording import LEGEND, counted, remarks, shortened, title
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import axis_name

_MARGIN, _ROOM, _HEAD = 16, 12, 26
_MARK, _WORD = 18, 7.2
_STYLE = """
.title { font-size: 17px; font-weight: 600; }
.said { font-size: 12px; }
.way { fill: none; stroke: var(--wire); stroke-width: 1.3; }
.label { paint-order: stroke; stroke: #ffffff; stroke-width: 4px; stroke-linejoin: round; }
"""


def figure(view: View, kind: str) -> str:
    """``view`` as a figure of its own: ``growth`` or ``map``."""
    parts = FIGURES[kind](view)
    heading = _heading(view)
    tops = list(accumulate((part.size.height for part in (heading, *parts)), initial=_MARGIN))
    width = max(part.size.width for part in (heading, *parts)) + 2 * _MARGIN
    markup = "".join(
        moved(part.markup, _MARGIN if part is heading else (width - part.size.width) / 2, top)
        for part, top in zip((heading, *parts), tops, strict=False)
    )
    height = tops[-1] + _MARGIN
    style = resolved(style_sheet() + _STYLE, LIGHT)
    size = f'width="{number(width)}" height="{number(height)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {PAPER} {size} '
        f'viewBox="0 0 {number(width)} {number(height)}" role="img">'
        f"<title>{escape(title(view))}</title><style>{escape(style)}</style>{ARROW}{markup}</svg>\n"
    )


def _heading(view: View) -> Part:
    """What is shown, the verdicts with their numbers, and what must be known."""
    lines = [f'<text class="label title" y="16">{escape(title(view))}</text>']
    x, top = 6.0, 38
    for verdict, words in counted(view):
        text = f'<text class="label said" x="{number(x + 10)}" y="{top}">{escape(words)}</text>'
        lines.append(glyph(verdict, x, top - 4) + text)
        x += _WORD * len(words) + 30
    for text in (*remarks(view), LEGEND):
        top += 18
        lines.append(f'<text class="label said" y="{top}">{escape(text)}</text>')
    width = max(x, 10 * columns(title(view)), 6.4 * len(LEGEND))
    return Part(_size(width, top + 14), "".join(lines))


def _growth(view: View) -> list[Part]:
    """A chart, or one for each axis where they differ."""
    points, axes = points_of(view), len(view.resolution)
    alike = len(set(view.resolution)) == 1 and all(
        len(set(sizes)) == 1 for one in points for sizes in (one.low, one.high)
    )
    found = []
    for axis in range(1 if alike else axes):
        name = "" if alike else axis_name(axis, axes)
        words = f'<text class="label said" x="{WIDTH // 2}" y="14">{name}</text>' if name else ""
        found.append(Part(_size(WIDTH, HEIGHT), words + chart(points, [view.resolution], axis)))
    return found


def _map(view: View) -> list[Part]:
    """Open modules as rooms, with what is inside."""
    pencil = Pencil(column_of(boxes_in(view.root)))
    return [_inside(view.root.items, view.root.items, view.edges, pencil)]


FIGURES: Mapping[str, Callable[[View], list[Part]]] = {"growth": _growth, "map": _map}


def _inside(items: Sequence[Item], last: Sequence[Item], links: Links, pencil: Pencil) -> Part:
    """``last`` are their likes in the last block of a stack around them."""
    parts = [
        _part(item, like, found, pencil)
        for item, like, found in zip(items, last, touching(items, links), strict=True)
    ]
    return arranged(items, parts, links)


def _part(item: Item, last: Item, links: Links, pencil: Pencil) -> Part:
    if isinstance(item, Stack) and isinstance(last, Stack):
        first, final = item.blocks[0], last.blocks[-1]
        own = touching([first], links)[0]
        if isinstance(first, Group) and first.open and isinstance(final, Group):
            inner = _inside(first.items, final.items, own, pencil)
        else:
            inner = _inside([first], [final], own, pencil)
        return _room(f"{shortened(item.name)}  ×{len(item.blocks)}", inner, cells_of(item))
    if isinstance(item, Group) and item.open and isinstance(last, Group):
        return _room(shortened(item.name), _inside(item.items, last.items, links, pencil))
    return pencil.part(item, last)


def _room(name: str, inner: Part, cells: Sequence[Verdict] = ()) -> Part:
    """``inner`` with a frame around it, under its name."""
    head = _HEAD + strip_height(cells) + (6 if cells else 0)
    width = max(inner.size.width + 2 * _ROOM, 8 * columns(name) + 2 * _ROOM)
    height = head + inner.size.height + _ROOM
    shift = (width - inner.size.width) / 2
    ends = shift + inner.size.inlet, shift + inner.size.outlet
    frame = f'<rect class="room" width="{number(width)}" height="{number(height)}" rx="8"/>'
    label = f'<text class="label name" x="{_ROOM}" y="18">{escape(name)}</text>'
    into = f"M{number(ends[0])} 0V{number(head + 4)}"
    out = f"M{number(ends[1])} {number(height - _ROOM - 4)}V{number(height)}"
    way = f'<path class="way" d="{into}{out}"/>'
    marks = strip(cells, _ROOM, _HEAD)
    markup = f"{frame}{way}{label}{marks}{moved(inner.markup, shift, head)}"
    return Part(Size(width, height, *ends), markup)


def _size(width: float, height: float) -> Size:
    return Size(width, height, width / 2, width / 2)
