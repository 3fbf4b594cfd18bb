"""Which line of the project a finding is about.

Every layer remembers the stack of project lines that constructed it. A line is *to blame*
for some layers if it constructed nothing else that counts; of all such lines in a layer's
stack the deepest is the most specific. Where a library constructed the layer, and there is no
such line, it is the line that asked the library for it, unless that asked several times.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from rfa_core.findings import JudgedLayer
from rfa_core.graph.model import Location
from rfa_core.receptive.layers import Layer

Line = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """Layers with the same line to blame; ``place`` is None if no line is to blame.

    ``among`` are then the deepest lines that ran once for the model: they constructed these
    layers and others.
    """

    place: Location | None
    layers: tuple[JudgedLayer, ...]
    among: tuple[Location, ...] = ()


def group_by_line(chosen: Sequence[JudgedLayer], scope: Sequence[JudgedLayer]) -> tuple[Group, ...]:
    """Group ``chosen`` by the deepest line below which no other layer of ``scope`` was built.

    The groups keep the order of ``chosen``, in themselves and by their first layers; the
    layers without such a line are one group of place None.
    """
    names = {judged.layer.name for judged in chosen}
    others = [judged.layer for judged in scope if judged.layer.name not in names]
    shared = {_line(place) for layer in others for place in stack(layer)}
    ways = _ways([*others, *(judged.layer for judged in chosen)])
    groups: dict[Line | None, tuple[Location | None, list[JudgedLayer]]] = {}
    for judged in chosen:
        own = [place for place in stack(judged.layer) if _line(place) not in shared]
        place = own[-1] if own else _asked(judged.layer, ways)
        groups.setdefault(_line(place) if place else None, (place, []))[1].append(judged)
    return tuple(
        Group(place, tuple(layers), () if place else _among(layers, ways))
        for place, layers in groups.values()
    )


def stack(layer: Layer) -> tuple[Location, ...]:
    """The lines that constructed the layer, outermost first; else the one that called it."""
    if layer.constructed or layer.called is None:
        return layer.constructed
    return (layer.called,)


def own_line(layer: Layer, root: str) -> Location | None:
    """The innermost line of the layer itself, relative to ``root``."""
    lines = stack(layer)
    return relative_to(root, lines[-1]) if lines else None


def relative_to(root: str, place: Location | None) -> Location | None:
    """``place`` with its file relative to ``root``, forward slashes; None if it is outside."""
    if place is None:
        return None
    if not PurePath(place.file).is_absolute():
        return place
    try:
        path = PurePath(place.file).relative_to(PurePath(root))
    except ValueError:
        return None
    return Location(path.as_posix(), place.line, place.column)


_Ways = Mapping[Line, int]
"""In how many ways each line was reached."""


def _ways(layers: Iterable[Layer]) -> _Ways:
    found: dict[Line, set[tuple[Line, ...]]] = {}
    for lines in {tuple(map(_line, stack(layer))) for layer in layers}:
        for depth, line in enumerate(lines):
            found.setdefault(line, set()).add(lines[:depth])
    return {line: len(ways) for line, ways in found.items()}


def _asked(layer: Layer, ways: _Ways) -> Location | None:
    """The line that asked a library for the layer, if it was reached in one way."""
    last = stack(layer)[-1:]
    return next((place for place in last if place.library and ways[_line(place)] == 1), None)


def _among(layers: Iterable[JudgedLayer], ways: _Ways) -> tuple[Location, ...]:
    found: dict[Line, Location] = {}
    for judged in layers:
        once = [place for place in stack(judged.layer) if ways[_line(place)] == 1]
        found.update({_line(place): place for place in once[-1:]})
    return tuple(found.values())


def _line(place: Location) -> Line:
    return (place.file, place.line)
