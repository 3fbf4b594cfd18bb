"""Stacking: runs of siblings of the same structure, split where the verdict changes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rfa_core.drawing.folding import Edges
from rfa_core.drawing.values import Box, Group, Item, Stack, boxes_in, verdicts_in
from rfa_core.receptive.verdict import Verdict

LEAST_BLOCKS = 3
"""Modules that make a stack; two are clearer side by side."""
LEAST_LAYERS = 5
"""Layers that make a stack: each is a box with numbers of its own, so a few are left alone."""
LONGEST_BLOCK = 40
"""Layers of a block that is no module: names without structure are all that some models have."""

Signature = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Links:
    """Who reads a box, and whom it reads, by key; ``whole``: verdicts do not part blocks."""

    readers: Mapping[str, frozenset[str]]
    sources: Mapping[str, frozenset[str]]
    whole: bool


def stacked(root: Group, edges: Edges, whole: bool = False) -> Group:
    """``root`` with every run of alike siblings, each of which reads the one before, as one.

    ``whole``: a run goes on where the verdict changes.
    """
    readers, sources = _grouped(edges), _grouped((end, start) for start, end in edges)
    return _stacked(root, _Links(readers, sources, whole))


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for first, second in pairs:
        found.setdefault(first, set()).add(second)
    return {key: frozenset(others) for key, others in found.items()}


def _stacked(group: Group, links: _Links) -> Group:
    inner = [_inner(one, links) if isinstance(one, Group) else one for one in group.items]
    numbers: dict[Signature, int] = {}
    told = _judged if links.whole else verdicts_in
    kinds = [(_signature(one, links), told(one)) for one in inner]
    keys = [numbers.setdefault(kind, len(numbers)) for kind in kinds]
    items: list[Item] = []
    at = 0
    while at < len(inner):
        length, item = _next(inner, keys, at, links)
        items.append(item)
        at += length
    return replace(group, items=tuple(items))


def _judged(item: Item) -> tuple[bool, ...]:
    """Which boxes inside are judged."""
    return tuple(box.verdict is not Verdict.NOT_JUDGED for box in boxes_in(item))


def _inner(group: Group, links: _Links) -> Item:
    """A module below the root; one that is a single stack is drawn as that stack."""
    found = _stacked(group, links)
    if len(found.items) > 1:
        return found
    return replace(found.items[0], name=f"{group.name}.{found.items[0].name}")


def _next(inner: Sequence[Item], keys: Sequence[int], at: int, links: _Links) -> tuple[int, Item]:
    """The stack that begins at ``at``, else the item there, and how many items that is.

    Of several sequences that repeat, the one that reaches furthest, and then the shortest.
    """
    length, found = 1, inner[at]
    for period in range(1, min(LONGEST_BLOCK, (len(keys) - at) // LEAST_BLOCKS) + 1):
        chain = _chain(inner, keys, range(at, len(keys) - period + 1, period), links)
        least = LEAST_LAYERS if isinstance(chain[0], Box) else LEAST_BLOCKS
        if len(chain) >= least and period * len(chain) > length:
            length, found = period * len(chain), Stack(_from_to(chain), tuple(chain))
    return length, found


def _chain(inner: Sequence[Item], keys: Sequence[int], starts: range, links: _Links) -> list[Item]:
    """The blocks from the first of ``starts`` on that are alike, each of which reads the one
    before. Blocks that are no module read one tensor and hand on one: there they begin and end.
    """
    period = starts.step
    kinds = keys[starts[0] : starts[0] + period]
    chain = [_block(inner[starts[0] : starts[0] + period])]
    if period > 1 and len(_read_by(chain[0], links)) > 1:
        return chain
    shape = _signature(chain[0], links)
    for start in starts[1:]:
        if keys[start : start + period] != kinds:
            break
        block = _block(inner[start : start + period])
        ends = _read_by(block, links) & {box.key for box in boxes_in(chain[-1])}
        if not ends or (period > 1 and len(ends) > 1) or _signature(block, links) != shape:
            break
        chain.append(block)
    return chain


def _block(items: Sequence[Item]) -> Item:
    """What a stack repeats; items that share no module of their own are put into one."""
    return items[0] if len(items) == 1 else Group(items[0].name, items[0].name, tuple(items))


def _read_by(block: Item, links: _Links) -> set[str]:
    """The boxes outside that the block reads."""
    own = {box.key for box in boxes_in(block)}
    return {key for box in own for key in links.sources.get(box, _NONE)} - own


_NONE: frozenset[str] = frozenset()


def _from_to(chain: Sequence[Item]) -> str:
    """``1…35``, ``layer2…16``, ``block2…6_conv``: both names as one, if they differ in a number."""
    first, last = chain[0].name, chain[-1].name
    one, other = (re.split(r"(\d+)", name) for name in (first, last))
    differ = [
        place for place, words in enumerate(zip(one, other, strict=False)) if len(set(words)) > 1
    ]
    if len(one) != len(other) or len(differ) != 1 or differ[0] % 2 == 0:
        return f"{first}…{last}"
    one[differ[0]] += f"…{other[differ[0]]}"
    return "".join(one)


def _signature(item: Item, links: _Links) -> Signature:
    """What makes two siblings alike: their layers, and who reads whom inside."""
    if isinstance(item, Box) and item.kind == "input":
        return (item.key,)
    boxes = list(boxes_in(item))
    place = {box.key: number for number, box in enumerate(boxes)}
    inside = tuple(
        tuple(sorted(place[key] for key in links.readers.get(box.key, _NONE) if key in place))
        for box in boxes
    )
    return (_shape(item), inside)


def _shape(item: Item) -> Signature:
    if isinstance(item, Box):
        steps = tuple(axis.stride for axis in item.measures)
        return item.type, item.kind, item.window, item.filters, item.units, steps, item.map
    if isinstance(item, Stack):
        return len(item.blocks), _shape(item.blocks[0])
    return tuple(_shape(one) for one in item.items)
