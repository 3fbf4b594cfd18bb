"""From nodes to layers: what a module did over all its calls, as one value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import ge

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node, Shape
from rfa_core.receptive.facts import Fact
from rfa_core.receptive.layers import Extent, Layer, Sizes
from rfa_core.receptive.measure import CONSTANT, Measure
from rfa_core.receptive.memory import collector_paused
from rfa_core.receptive.propagate import Footprint, propagate
from rfa_core.receptive.structure import Structure

_INEXACT = frozenset({op.Sample, op.Unknown})
Running = tuple[frozenset[int], ...]
"""Per axis, the dimensions that run along it."""


def analyse_graph(
    graph: Graph, global_norms: bool = False, with_structure: bool = False
) -> tuple[Layer, ...]:
    """Every layer of ``graph`` that carries a footprint, in the order of first use.

    ``global_norms``: see ``propagate``. ``Layer.structure`` is filled ``with_structure`` only.
    """
    structure = Structure(graph) if with_structure else None
    with collector_paused():
        footprints = propagate(graph, global_norms, structure.watch if structure else None)
        groups: dict[str, list[Node]] = {}
        for node in graph:
            if _carries_footprint(node, footprints):
                groups.setdefault(node.layer, []).append(node)
        return tuple(_layer(graph, nodes, footprints, structure) for nodes in groups.values())


@dataclass(frozen=True, slots=True)
class _Call:
    """One call of a layer: its main node and what it measures at both ends."""

    node: Node
    input: tuple[Measure, ...]
    output: tuple[Measure, ...]

    @property
    def seen(self) -> tuple[float, ...]:
        return tuple(_finite(m.min) for m in self.input)


def _carries_footprint(node: Node, footprints: Mapping[str, Footprint]) -> bool:
    if isinstance(node.operation, (op.Input, op.Constant)):
        return False
    return not footprints[node.name].constant


def _layer(
    graph: Graph,
    nodes: Sequence[Node],
    footprints: Mapping[str, Footprint],
    structure: Structure | None,
) -> Layer:
    mains = _main_nodes(nodes)
    calls = [_measured(node, footprints) for node in mains]
    facts = (
        structure.facts(nodes, lambda node: _places(graph, node, footprints)) if structure else ()
    )
    if len(calls) == 1:
        return _as_layer(graph, nodes, 1, calls[0], footprints, facts)
    first = _least_seen(calls)
    best = _as_layer(graph, nodes, len(mains), first, footprints, facts)
    widest = tuple(_largest_local(axis) for axis in zip(*(c.output for c in calls), strict=True))
    if widest != best.output.max:
        best = replace(best, widest=widest)
    rivals = {call.seen: call for call in calls if not _seen_before(call, first)}
    if not rivals:
        return best
    others = (_as_layer(graph, nodes, len(mains), one, footprints) for one in rivals.values())
    return replace(best, other_calls=tuple(others))


def judged_node(graph: Graph, layer: str, footprints: Mapping[str, Footprint]) -> Node:
    """The node whose footprints ``layer`` is reported with: of the call that saw least.

    ``layer`` is the name of a layer of ``analyse_graph``.
    """
    nodes = [node for node in graph if node.layer == layer and _carries_footprint(node, footprints)]
    return _least_seen([_measured(node, footprints) for node in _main_nodes(nodes)]).node


def _least_seen(calls: Sequence[_Call]) -> _Call:
    return min(calls, key=lambda call: (min(call.seen), sum(call.seen)))


def _largest_local(measures: Sequence[Measure]) -> int | None:
    return max((m.max for m in measures if m.max is not None), default=None)


def _seen_before(call: _Call, first: _Call) -> bool:
    """Whether ``call`` saw at least as much as ``first`` on every axis, so that it is no better."""
    return all(map(ge, call.seen, first.seen))


def _as_layer(
    graph: Graph,
    nodes: Sequence[Node],
    count: int,
    call: _Call,
    footprints: Mapping[str, Footprint],
    facts: tuple[Fact, ...] = (),
) -> Layer:
    node, axes = call.node, graph.axes
    window = node.operation if isinstance(node.operation, op.Window) else None
    places = _places(graph, node, footprints)
    made, source = footprints[node.name], node.operands[0]
    return Layer(
        name=node.layer,
        type=node.type,
        operation=node.kind,
        calls=count,
        kernel=_per_axis(window.kernel if window else None, places, axes),
        stride=_per_axis(window.stride if window else None, places, axes),
        dilation=_per_axis(window.dilation if window else None, places, axes),
        input=_extent(call.input),
        output=_extent(call.output),
        effective_stride=tuple(m.stride for m in call.output),
        feature_map=_maps(call.output, window, places, node.shape, made),
        input_feature_map=_maps(
            call.input, window, places, graph[source].shape, footprints[source]
        ),
        parameters=sum([n.parameters for n in nodes]),
        macs=sum([n.macs for n in nodes]),
        judgeable=_judgeable(call),
        inexact=footprints[node.name].inexact,
        causes_inexact=not _INEXACT.isdisjoint([type(n.operation) for n in nodes]),
        constructed=node.constructed,
        called=node.called,
        structure=facts,
        transposed=window is not None and window.transposed,
    )


def _main_nodes(nodes: Sequence[Node]) -> list[Node]:
    """Per call, the node that gives the layer its name: the weighted one, else the last."""
    mains: dict[int, Node] = {}
    for node in nodes:
        known = mains.get(node.call)
        if known is None or node.weighted or not known.weighted:
            mains[node.call] = node
    return list(mains.values())


def _measured(node: Node, footprints: Mapping[str, Footprint]) -> _Call:
    output = footprints[node.name].measures
    sources = [footprints[name] for name in _data_operands(node)]
    inputs = [source.measures for source in sources if not source.constant]
    if not inputs:
        return _Call(node, output, output)
    return _Call(node, tuple(_joined(axis) for axis in zip(*inputs, strict=True)), output)


def _data_operands(node: Node) -> tuple[str, ...]:
    return node.operands[:1] if isinstance(node.operation, op.Window) else node.operands


def _joined(measures: Sequence[Measure]) -> Measure:
    """Several inputs of one operation: the smallest of the shortest, the largest union."""
    if all(measure.min == 0 for measure in measures):
        return CONSTANT
    widest = max(measures, key=lambda m: m.map or 0)
    finite = [m.min for m in measures if m.min]
    local = [m.max for m in measures if m.max]
    return Measure(
        min(finite, default=None),
        max(local, default=None),
        any(m.context for m in measures),
        widest.stride,
        widest.map,
    )


def _places(
    graph: Graph, node: Node, footprints: Mapping[str, Footprint]
) -> tuple[int | None, ...]:
    """For each axis, which entry of the window's tuples moves along it."""
    if not isinstance(node.operation, op.Window):
        return (None,) * graph.axes
    return _moving(node.operation.dims, footprints[node.operands[0]].running)


