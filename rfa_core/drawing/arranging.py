"""The parts of one module in their places, with the edges between them, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rfa_core.drawing.paths import number
from rfa_core.drawing.placing import Size, placed
from rfa_core.drawing.values import Item, boxes_in

Links = Sequence[tuple[str, str]]
"""Edges, by the keys of boxes."""
_PORT = Size(8, 8, 4, 4)
"""Where edges come into a module, and where they leave it."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something to place: how large it is, and its markup with its corner at 0, 0."""

    size: Size
    markup: str


def arranged(items: Sequence[Item], parts: Sequence[Part], links: Links) -> Part:
    """One part made of those of ``items``, with the edges between them.

    ``links`` that begin or end elsewhere come in at the top and leave at the bottom.
    """
    home = {box.key: place for place, item in enumerate(items, 1) for box in boxes_in(item)}
    last = len(items) + 1
    edges = {(home.get(source, 0), home.get(reader, last)) for source, reader in links}
    edges = {edge for edge in edges if edge[0] != edge[1] and edge != (0, last)}
    ports = {end for edge in edges for end in edge} & {0, last}
    shown = [place for place in range(last + 1) if 0 < place < last or place in ports]
    numbers = {place: index for index, place in enumerate(shown)}
    parts = [_PORT_PART if place in ports else parts[place - 1] for place in shown]
    plan = placed([part.size for part in parts], [(numbers[a], numbers[b]) for a, b in edges])
    wires = "".join(f'<path d="{path}"/>' for path in plan.paths)
    marks = (moved(part.markup, at.x, at.y) for part, at in zip(parts, plan.spots, strict=True))
    inlet = plan.spots[numbers[0]].inlet if 0 in ports else plan.width / 2
    outlet = plan.spots[numbers[last]].outlet if last in ports else plan.width / 2
    markup = f'<g class="wires">{wires}</g>{"".join(marks)}'
    return Part(Size(plan.width, plan.height, inlet, outlet), markup)


def moved(markup: str, x: float, y: float) -> str:
    """``markup`` with its corner at ``x`` and ``y``."""
    return f'<g transform="translate({number(x)} {number(y)})">{markup}</g>'


def touching(items: Sequence[Item], links: Links) -> list[list[tuple[str, str]]]:
    """For each item, the links that begin or end inside."""
    home = {box.key: place for place, item in enumerate(items) for box in boxes_in(item)}
    found: list[list[tuple[str, str]]] = [[] for _ in items]
    for link in links:
        for place in {home[key] for key in link if key in home}:
            found[place].append(link)
    return found


def framed(part: Part, margin: float = 14, head: str = "", attributes: str = "") -> str:
    """``part`` as a picture of its own; ``head`` comes first."""
    size = f"{number(part.size.width + 2 * margin)}"
    height = f"{number(part.size.height + 2 * margin)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{height}" '
        f'viewBox="0 0 {size} {height}"{attributes}>{head}'
        f"{moved(part.markup, margin, margin)}</svg>"
    )


_PORT_PART = Part(_PORT, '<circle class="port" cx="4" cy="4" r="4"/>')
