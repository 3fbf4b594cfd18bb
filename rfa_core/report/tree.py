"""The network as a tree of modules; blocks that repeat are one branch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rfa_core.drawing.values import Box, Group, Item, Stack, View, boxes_in, verdicts_in
from rfa_core.drawing.wording import doing, shortened, sight
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.console import VERDICT_STYLES, fits
from rfa_core.report.options import RenderOptions
from rfa_core.report.words import GLYPHS, flat, thousands
from rfa_core.rules.wording import window

_COLUMNS = (("layer", "sees", "map", "parameters"), ("sees", "map", "parameters"), ("sees",))
STRIP = 12
"""Glyphs of a closed module."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One line of the tree: what stands there, and its like in the last block of the stacks
    around it."""

    lead: str
    label: Text
    first: Item
    last: Item


def module_tree(view: View, options: RenderOptions) -> RenderableType:
    """The modules of ``view`` and their layers; numbers have columns of their own.

    A layer in a stack is said to see what it does in the first and in the last block. Where
    there is little room columns are left out.
    """
    branches = list(_branches(view))
    tables = (_table(branches, columns) for columns in _COLUMNS)
    return next((table for table in tables if fits(table, options)), _table(branches, ()))


def _table(branches: Sequence[Branch], columns: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("module", no_wrap=True, overflow="ellipsis")
    for column in columns:
        table.add_column(column, justify="left" if column == "layer" else "right")
    for branch in branches:
        cells = _cells(branch)
        label = Text(branch.lead, "dim") + branch.label
        table.add_row(label, *(cells.get(column, "") for column in columns))
    return table


def _branches(view: View) -> Iterator[Branch]:
    items = view.root.items
    yield from _below(view, items, items, "", top=True)


def _below(
    view: View, items: Sequence[Item], like: Sequence[Item], lead: str, *, top: bool = False
) -> Iterator[Branch]:
    for number, (item, last) in enumerate(zip(items, like, strict=True), 1):
        final = number == len(items)
        here = "" if top else f"{lead}{'└─ ' if final else '├─ '}"
        yield Branch(here, _label(view, item), item, last)
        first, end = _inside(item, last)
        yield from _below(view, first, end, "" if top else f"{lead}{'   ' if final else '│  '}")


def _inside(item: Item, last: Item) -> tuple[Sequence[Item], Sequence[Item]]:
    """What is one level below, in the first and in the last block; nothing if it is closed."""
    if isinstance(item, Stack) and isinstance(last, Stack):
        return _inside(item.blocks[0], last.blocks[-1])
    if isinstance(item, Group) and isinstance(last, Group) and item.open:
        return item.items, last.items
    return (), ()


def _label(view: View, item: Item) -> Text:
    """``✖ conv2``, ``layer1 · Sequential``, ``1…35 · Bottleneck x35``."""
    one = item.blocks[0] if isinstance(item, Stack) else item
    times = f" x{len(item.blocks)}" if isinstance(item, Stack) else ""
    if isinstance(one, Box):
        call = f" (call {one.call + 1})" if one.calls > 1 else ""
        name = Text.assemble(_glyph(one.verdict), f" {shortened(item.name)}{call}")
        return name.append(f" ·{times}" if times else "", "bold")
    kind = flat(view.modules.get(one.path, "")) if isinstance(one, Group) else ""
    said = f"{shortened(kind)}{times}".strip()
    return Text(shortened(item.name)).append(f" · {said}" if said else "", "bold")


def _glyph(verdict: Verdict) -> tuple[str, str]:
    return GLYPHS[verdict], VERDICT_STYLES[verdict]


def _cells(branch: Branch) -> Mapping[str, RenderableType]:
    """By column; the parameters are those of all that the line stands for."""
    first, last = branch.first, branch.last
    parameters = sum(box.parameters for box in boxes_in(first))
    cost = thousands(parameters) if parameters else ""
    one, other = _of_blocks(first, last)
    if isinstance(one, Group) and one.open:
        return {"parameters": Text(cost, "dim")}
    *_, end = boxes_in(one)
    *_, final = boxes_in(other)
    return {
        "layer": _strip(one) if isinstance(one, Group) else doing(end),
        "sees": sight(end, final).removeprefix("r "),
        "map": window(end.map).removeprefix("-"),
        "parameters": cost,
    }


def _of_blocks(first: Item, last: Item) -> tuple[Item, Item]:
    """The first block of a stack, and the last one of its like."""
    if isinstance(first, Stack) and isinstance(last, Stack):
        return first.blocks[0], last.blocks[-1]
    return first, last


def _strip(group: Group) -> Text:
    """A glyph for each judged layer of a closed module."""
    verdicts = verdicts_in(group)
    more = f" +{len(verdicts) - STRIP}" if len(verdicts) > STRIP else ""
    return Text.assemble(*map(_glyph, verdicts[:STRIP]), (more, "dim"))
