"""How receptive fields grow with depth: the points, and the chart that shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, log2

from rfa_core.drawing.glyphs import glyph
from rfa_core.drawing.paths import number
from rfa_core.drawing.values import Box, View, boxes_in
from rfa_core.drawing.wording import shortened
from rfa_core.receptive.verdict import Verdict

WIDTH, HEIGHT = 760, 340
LEFT, RIGHT, TOP, BOTTOM = 48, 44, 30, 40
LEGIBLE = 0.85
"""The least size of a mark that must be told from others; the page has it, too."""


@dataclass(frozen=True, slots=True)
class Point:
    """A layer at its ``depth`` on the longest path: what it sees along the shortest path (``low``)
    and along all local ones (``high``), per axis; None: everything."""

    box: Box
    depth: int
    low: tuple[int | None, ...]
    high: tuple[int | None, ...]


def points_of(view: View) -> list[Point]:
    """The judged layers, and those that look at neighbours (pooling), by depth.

    Depth counts these layers alone.
    """
    boxes = list(boxes_in(view.root))
    sources: dict[str, list[str]] = {}
    for source, reader in view.edges:
        sources.setdefault(reader, []).append(source)
    depths: dict[str, int] = {}
    found = []
    for box in boxes_in_order(boxes, view.edges):
        depth = max((depths[key] for key in sources.get(box.key, ())), default=0)
        if _counts(box):
            depth += 1
            if not all(size is None for size in box.footprint.min):
                found.append(Point(box, depth, box.footprint.min, box.footprint.max))
        depths[box.key] = depth
    return sorted(found, key=lambda point: point.depth)


def boxes_in_order(boxes: Sequence[Box], edges: Sequence[tuple[str, str]]) -> list[Box]:
    """Every box after all that it reads."""
    known = {box.key: box for box in boxes}
    missing = dict.fromkeys(known, 0)
    readers: dict[str, list[str]] = {}
    for source, reader in edges:
        missing[reader] += 1
        readers.setdefault(source, []).append(reader)
    ready = [key for key, count in missing.items() if not count]
    for key in ready:
        for reader in readers.get(key, ()):
            missing[reader] -= 1
            if not missing[reader]:
                ready.append(reader)
    return [known[key] for key in ready]


def _counts(box: Box) -> bool:
    window = box.window is not None and any(size > 1 for size in box.window.kernel)
    return window or box.verdict is not Verdict.NOT_JUDGED


@dataclass(frozen=True, slots=True)
class Scale:
    """Depth to the right and pixels, by their logarithm, upwards."""

    depths: int
    most: int

    @property
    def step(self) -> float:
        return (WIDTH - LEFT - RIGHT) / max(self.depths + 1, 2)

    def x(self, depth: float) -> float:
        return LEFT + depth * self.step

    def y(self, size: float) -> float:
        share = log2(max(size, 1)) / log2(self.most)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def scale_of(points: Sequence[Point], resolutions: Sequence[Sequence[int]], axis: int) -> Scale:
    """A scale on which all of ``points`` and twice the largest resolution are."""
    sizes = [size for one in points for size in (one.low[axis], one.high[axis]) if size is not None]
    most = max([2, *sizes, *(2 * sizes[axis] for sizes in resolutions)])
    return Scale(max((one.depth for one in points), default=1), 2 ** ceil(log2(most) + 0.05))


def chart(
    points: Sequence[Point],
    resolutions: Sequence[Sequence[int]],
    axis: int,
    numbers: Mapping[str, int] | None = None,
    head: str = "",
) -> str:
    """The chart of one axis, at the first of ``resolutions``, as SVG that begins with ``head``.

    ``numbers``: those of layers, by which the page finds a point; without, the verdicts are those
    of ``points``.
    """
    border = None if numbers else _first_past(points)
    scale = scale_of(points, resolutions, axis)
    parts = [_grid(scale), _band(points, scale, axis)]
    parts.append(_threshold(resolutions[0][axis], scale) if resolutions else "")
    parts.append(_border(border, scale))
    size = min(1.0, max(0.55, scale.step / 11))
    parts += (_mark(one, scale, axis, size, numbers) for one in points)
    sizes = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    data = f'data-top="{TOP}" data-foot="{HEIGHT - BOTTOM}" data-most="{scale.most}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {sizes} {data}>'
        f"{head}{''.join(parts)}</svg>"
    )


def _first_past(points: Sequence[Point]) -> Point | None:
    """The border layer."""
    past = (point for point in points if point.box.verdict is Verdict.UNPRODUCTIVE)
    return min(past, key=lambda point: point.depth, default=None)


def _grid(scale: Scale) -> str:
    """Powers of two, and depths."""
    powers = range(round(log2(scale.most)) + 1)
    lines = []
    for power in powers:
        y = number(scale.y(2**power))
        lines.append(
            f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}"/>'
            f'<text class="tick" x="{LEFT - 8}" y="{y}" dy="4" text-anchor="end">{2**power}</text>'
        )
    every = next(n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if scale.depths / n <= 14)
    foot = HEIGHT - BOTTOM
    for depth in range(every, scale.depths + 1, every):
        x = number(scale.x(depth))
        lines.append(
            f'<path d="M{x} {foot}v4"/>'
            f'<text class="tick" x="{x}" y="{foot + 17}" text-anchor="middle">{depth}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) // 2
    words = (
        f'<text class="tick" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">'
        f'layers on the longest path</text><text class="tick" x="{LEFT - 40}" y="14">'
        "receptive field, px</text>"
    )
    return f'<g class="grid">{"".join(lines)}{words}</g>'


def _band(points: Sequence[Point], scale: Scale, axis: int) -> str:
    """Between the shortest path and all local paths."""
    low: dict[int, int] = {}
    high: dict[int, int] = {}
    for one in points:
        small, large = one.low[axis], one.high[axis]
        if small:
            low[one.depth] = min(low.get(one.depth, small), small)
        if large:
            high[one.depth] = max(high.get(one.depth, large), large)
    lows = [f"{number(scale.x(d))} {number(scale.y(size))}" for d, size in low.items()]
    highs = [f"{number(scale.x(d))} {number(scale.y(size))}" for d, size in high.items()]
    if not lows:
        return ""
    area = f'<path class="band" d="M{"L".join([*lows, *reversed(highs)])}Z"/>'
    edge = f'<path class="high" d="M{"L".join(highs)}"/>' if highs else ""
    ends = _labels(low, high, scale)
    return f'{area}{edge}<path class="low" d="M{"L".join(lows)}"/>{ends}'


def _labels(low: Mapping[int, int], high: Mapping[int, int], scale: Scale) -> str:
    """``r`` along the shortest path and along all, at the ends of the lines."""
    below = scale.y(low[max(low)])
    lines = [(below, "min")]
    if high and (above := scale.y(high[max(high)])) < below - 14:
        lines.append((above, "max"))
    x = number(scale.x(max(low)) + 8)
    return "".join(
        f'<text class="tick end-{word}" x="{x}" y="{number(y)}" dy="4">r'
        f'<tspan dy="3" font-size="8">{word}</tspan></text>'
        for y, word in lines
    )


def _threshold(size: int, scale: Scale) -> str:
    """The resolution: what is above the line sees more than the image."""
    y = number(scale.y(size))
    return (
        f'<rect class="beyond" x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" '
        f'height="{number(scale.y(size) - TOP)}"/>'
        f'<g class="threshold" transform="translate(0 {y})"><path d="M{LEFT} 0H{WIDTH - RIGHT}"/>'
        f'<text x="{LEFT + 6}" y="-6">image: {size} px</text></g>'
    )


def _border(border: Point | None, scale: Scale) -> str:
    """Where the first unproductive layer stands."""
    x = scale.x(border.depth) if border else LEFT
    name = f"border layer: {shortened(border.box.path, 32)}" if border else ""
    left = x < WIDTH / 2
    hidden = "" if border else ' visibility="hidden"'
    return (
        f'<g class="border" transform="translate({number(x)} 0)"{hidden}>'
        f'<path d="M0 {TOP - 8}V{HEIGHT - BOTTOM}"/><text x="{6 if left else -6}" y="{TOP - 12}" '
        f'text-anchor="{"start" if left else "end"}">{escape(name)}</text></g>'
    )


def _mark(
    point: Point, scale: Scale, axis: int, size: float, numbers: Mapping[str, int] | None
) -> str:
    low = point.low[axis]
    x, y = scale.x(point.depth), scale.y(scale.most if low is None else low)
    verdict = point.box.verdict if numbers is None else None
    small = verdict in (None, Verdict.PRODUCTIVE, Verdict.NOT_JUDGED)
    mark = glyph(verdict, x, y, "point", size if small else max(size, LEGIBLE))
    if numbers is None:
        return mark
    high = point.high[axis]
    own = f' data-low="{low}" data-high="{high or 0}"' if point.box.calls > 1 and low else ""
    place = f'data-l="{numbers.get(point.box.path, -1)}" data-x="{number(x)}"{own}'
    return mark.replace("<path", f"<path {place}", 1)
