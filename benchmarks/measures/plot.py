"""Times of several tools per model as a plot in SVG, on a logarithmic axis."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

LEFT, RIGHT, TOP, ROW = 170, 24, 64, 22
WIDTH = 900
COLOURS = ("#0b6e99", "#c8553d", "#7a9e2e", "#8662a8", "#d69a1c", "#777777")


def dots(times: Mapping[str, Mapping[str, float]], title: str) -> str:
    """A row per model, a dot per tool; tools that fail on a model have none there."""
    tools = list(next(iter(times.values())))
    known = [one for own in times.values() for one in own.values() if one > 0]
    low, high = math.floor(math.log10(min(known))), math.ceil(math.log10(max(known)))
    bottom = TOP + ROW * len(times)

    def x(value: float) -> float:
        return LEFT + (math.log10(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts = [_text(16, 22, title, size=15), *_legend(tools)]
    for power in range(low, high + 1):
        parts.append(_line(x(10.0**power), bottom))
        parts.append(_text(x(10.0**power), bottom + 18, _label(power), anchor="middle"))
    for place, (model, own) in enumerate(times.items()):
        y = TOP + ROW * (place + 0.5)
        parts.append(_text(LEFT - 10, y + 4, model, anchor="end"))
        parts += [
            f'<circle cx="{x(own[tool]):.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
            for tool, colour in zip(tools, COLOURS, strict=False)
            if own[tool] > 0
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 32}" '
        f'font-family="system-ui, sans-serif" role="img" aria-label="{escape(title)}">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{chr(10).join(parts)}\n</svg>\n'
    )


def _legend(tools: Sequence[str]) -> list[str]:
    parts, step = [], (WIDTH - LEFT - RIGHT) / max(len(tools), 1)
    for place, (tool, colour) in enumerate(zip(tools, COLOURS, strict=False)):
        at = LEFT + step * place
        parts.append(f'<circle cx="{at:.1f}" cy="42" r="5" fill="{colour}"/>')
        parts.append(_text(at + 10, 46, tool))
    return parts


def _label(power: int) -> str:
    return f"{10**power:g} s" if power >= 0 else f"{1000 * 10.0**power:g} ms"


def _line(x: float, bottom: float) -> str:
    return f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 6}" y2="{bottom}" stroke="#dddddd"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="#222222" '
        f'text-anchor="{anchor}">{escape(text)}</text>'
    )
