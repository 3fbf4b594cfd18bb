"""How deep to look: which modules are drawn open, and what then stands for what is inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from rfa_core.drawing.values import Box, Group, Item, Stack, View, boxes_in

MOST_BOXES = 150
"""Boxes that a picture shows at most, where modules can be closed to that end."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box is drawn: the ``key`` of what is drawn for it, and as which block of each
    stack around it."""

    key: str
    blocks: tuple[tuple[str, int], ...] = ()


def opened(view: View, depth: int | None = None) -> View:
    """``view`` with modules open down to ``depth`` levels and closed below.

    None: as deep as no more than ``MOST_BOXES`` boxes are drawn; one level at least.
    """
    if depth is not None:
        return replace(view, root=_closed(view.root, depth))
    deepest = _depth(view.root)
    for levels in range(deepest, 0, -1):
        root = _closed(view.root, levels)
        if drawn_boxes(root) <= MOST_BOXES:
            return replace(view, root=root)
    return replace(view, root=_closed(view.root, 1))


def drawn_boxes(item: Item) -> int:
    """How many boxes are drawn: one for a closed module, those of the first block of a stack."""
    return sum(1 for _ in drawn(item))


def drawn(item: Item) -> Iterator[Box | Group]:
    """What is drawn as a box, in order: boxes and closed modules."""
    if isinstance(item, Stack):
        yield from drawn(item.blocks[0])
    elif isinstance(item, Group) and item.open:
        for one in item.items:
            yield from drawn(one)
    else:
        yield item


def key_of(item: Item) -> str:
    """The key that edges to something drawn as a box end at: that of its first box."""
    return next(boxes_in(item)).key


def drawn_edges(view: View) -> tuple[tuple[str, str], ...]:
    """The edges between what is drawn, each once; those from block to block of a stack are left
    out, as the stack stands for them."""
    places = dict(_places(view.root, ()))
    found: dict[tuple[str, str], None] = {}
    for source, reader in view.edges:
        start, end = places[source], places[reader]
        if start.key != end.key and not _from_block_to_block(start, end):
            found[start.key, end.key] = None
    return tuple(found)


def _depth(item: Item) -> int:
    """Levels of modules inside, the root's included."""
    if isinstance(item, Box):
        return 0
    if isinstance(item, Stack):
        return _depth(item.blocks[0])
    return 1 + max((_depth(one) for one in item.items), default=0)


def _closed(item: Group, depth: int) -> Group:
    items = tuple(_one_closed(one, depth - 1) for one in item.items)
    return replace(item, items=items, open=depth > 0)


def _one_closed(item: Item, depth: int) -> Item:
    if isinstance(item, Group):
        return _closed(item, depth)
    if isinstance(item, Stack):
        return replace(item, blocks=tuple(_one_closed(one, depth) for one in item.blocks))
    return item


def _places(item: Item, around: tuple[tuple[str, int], ...]) -> Iterator[tuple[str, Place]]:
    """The place of every box inside."""
    if isinstance(item, Stack):
        yield from _places_in_stack(item, around)
    elif isinstance(item, Group) and item.open:
        for one in item.items:
            yield from _places(one, around)
    else:
        key = key_of(item)
        for box in boxes_in(item):
            yield box.key, Place(key, around)


def _places_in_stack(
    stack: Stack, around: tuple[tuple[str, int], ...]
) -> Iterator[tuple[str, Place]]:
    name = key_of(stack)
    first = [place for _, place in _places(stack.blocks[0], ())]
    for number, block in enumerate(stack.blocks):
        mine = (*around, (name, number))
        for box, place in zip(boxes_in(block), first, strict=True):
            yield box.key, Place(place.key, (*mine, *place.blocks))


def _from_block_to_block(start: Place, end: Place) -> bool:
    other = dict(end.blocks)
    return any(other.get(stack, number) != number for stack, number in start.blocks)
