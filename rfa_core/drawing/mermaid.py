"""Mermaid, which GitHub draws inside of Markdown: a view as a small flowchart.

The language: https://mermaid.js.org/syntax/flowchart.html
"""

from __future__ import annotations

from collections.abc import Iterator

from rfa_core.drawing.opening import drawn, drawn_edges, key_of, opened
from rfa_core.drawing.palette import LOOKS, Look
from rfa_core.drawing.values import Box, Group, Item, Stack, View, boxes_in, verdicts_in, worst
from rfa_core.drawing.wording import shortened, sight
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import GLYPHS

MOST_BOXES = 16
"""Boxes of an overview, where modules can be closed to that end."""
LONGEST = 6_000
"""Characters of a flowchart; one of more is not worth a look."""
_KNOWN = "×–…∞≤●▲◆✖■○"


def flowchart(view: View) -> str:
    """The overview of ``view``, a statement a line; empty where it would be too large."""
    overview = _overview(view)
    names = {key_of(item): f"n{number}" for number, item in enumerate(drawn(overview.root))}
    lines = ["flowchart TD"]
    for item in overview.root.items:
        lines += _statements(item, item, names, "  ")
    lines += (f"  {names[start]} --> {names[end]}" for start, end in drawn_edges(overview))
    lines += _classes(overview, names)
    text = "\n".join(lines) + "\n"
    return text if len(text) <= LONGEST else ""


def _overview(view: View) -> View:
    for depth in (3, 2):
        found = opened(view, depth)
        if sum(1 for _ in drawn(found.root)) <= MOST_BOXES:
            return found
    return opened(view, 1)


def _statements(item: Item, last: Item, names: dict[str, str], indent: str) -> Iterator[str]:
    """``last`` is what stands at the same place of the last block of the stacks around."""
    if isinstance(item, Stack):
        *_, final = last.blocks if isinstance(last, Stack) else item.blocks
        pairs = [(item.blocks[0], final)]
        yield from _frame(f"{item.name} ×{len(item.blocks)}", pairs, names, indent)
    elif isinstance(item, Group) and item.open:
        others = last.items if isinstance(last, Group) else item.items
        yield from _frame(item.name, list(zip(item.items, others, strict=True)), names, indent)
    else:
        yield f'{indent}{names[key_of(item)]}["{_label(item, last)}"]'


def _frame(
    title: str, pairs: list[tuple[Item, Item]], names: dict[str, str], indent: str
) -> Iterator[str]:
    inside = key_of(pairs[0][0])
    yield f'{indent}subgraph g{len(indent)}{names[inside]}["{_text(shortened(title))}"]'
    for item, last in pairs:
        yield from _statements(item, last, names, f"{indent}  ")
    yield f"{indent}end"


def _label(item: Box | Group, last: Item) -> str:
    """Glyph, name and footprint at the end; how many layers of a module are past the border."""
    *_, end = boxes_in(item)
    *_, final = boxes_in(last)
    verdicts = verdicts_in(item)
    glyph = GLYPHS[worst(verdicts)]
    lines = [f"{glyph} {shortened(item.name)}", sight(end, final)]
    bad = sum(verdict is Verdict.UNPRODUCTIVE for verdict in verdicts)
    if bad and isinstance(item, Group):
        lines.append(f"{bad} of {len(verdicts)} unproductive")
    return "<br/>".join(map(_text, lines))


def _classes(view: View, names: dict[str, str]) -> Iterator[str]:
    members: dict[Verdict, list[str]] = {}
    for item in drawn(view.root):
        members.setdefault(worst(verdicts_in(item)), []).append(names[key_of(item)])
    for verdict in (one for one in Verdict if one in members):
        name = verdict.value.replace("-", "")
        yield f"  classDef {name} {_style(LOOKS[verdict])}"
        yield f"  class {','.join(members[verdict])} {name}"


def _style(look: Look) -> str:
    dashes = {"dashed": ",stroke-dasharray:6 3", "dotted": ",stroke-dasharray:2 2"}
    stroke = f"stroke:{look.ink},stroke-width:{look.width:g}px{dashes.get(look.stroke, '')}"
    return f"fill:{look.fill},{stroke},color:#1A1A1A"


def _text(text: str) -> str:
    """``text`` in which nothing is syntax: all but plain characters by their numbers."""
    return "".join(char if _is_plain(char) else f"#{ord(char)};" for char in text)


def _is_plain(char: str) -> bool:
    return char in _KNOWN or (char.isascii() and (char.isalnum() or char in " .,:+/()_-"))
