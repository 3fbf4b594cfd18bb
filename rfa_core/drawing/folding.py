"""Folding: operations that leave the footprint alone go into what they read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rfa_core.drawing.units import Footprints, Unit
from rfa_core.drawing.values import Box
from rfa_core.graph import operations as op

Edges = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """The boxes that are left, and the edges between them."""

    boxes: tuple[Box, ...]
    edges: Edges


def folded(units: Sequence[Unit], boxes: Sequence[Box], footprints: Footprints) -> Folded:
    """Fold what does nothing to the footprint into the one unit that it reads.

    Merges, layers with weights, and whatever only a bound is known of stay.
    """
    home: dict[str, str] = {}
    kept: dict[str, Box] = {}
    joined: dict[str, list[Box]] = {}
    for unit, box in zip(units, boxes, strict=True):
        hosts = {home.get(name) for name in unit.sources}
        read = hosts.pop() if len(hosts) == 1 else None
        if read is not None and _passes(unit, footprints):
            joined.setdefault(read, []).append(box)
        else:
            read = box.key
            kept[read] = box
        home.update((node.name, read) for node in unit.nodes)
    found = tuple(_with(box, joined.get(key, ())) for key, box in kept.items())
    return Folded(found, edges_between(units, home))


def edges_between(units: Sequence[Unit], home: Mapping[str, str]) -> Edges:
    """Who reads whom, each pair once; ``home`` has the key of the box by node."""
    pairs = (
        (home[name], home[unit.main.name])
        for unit in units
        for name in unit.sources
        if name in home
    )
    return tuple(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


def _passes(unit: Unit, footprints: Footprints) -> bool:
    if any(node.weighted or isinstance(node.operation, _NEVER) for node in unit.nodes):
        return False
    ends = {footprints[name].measures for name in (*unit.sources, unit.nodes[-1].name)}
    return len(ends) == 1


_NEVER = (op.Input, op.Sample, op.Unknown)


def _with(box: Box, joined: Sequence[Box]) -> Box:
    module = _module(box)
    own = dict.fromkeys(one.type for one in joined if _module(one) == module and one.computes)
    return replace(
        box,
        beside=tuple(own),
        folded=tuple(dict.fromkeys(one.path for one in joined)),
        parameters=box.parameters + sum(one.parameters for one in joined),
        macs=box.macs + sum(one.macs for one in joined),
    )


def _module(box: Box) -> str:
    return box.path.rpartition(".")[0]
