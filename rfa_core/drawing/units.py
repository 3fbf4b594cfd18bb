"""The operations of a graph gathered into calls of layers, with what a box says of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from rfa_core.drawing.convexity import comes_back
from rfa_core.drawing.values import Box
from rfa_core.findings import JudgedLayer
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive.layers import Extent
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.propagate import Footprint
from rfa_core.receptive.verdict import Verdict

Footprints = Mapping[str, Footprint]


@dataclass(frozen=True, slots=True)
class Unit:
    """Operations that are drawn together: ``main`` gives the name, ``sources`` are the results
    of other units that they read."""

    nodes: tuple[Node, ...]
    main: Node
    sources: tuple[str, ...]


def units_of(graph: Graph, footprints: Footprints, apart: bool = False) -> list[Unit]:
    """The operations that depend on the input, by layer and call, or each on its own.

    In the order of first use. The operations of a call are apart, too, where data leave them
    and come back: what the call is made of is then not known.
    """
    groups: dict[object, list[Node]] = {}
    for node in graph:
        given = isinstance(node.operation, op.Input)
        if given or _depends(node, footprints):
            key: object = node.name if given or apart else (node.layer, node.call)
            groups.setdefault(key, []).append(node)
    place = {node.name: number for number, node in enumerate(graph)}
    found = sorted(_untorn(groups.values(), graph, place), key=lambda nodes: place[nodes[0].name])
    return [_unit(nodes, footprints) for nodes in found]


def _untorn(
    groups: Iterable[Sequence[Node]], graph: Graph, place: Mapping[str, int]
) -> Iterator[Sequence[Node]]:
    sources = {place[node.name]: [place[name] for name in node.operands] for node in graph}
    for nodes in groups:
        if len(nodes) > 1 and comes_back({place[node.name] for node in nodes}, sources):
            yield from ([node] for node in nodes)
        else:
            yield nodes


def boxes_of(
    units: Iterable[Unit], footprints: Footprints, judged: Mapping[str, JudgedLayer]
) -> list[Box]:
    """A box per unit; ``judged`` has the layers by name."""
    found = list(units)
    calls: dict[str, int] = {}
    for unit in found:
        calls[unit.main.layer] = max(calls.get(unit.main.layer, 0), unit.main.call + 1)
    boxes = [_box(one, footprints, judged.get(one.main.layer), calls) for one in found]
    return _numbered(boxes)


def _numbered(boxes: Sequence[Box]) -> list[Box]:
    """Inputs of the same name told apart: ``input``, ``input_2``."""
    seen: dict[str, int] = {}
    found = []
    for box in boxes:
        if box.kind == "input":
            count = seen[box.path] = seen.get(box.path, 0) + 1
            path = box.path if count == 1 else f"{box.path}_{count}"
            box = replace(box, path=path, name=path)
        found.append(box)
    return found


def _depends(node: Node, footprints: Footprints) -> bool:
    return not isinstance(node.operation, op.Constant) and not footprints[node.name].constant


def _unit(nodes: Sequence[Node], footprints: Footprints) -> Unit:
    inside = {node.name for node in nodes}
    names = (name for node in nodes for name in node.operands if name not in inside)
    sources = dict.fromkeys(name for name in names if not footprints[name].constant)
    weighted = [node for node in nodes if node.weighted]
    return Unit(tuple(nodes), (weighted or nodes)[-1], tuple(sources))


def _box(
    unit: Unit, footprints: Footprints, judged: JudgedLayer | None, calls: Mapping[str, int]
) -> Box:
    main = unit.main
    window = main.operation if isinstance(main.operation, op.Window) else None
    footprint = footprints[main.name]
    shown = judged if judged and _bears_verdict(unit, judged) else None
    return Box(
        key=main.name,
        path=main.layer or main.name,
        name=main.layer or main.name,
        type=main.type or main.kind,
        kind="input" if isinstance(main.operation, op.Input) else main.kind,
        verdict=shown.verdict if shown else Verdict.NOT_JUDGED,
        measures=footprint.measures,
        seen=_seen(unit, footprints),
        window=window,
        filters=_filters(main, window),
        units=_fresh(main),
        computes=not all(isinstance(node.operation, _REARRANGING) for node in unit.nodes),
        call=main.call,
        calls=calls[main.layer],
        parameters=sum(node.parameters for node in unit.nodes),
        macs=sum(node.macs for node in unit.nodes),
        reasons=footprint.inexact,
        tie=shown.tie if shown else False,
        source=f"{judged.file}:{judged.line}" if judged and judged.file else "",
    )


_REARRANGING = (op.Reshape, op.Permute, op.Slice, op.Select, op.Expand, op.Repeat, op.Pad)


def _bears_verdict(unit: Unit, judged: JudgedLayer) -> bool:
    """Whether the unit has the operation that the verdict is about, where a layer has several."""
    return judged.layer.judgeable != "weights" or any(node.weighted for node in unit.nodes)


def _seen(unit: Unit, footprints: Footprints) -> Extent:
    inputs = [footprints[name].measures for name in unit.sources]
    axes = [list(axis) for axis in zip(*inputs, strict=True)] if inputs else []
    return Extent(
        tuple(_least(axis) for axis in axes),
        tuple(max((one.max for one in axis if one.max is not None), default=None) for axis in axes),
        any(one.context for axis in axes for one in axis),
    )


def _least(measures: Sequence[Measure]) -> int | None:
    return min((one.min for one in measures if one.min), default=measures[0].min)


def _filters(node: Node, window: op.Window | None) -> int:
    """Output channels of a convolution."""
    if window is None or window.channel is None or not node.weighted:
        return 0
    return node.shape[window.channel]


def _fresh(node: Node) -> int:
    """Outputs of a linear layer: what its result has along dimensions that its input lacks."""
    if not (node.weighted and isinstance(node.operation, op.Contract)):
        return 0
    given = node.operation.labels[0]
    made = zip(node.shape, node.operation.output, strict=True)
    return prod(size for size, label in made if label not in given)
