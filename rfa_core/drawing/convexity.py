"""Modules that data leave and come back to: lists that hold layers, not steps of the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rfa_core.drawing.values import Box, Group, Item, boxes_in

Sources = Mapping[int, Sequence[int]]
"""By number, the numbers of what it reads."""


def dissolved(root: Group, boxes: Sequence[Box], edges: Iterable[tuple[str, str]]) -> Group:
    """``root`` with what such modules hold in their place, under both names.

    The decoders of a U-Net in one ``ModuleList`` are not next to each other in the network;
    drawn inside one frame they would be.
    """
    place = {box.key: number for number, box in enumerate(boxes)}
    sources: dict[int, list[int]] = {}
    for source, reader in edges:
        sources.setdefault(place[reader], []).append(place[source])
    return replace(root, items=_items(root.items, place, sources))


def _items(items: Sequence[Item], place: Mapping[str, int], sources: Sources) -> tuple[Item, ...]:
    found: list[Item] = []
    for item in items:
        if not isinstance(item, Group):
            found.append(item)
            continue
        inside = _items(item.items, place, sources)
        if comes_back({place[box.key] for box in boxes_in(item)}, sources):
            found += [replace(one, name=f"{item.name}.{one.name}") for one in inside]
        else:
            found.append(replace(item, items=inside))
    return tuple(sorted(found, key=lambda one: place[next(boxes_in(one)).key]))


def comes_back(inside: set[int], sources: Sources) -> bool:
    """Whether a path leads out of what is ``inside`` and in again; numbers are places in order."""
    outside: set[int] = set()
    for number in range(min(inside), max(inside) + 1):
        read = sources.get(number, ())
        if number in inside:
            if not outside.isdisjoint(read):
                return True
        elif any(one in inside or one in outside for one in read):
            outside.add(number)
    return False
