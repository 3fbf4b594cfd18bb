"""SVG of what is drawn as a box, with its corner at 0, 0: layers, closed modules, stacks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from rfa_core.drawing.arranging import Part
from rfa_core.drawing.glyphs import glyph
from rfa_core.drawing.paths import number
from rfa_core.drawing.placing import Size
from rfa_core.drawing.values import Box, Group, Item, Stack, boxes_in, verdicts_in, worst
from rfa_core.drawing.wording import details, details_of, doing, place, shortened, sight
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import count, flat

STRIP, CELL = 24, 11
"""Cells of a strip before it goes on in the next row, and from cell to cell."""
HEIGHT = 44
_EDGE, _TEXT, _BETWEEN = 26, 10, 16
_NAME, _SMALL = 7.1, 6.3
"""Pixels per character, on the safe side."""


@dataclass(frozen=True, slots=True)
class Pencil:
    """How parts are drawn. ``column`` is the width of the column of numbers.

    ``live``: verdicts, numbers and tooltips are left for the page to fill in, which finds a
    part by its number among those of its module.
    """

    column: float
    live: bool = False

    def part(self, item: Item, last: Item, index: int = 0) -> Part:
        """A layer, or something closed; ``last`` is its like in the last block of a stack around
        it."""
        if isinstance(item, Box):
            return self._box(item, last, index)
        return self._closed(item, last, index)

    def _box(self, box: Box, last: Item, index: int) -> Part:
        final = last if isinstance(last, Box) else box
        call = f" (call {box.call + 1})" if box.calls > 1 else ""
        name, words = shortened(box.name) + call, doing(box)
        if box.beside and not words:
            words = shortened("+ " + ", ".join(map(flat, box.beside)))
        width = self._width(name, words)
        numbers = ("", "") if self.live else (sight(box, final), place(box))
        verdict = None if self.live else box.verdict
        texts = _texts(name, words, numbers, width)
        markup = _frame(width, HEIGHT) + glyph(verdict, 14, 15) + texts
        head = self._head("box", box.verdict, index, "" if self.live else details(box))
        return Part(_size(width, HEIGHT), f"{head}{markup}</g>")

    def _closed(self, item: Group | Stack, last: Item, index: int) -> Part:
        """A strip of cells: one for each judged layer of a module, or for each block of a stack."""
        cells, words, kind, sheets = cells_of(item), "", "module", 1
        if isinstance(item, Stack):
            words, kind, sheets = f"{len(item.blocks)} alike", "stack", 2
        name, words = shortened(item.name), words or count(sum(1 for _ in boxes_in(item)), "layer")
        across = CELL * min(len(cells), STRIP)
        width = max(self._width(name, words), _EDGE + across + _TEXT)
        height = HEIGHT + strip_height(cells) + (4 if cells else 0)
        *_, end = boxes_in(last)
        numbers = ("", "") if self.live else (sight(end), place(end))
        shown = [None] * len(cells) if self.live else cells
        markup = _frame(width, height, sheets)
        markup += _chevron() + _texts(name, words, numbers, width) + strip(shown, _EDGE, HEIGHT)
        tip = f"{flat(item.name)}, {words}" if isinstance(item, Stack) else details_of(item)
        head = self._head(kind, Verdict.NOT_JUDGED, index, tip)
        return Part(_size(width, height), f"{head}{markup}</g>")

    def _head(self, kind: str, verdict: Verdict, index: int, tip: str) -> str:
        if self.live:
            place = f'data-i="{index}" tabindex="0" role="button"'
            return f'<g class="node {kind}" {place}><title></title>'
        return f'<g class="node {kind} v-{verdict}"><title>{escape(tip)}</title>'

    def _width(self, *texts: str) -> float:
        name, words = (columns(text) for text in texts)
        left = max(name * _NAME, words * _SMALL)
        return _EDGE + left + _BETWEEN + self.column + _TEXT


def cells_of(item: Group | Stack) -> list[Verdict]:
    """The verdicts of the judged layers of a module, or of the blocks of a stack."""
    if isinstance(item, Stack):
        return [worst(verdicts_in(block)) for block in item.blocks]
    return list(verdicts_in(item))


def column_of(boxes: Iterable[Box]) -> float:
    """The width that the numbers of ``boxes`` need at most."""
    texts = (text for box in boxes for text in (sight(box), place(box)))
    return _SMALL * min(max(map(len, texts), default=0), STRIP)


def columns(text: str) -> int:
    """Characters, wide ones as two."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _size(width: float, height: float) -> Size:
    return Size(width, height, width / 2, width / 2)


def _frame(width: float, height: float, sheets: int = 1) -> str:
    """The outline; a stack has the edges of those behind."""
    behind = "".join(
        f'<rect class="behind" x="{shift}" y="{shift}" width="{number(width)}" '
        f'height="{number(height)}" rx="6"/>'
        for shift in range(4 * (sheets - 1), 0, -4)
    )
    return f'{behind}<rect class="frame" width="{number(width)}" height="{number(height)}" rx="6"/>'


def _texts(name: str, words: str, numbers: Sequence[str], width: float) -> str:
    right = number(width - _TEXT)
    return (
        f'<text class="name" x="{_EDGE}" y="19">{escape(name)}</text>'
        f'<text class="does" x="{_EDGE}" y="35">{escape(words)}</text>'
        f'<text class="sight" x="{right}" y="19">{escape(numbers[0])}</text>'
        f'<text class="place" x="{right}" y="35">{escape(numbers[1])}</text>'
    )


def _chevron() -> str:
    return '<path class="chevron" d="M11 10.5L15.5 15L11 19.5"/>'


def strip(cells: Sequence[Verdict | None], left: float, top: float) -> str:
    """A cell for each verdict, in rows."""
    found = []
    for index, verdict in enumerate(cells):
        row, column = divmod(index, STRIP)
        x, y = left + CELL * (column + 0.4), top + CELL * (row + 0.5)
        found.append(glyph(verdict, x, y, "cell", 0.85))
    return "".join(found)


def strip_height(cells: Sequence[Verdict]) -> float:
    """What the rows of ``cells`` take."""
    return CELL * -(-len(cells) // STRIP)
