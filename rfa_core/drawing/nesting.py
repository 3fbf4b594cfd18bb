"""Nesting: boxes into the modules that their paths name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rfa_core.drawing.values import Box, Group, Item

DEEPEST = 32
"""Levels of modules; what lies deeper is drawn in the last."""


def nested(boxes: Sequence[Box]) -> Group:
    """The root of the modules, children in the order of first use.

    A module with a single child is drawn as that child, under both names.
    """
    placed = [(box, tuple(box.path.split(".", DEEPEST))) for box in boxes]
    return Group("", "", _items(placed, ""))


def _items(placed: Sequence[tuple[Box, tuple[str, ...]]], path: str) -> tuple[Item, ...]:
    """The children of the module ``path``; with each box the rest of its path."""
    slots: dict[tuple[str, str], list[tuple[Box, tuple[str, ...]]]] = {}
    for box, (head, *rest) in placed:
        slot = (head, "") if rest else (head, box.key)
        slots.setdefault(slot, []).append((box, tuple(rest)))
    found: list[Item] = []
    for (head, key), below in slots.items():
        if key:
            found.append(replace(below[0][0], name=head))
        else:
            found.append(_group(head, _joined(path, head), below))
    return tuple(found)


def _group(head: str, path: str, below: Sequence[tuple[Box, tuple[str, ...]]]) -> Item:
    items = _items(below, path)
    if len(items) == 1:
        return replace(items[0], name=_joined(head, items[0].name))
    return Group(path, head, items)


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
