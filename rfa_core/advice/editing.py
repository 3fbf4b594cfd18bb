"""An edit as a pure function of a graph: the network as it would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rfa_core.advice.changes import Edit, Removal, UnfitError
from rfa_core.advice.inference import Case, Tensor, inferred
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node


def edited(graph: Graph, edit: Edit) -> Graph:
    """The network with ``edit`` made: shapes, costs and names of what is left of it.

    Raises UnfitError where the edit would break it, or where one trace does not tell what it
    would make of a map of another size.
    """
    instead = {one.last: one for one in edit.removals}
    if not all(name in graph for one in edit.removals for name in (one.source, one.last)):
        raise UnfitError(edit.kind, "what it removes is gone")
    left = _reached(graph, instead)
    nodes = _nodes(graph, edit, instead, left)
    return replace(
        graph,
        nodes=nodes,
        outputs=tuple(_resolved(name, instead) for name in graph.outputs),
        parameters=graph.parameters - _parameters(graph.nodes) + _parameters(nodes),
        _index={},
    )


def _parameters(nodes: Sequence[Node]) -> int:
    return sum([node.parameters for node in nodes])


def _resolved(name: str, instead: Mapping[str, Removal]) -> str:
    while name in instead:
        name = instead[name].source
    return name


def _reached(graph: Graph, instead: Mapping[str, Removal]) -> set[str]:
    """The nodes that the outputs depend on, removals made."""
    if not instead:
        return {node.name for node in graph}
    left = {_resolved(name, instead) for name in graph.outputs}
    for node in reversed(graph.nodes):
        if node.name in left:
            left.update(_resolved(name, instead) for name in node.operands)
    _require_whole_layers(graph, left)
    return left | {node.name for node in graph.inputs}


def _require_whole_layers(graph: Graph, left: set[str]) -> None:
    """What is removed shares no weights with what stays."""
    gone = {node.layer for node in graph if node.name not in left and node.weighted}
    for node in graph:
        if node.name in left and node.layer in gone and node.weighted:
            raise UnfitError(node.layer, "it is used elsewhere, too")


def _nodes(
    graph: Graph, edit: Edit, instead: Mapping[str, Removal], left: set[str]
) -> tuple[Node, ...]:
    windows = {one.layer: one for one in edit.windows}
    tensors: dict[str, Tensor] = {}
    nodes: list[Node] = []
    for node in graph:
        if node.name not in left:
            continue
        operands = tuple([_resolved(name, instead) for name in node.operands])
        change = windows.get(node.layer)
        swaps = change is not None and isinstance(node.operation, op.Window)
        if not swaps and operands == node.operands and not any(n in tensors for n in operands):
            nodes.append(node)
            continue
        operation = change.after if change is not None and swaps else node.operation
        after = tuple(_tensor(graph, old, instead, tensors) for old in node.operands)
        before = tuple(graph[name].shape for name in node.operands)
        case = Case(node, operation, before, after, _pooled_of(graph, node.operands))
        made, tensor = inferred(case)
        if tensor.shape != node.shape:
            tensors[node.name] = tensor
        nodes.append(made if operands == node.operands else replace(made, operands=operands))
    return tuple(nodes)


def _tensor(
    graph: Graph, old: str, instead: Mapping[str, Removal], tensors: Mapping[str, Tensor]
) -> Tensor:
    name = _resolved(old, instead)
    tensor = tensors.get(name) or Tensor(graph[name].shape)
    if name == old:
        return tensor
    channel, shape = instead[old].channel, graph[old].shape
    if channel is None or len(shape) != len(tensor.shape):
        return tensor
    if shape[channel] == tensor.shape[channel]:
        return tensor
    return Tensor(tensor.shape, tensor.fitted | {channel})


def _pooled_of(graph: Graph, names: Sequence[str]) -> Callable[[], tuple[bool, ...]]:
    return lambda: tuple(is_pooled(graph, name) for name in names)


def is_pooled(graph: Graph, name: str) -> bool:
    """Whether every way into ``name`` has been pooled over its positions: it is a gate."""
    waiting, seen = [name], {name}
    while waiting:
        node = graph[waiting.pop()]
        if isinstance(node.operation, op.Input):
            return False
        if _pools(node.operation):
            continue
        waiting.extend(one for one in node.operands if one not in seen)
        seen.update(node.operands)
    return True


def _pools(operation: op.Operation) -> bool:
    if not isinstance(operation, op.Contract) or len(operation.labels) != 1:
        return False
    return not set(operation.labels[0]) <= set(operation.output)
