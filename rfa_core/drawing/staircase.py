"""The figure of one layer: its paths as staircases, in one SVG without any other program."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import accumulate

from rfa_core.drawing.explaining import Stairs, adding, doing_of, sentences, stairs_of
from rfa_core.drawing.glyphs import glyph
from rfa_core.drawing.paths import number
from rfa_core.drawing.themes import LIGHT, PAPER, resolved, style_sheet
from rfa_core.drawing.wording import shortened
from rfa_core.findings import Explanation
from rfa_core.receptive.origin import Step
from rfa_core.rules.wording import flat, pixels

WIDTH, MARGIN, ROW, LINE = 860, 16, 20, 18
_DOES, _ADDS, _BARS, _SEES = 190, 350, 560, 548
"""Where the columns begin; numbers end at ``_SEES``."""
_LETTERS = 118
"""Characters of a line of words."""
_STYLE = """
.title { font-size: 17px; font-weight: 600; }
.said { font-size: 12px; }
.faint { font-size: 11px; fill: var(--faint); }
.number { font-size: 11.5px; text-anchor: end; font-variant-numeric: tabular-nums; }
.before { fill: var(--band); }
.added { fill: var(--productive); }
.added.past { fill: var(--unproductive); }
.edge { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 7 4; }
"""


def staircase(found: Explanation) -> str:
    """``found`` as a figure: what it says, and a row for each step that adds something."""
    parts = [_words(found), *map(_stairs, stairs_of(found))]
    tops = list(accumulate((height for _, height in parts), initial=MARGIN))
    markup = "".join(
        f'<g transform="translate({MARGIN} {top})">{part}</g>'
        for (part, _), top in zip(parts, tops, strict=False)
    )
    height = tops[-1] + MARGIN
    style = resolved(style_sheet() + _STYLE, LIGHT)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {PAPER} width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img"><title>{escape(_title(found))}</title>'
        f"<style>{escape(style)}</style>{markup}</svg>\n"
    )


def _title(found: Explanation) -> str:
    layer = flat(found.judged.layer.name)
    return f"{layer} of {flat(found.model)} at {pixels(found.resolution)} px"


def _words(found: Explanation) -> tuple[str, int]:
    lines = [line for sentence in sentences(found) for line in _wrapped(sentence)]
    mark = glyph(found.judged.verdict, 6, 11)
    title = f'<text class="label title" x="18" y="16">{escape(_title(found))}</text>'
    said = "".join(
        f'<text class="label said" y="{38 + LINE * place}">{escape(line)}</text>'
        for place, line in enumerate(lines)
    )
    return mark + title + said, 34 + LINE * len(lines)


def _wrapped(text: str) -> Iterator[str]:
    from textwrap import wrap

    yield from wrap(text, _LETTERS)


def _stairs(stairs: Stairs) -> tuple[str, int]:
    most = max(stairs.size, *(step.total for step in stairs.steps))
    scale = (WIDTH - 2 * MARGIN - _BARS) / most
    head = f'<text class="label said" y="24" font-weight="600">{escape(stairs.title)}</text>'
    rows = "".join(
        _row(step, stairs.size, scale, 34 + ROW * place) for place, step in enumerate(stairs.shown)
    )
    foot = 34 + ROW * len(stairs.shown)
    x = number(_BARS + stairs.size * scale)
    edge = (
        f'<path class="edge" d="M{x} 28V{foot + 2}"/><text class="label faint" x="{x}" '
        f'y="22" text-anchor="end">image: {stairs.size} px</text>'
    )
    return head + rows + edge, foot + 8


def _row(step: Step, image: int, scale: float, top: int) -> str:
    name, base = flat(step.node.layer), top + 13
    before = min(step.total, max(step.total - step.added, 0))
    past = " past" if step.total > image else ""
    return (
        f"<g><title>{escape(name)}</title>"
        f'<text class="label said" y="{base}">{escape(shortened(name, 28))}</text>'
        f'<text class="label faint" x="{_DOES}" y="{base}">{escape(doing_of(step))}</text>'
        f'<text class="label faint" x="{_ADDS}" y="{base}">{escape(shortened(adding(step), 30))}'
        f'</text><text class="label number" x="{_SEES}" y="{base}">{step.total}</text>'
        f"{_bar('before', _BARS, before * scale, top)}"
        f"{_bar(f'added{past}', _BARS + before * scale, (step.total - before) * scale, top)}</g>"
    )


def _bar(kind: str, x: float, width: float, top: int) -> str:
    if not width:
        return ""
    size = f'width="{number(width)}" height="{ROW - 6}"'
    return f'<rect class="{kind}" x="{number(x)}" y="{top + 3}" {size}/>'
