"""A network as maps to browse: one of the whole, one for each module, each drawn once.

Modules of the same structure share a drawing; what tells them apart (verdicts, numbers, names
of layers) is for the page to fill in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rfa_core.drawing.arranging import Links, arranged, framed, touching
from rfa_core.drawing.sketch import Pencil, column_of
from rfa_core.drawing.values import Box, Group, Item, View, boxes_in
from rfa_core.drawing.wording import sight
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import flat

Json = dict[str, object]
_FEW = 5
"""Parts of a network of which one may be a mere wrapper."""


@dataclass(frozen=True, slots=True)
class Atlas:
    """``drawings`` are SVG, ``modules`` what stands in each, as JSON.

    A module has its ``name``, the number of the module ``above`` it (-1: none), the number of its
    ``drawing`` and its ``parts``. A part has the ``layers`` that its cells stand for, the last one
    at its ``end`` and the ``module`` that it opens; a stack has ``blocks`` like that. Layers are
    numbered, -1 is none of them. ``sight`` and ``own`` are what one of several calls sees and
    makes, as the table of layers has another.
    """

    drawings: tuple[str, ...]
    modules: tuple[Json, ...]


def atlas_of(view: View, numbers: Mapping[str, int]) -> Atlas:
    """The maps of ``view``; ``numbers`` are those of layers, by name."""
    made = _Maker(numbers, Pencil(column_of(boxes_in(view.root)), live=True))
    made.add(_unwrapped(view.root), flat(view.name), -1, view.edges)
    return Atlas(tuple(made.drawings), tuple(made.modules))


def _unwrapped(root: Group) -> Group:
    """``root`` with what is in a module that holds most of the network in its place."""
    total = sum(1 for _ in boxes_in(root))
    for place, item in enumerate(root.items):
        if not isinstance(item, Group) or len(root.items) > _FEW:
            continue
        if 3 * sum(1 for _ in boxes_in(item)) > 2 * total:
            inside = tuple(replace(one, name=f"{item.name}.{one.name}") for one in item.items)
            items = (*root.items[:place], *inside, *root.items[place + 1 :])
            return _unwrapped(replace(root, items=items))
    return root


class _Maker:
    def __init__(self, numbers: Mapping[str, int], pencil: Pencil) -> None:
        self._numbers = numbers
        self._pencil = pencil
        self.modules: list[Json] = []
        self.drawings: dict[str, int] = {}

    def add(self, group: Group, name: str, above: int, links: Links) -> int:
        place = len(self.modules)
        self.modules.append({"name": name, "above": above})
        inside = zip(group.items, touching(group.items, links), strict=True)
        drawing = self._drawn(group.items, links)
        parts = [self._part(item, place, found) for item, found in inside]
        self.modules[place] |= {"drawing": drawing, "parts": parts}
        return place

    def _drawn(self, items: Sequence[Item], links: Links) -> int:
        """The number of the drawing of a module."""
        parts = [self._pencil.part(item, item, place) for place, item in enumerate(items)]
        svg = framed(arranged(items, parts, links))
        return self.drawings.setdefault(svg, len(self.drawings))

    def _part(self, item: Item, above: int, links: Links) -> Json:
        if isinstance(item, Box):
            return self._leaf(item)
        if isinstance(item, Group):
            module = self.add(item, flat(item.name), above, links)
            return {"layers": self._judged(item), "module": module, "end": self._end(item)}
        found = touching(item.blocks, links)
        blocks = [
            self._part(block, above, inside) | {"layers": self._judged(block)}
            for block, inside in zip(item.blocks, found, strict=True)
        ]
        return {"blocks": blocks, "end": self._end(item)}

    def _leaf(self, box: Box) -> Json:
        """A layer; one that has several calls says what this one sees and makes."""
        found: Json = {"layer": self._number(box), "folded": list(map(flat, box.folded))}
        if box.calls == 1:
            return found
        strides = [None if one.stride is None else float(one.stride) for one in box.measures]
        own = {"feature_map": list(box.map), "effective_stride": strides}
        return {**found, "sight": sight(box), "own": None if None in box.map else own}

    def _end(self, item: Item) -> int:
        *_, last = boxes_in(item)
        return self._number(last)

    def _judged(self, item: Item) -> list[int]:
        judged = (box for box in boxes_in(item) if box.verdict is not Verdict.NOT_JUDGED)
        return [self._number(box) for box in judged]

    def _number(self, box: Box) -> int:
        return self._numbers.get(box.path, -1)
