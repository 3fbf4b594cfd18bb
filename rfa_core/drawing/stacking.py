"""Stacking: runs of siblings of the same structure, split where the verdict changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from rfa_core.drawing.folding import Edges
from rfa_core.drawing.values import Box, Group, Item, Stack, boxes_in, verdicts_in

LEAST_BLOCKS = 3
"""Modules that make a stack; two are clearer side by side."""
LEAST_LAYERS = 5
"""Layers that make a stack: each is a box with numbers of its own, so a few are left alone."""

Readers = Mapping[str, frozenset[str]]
Signature = tuple[object, ...]


def stacked(root: Group, edges: Edges) -> Group:
    """``root`` with every run of alike siblings, each of which reads the one before, as one."""
    readers: dict[str, set[str]] = {}
    for source, reader in edges:
        readers.setdefault(source, set()).add(reader)
    return _stacked(root, {key: frozenset(found) for key, found in readers.items()})


def _stacked(group: Group, readers: Readers) -> Group:
    inner = [_inner(one, readers) if isinstance(one, Group) else one for one in group.items]
    keys = [(_signature(one, readers), verdicts_in(one)) for one in inner]
    items: list[Item] = []
    for _, run in groupby(zip(keys, inner, strict=True), key=lambda pair: pair[0]):
        for chain in _chains([item for _, item in run], readers):
            items += _as_stack(chain)
    return replace(group, items=tuple(items))


def _inner(group: Group, readers: Readers) -> Item:
    """A module below the root; one that is a single stack is drawn as that stack."""
    found = _stacked(group, readers)
    if len(found.items) > 1:
        return found
    return replace(found.items[0], name=f"{group.name}.{found.items[0].name}")


def _chains(run: Sequence[Item], readers: Readers) -> Iterable[list[Item]]:
    """The run, parted where one does not read the one before."""
    chain = [run[0]]
    for item in run[1:]:
        own = {box.key for box in boxes_in(item)}
        if not any(readers.get(box.key, _NONE) & own for box in boxes_in(chain[-1])):
            yield chain
            chain = []
        chain.append(item)
    yield chain


_NONE: frozenset[str] = frozenset()


def _as_stack(chain: list[Item]) -> list[Item]:
    least = LEAST_LAYERS if isinstance(chain[0], Box) else LEAST_BLOCKS
    if len(chain) < least:
        return chain
    return [Stack(_from_to(chain[0].name, chain[-1].name), tuple(chain))]


def _from_to(first: str, last: str) -> str:
    """``layer2…16``, ``1…35``: the last name without the stem of the first."""
    stem = first.rstrip("0123456789")
    return f"{first}…{last.removeprefix(stem)}"


def _signature(item: Item, readers: Readers) -> Signature:
    """What makes two siblings alike: their layers, and who reads whom inside."""
    if isinstance(item, Box) and item.kind == "input":
        return (item.key,)
    boxes = list(boxes_in(item))
    place = {box.key: number for number, box in enumerate(boxes)}
    inside = tuple(
        tuple(sorted(place[key] for key in readers.get(box.key, _NONE) if key in place))
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