@lru_cache(maxsize=1024)
def _moving(dims: tuple[int, ...], running: Running) -> tuple[int | None, ...]:
    places: list[int | None] = []
    for axis, along in enumerate(running):
        found = [place for place, dim in enumerate(dims) if dim in along]
        spare = axis if len(dims) == len(running) else None
        places.append(found[0] if found else spare)
    return tuple(places)


def _per_axis(
    values: Sequence[int] | None, places: Sequence[int | None], axes: int
) -> tuple[int, ...]:
    if values is None:
        return (1,) * axes
    return tuple([1 if place is None else values[place] for place in places])


def _maps(
    measures: Sequence[Measure],
    window: op.Window | None,
    places: Sequence[int | None],
    shape: Shape,
    footprint: Footprint,
) -> tuple[int | None, ...]:
    """Positions per axis; a window along a dimension that runs along no other axis has as many
    as that is long, and one whose input is global still has a map of its own."""
    maps = [m.map for m in measures]
    if window is not None:
        alone = _alone(footprint.running)
        for axis, place in enumerate(places):
            if place is not None and (maps[axis] is None or alone[axis] == window.dims[place]):
                maps[axis] = shape[window.dims[place]]
    return tuple(maps)


@lru_cache(maxsize=1024)
def _alone(running: Running) -> tuple[int | None, ...]:
    """Per axis, the only dimension that runs along it, if it runs along no other."""
    return tuple(
        next(iter(dims))
        if len(dims) == 1 and sum(bool(dims & other) for other in running) == 1
        else None
        for dims in running
    )


def _extent(measures: Sequence[Measure]) -> Extent:
    smallest: Sizes = tuple([m.min for m in measures])
    largest: Sizes = tuple([m.max for m in measures])
    return _shared_extent(smallest, largest, True in [m.context for m in measures])


@lru_cache(maxsize=4096)
def _shared_extent(smallest: Sizes, largest: Sizes, context: bool) -> Extent:
    """One value for all layers that see as much: a process sends and keeps it once."""
    return Extent(smallest, largest, context)


def _judgeable(call: _Call) -> str:
    if not any(m.map for m in call.input):
        return ""
    if call.node.weighted:
        return "weights"
    return "pooling" if "pool" in call.node.kind else ""


def _finite(size: int | None) -> float:
    return float("inf") if size is None else size
