"""An edit as a pure function of a graph: the network as it would be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from rfa_core.advice.changes import Edit, OutputError, Removal, UnfitError
from rfa_core.advice.inference import Case, Rule, Tensor, drafted, inferred
from rfa_core.advice.windows import filled
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node


def edited(graph: Graph, edit: Edit) -> Graph:
    """The network with ``edit`` made: shapes, costs and names of what is left of it.

    Raises UnfitError where the edit would break it, UnfollowedError where one trace does not tell
    what it would make of a map of another size, OutputError where it would return something else.
    """
    return _edited(graph, edit, inferred)


def draft(graph: Graph, edit: Edit) -> Graph:
    """The network with ``edit`` made, where one trace does not tell more: its layers and what
    they read are as they would be, its shapes those of before from where it is not known.

    Raises UnfitError where that does not even tell the layers.
    """
    return _edited(graph, edit, drafted)


def _edited(graph: Graph, edit: Edit, rule: Rule) -> Graph:
    instead = {one.last: one for one in edit.removals}
    if not all(name in graph for one in edit.removals for name in (one.source, one.last)):
        raise UnfitError(edit.kind, "what it removes is gone")
    left = _reached(graph, instead)
    nodes = _nodes(graph, edit, instead, left, rule)
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
    """The nodes that the outputs depend on, removals made, and the dead ends of what stays."""
    if not instead:
        return {node.name for node in graph}
    needed = _needed(graph, {})
    left = _needed(graph, instead) | {node.name for node in graph.inputs}
    for node in graph:
        if node.name not in needed and left.issuperset(node.operands):
            left.add(node.name)
    _require_whole_layers(graph, left)
    return left


def _needed(graph: Graph, instead: Mapping[str, Removal]) -> set[str]:
    found = {_resolved(name, instead) for name in graph.outputs}
    for node in reversed(graph.nodes):
        if node.name in found:
            found.update(_resolved(name, instead) for name in node.operands)
    return found


def _require_whole_layers(graph: Graph, left: set[str]) -> None:
    """What is removed shares no weights with what stays."""
    gone = {node.layer for node in graph if node.name not in left and node.weighted}
    for node in graph:
        if node.name in left and node.layer in gone and node.weighted:
            raise UnfitError(node.layer, "it is used elsewhere, too")


def _nodes(
    graph: Graph, edit: Edit, instead: Mapping[str, Removal], left: set[str], rule: Rule
) -> tuple[Node, ...]:
    windows = {one.layer: one for one in edit.windows}
    tensors: dict[str, Tensor] = {}
    nodes: list[Node] = []

    def now(name: str) -> Tensor:
        return _tensor(graph, name, instead, tensors)

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
        after = tuple(map(now, node.operands))
        before = tuple(graph[name].shape for name in node.operands)
        case = Case(
            node,
            operation,
            before,
            after,
            _pooled_of(graph, node.operands),
            _written_of(graph, node.operands),
            _refilled_of(graph, node, operation, now),
        )
        made, tensor = rule(case)
        if tensor.shape != node.shape:
            tensors[node.name] = tensor
        nodes.append(made if operands == node.operands else replace(made, operands=operands))
    _require_outputs(graph, instead, tensors)
    return tuple(nodes)


def _require_outputs(
    graph: Graph, instead: Mapping[str, Removal], tensors: Mapping[str, Tensor]
) -> None:
    """Every output is still one of its own, and what runs along no axis has the size it had."""
    resolved = [_resolved(name, instead) for name in graph.outputs]
    for old, new in zip(graph.outputs, resolved, strict=True):
        layer, shape = graph[old].layer, graph[old].shape
        tensor = _tensor(graph, old, instead, tensors)
        if new != old and resolved.count(new) > graph.outputs.count(old):
            raise OutputError(layer, "it makes an output of its own")
        if len(tensor.shape) != len(shape):
            raise OutputError(layer, f"the output has {len(shape)} dimensions")
        if any(tensor.shape[dim] != shape[dim] for dim in tensor.fitted):
            raise OutputError(layer, f"the output has {shape[min(tensor.fitted)]} channels")


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


def _written_of(graph: Graph, names: Sequence[str]) -> Callable[[], bool]:
    return lambda: any(_is_written(graph, name) for name in names)


def _refilled_of(
    graph: Graph, node: Node, operation: op.Operation, now: Callable[[str], Tensor]
) -> Callable[[], bool]:
    def refilled() -> bool:
        """A padding in front of it was what keeps the size, and now another one would."""
        old, pad = node.operation, graph[node.operands[0]]
        if not (isinstance(old, op.Window) and isinstance(operation, op.Window)):
            return False
        if not isinstance(pad.operation, op.Pad):
            return False
        before, after = graph[pad.operands[0]].shape, now(pad.operands[0]).shape
        own = [(pad.operation.before[dim], pad.operation.after[dim]) for dim in old.dims]
        places = list(enumerate(old.dims))
        kept = [filled(old, place, before[dim]) for place, dim in places]
        return own == kept != [filled(operation, place, after[dim]) for place, dim in places]

    return refilled


_WRITTEN = (op.Expand, op.Repeat, op.Slice, op.Pad, op.Gather, op.Constant, op.Unknown, op.Sample)
"""What may make a size of numbers that were read from another tensor."""


def _is_written(graph: Graph, name: str) -> bool:
    """Whether the size of ``name`` may have been taken from another tensor since the last layer
    with weights."""
    waiting, seen = [name], {name}
    while waiting:
        node = graph[waiting.pop()]
        operation = node.operation
        if isinstance(operation, op.Resample) and _is_sized(graph, node, operation):
            return True
        if isinstance(operation, _WRITTEN) and max(node.shape, default=1) > 1:
            return True
        if node.weighted:
            continue
        waiting.extend(one for one in node.operands if one not in seen)
        seen.update(node.operands)
    return False


def _is_sized(graph: Graph, node: Node, resample: op.Resample) -> bool:
    """Whether it makes a size that it was told, or repeats one pixel over a map."""
    source = graph[node.operands[0]].shape
    return None in (resample.scale or (None,)) or all(source[dim] == 1 for dim in resample.dims)


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
