"""Pooling whose kernel follows the map: ``avg_pool2d(x, x.shape[2:])`` is global pooling.

One trace cannot tell it from a pooling of fixed size that happens to meet a map of that
size; a second one, at a larger resolution, can.
"""

from __future__ import annotations

from dataclasses import replace

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node

Key = tuple[str, int, str]


def pools_whole_maps(graph: Graph) -> bool:
    """Whether some pooling covers exactly the map it gets, so that a second look pays."""
    return bool(_whole(graph))


def with_global_pools(graph: Graph, larger: Graph) -> Graph:
    """``graph`` with those poolings made contractions that cover their map in ``larger``, too."""
    following = _whole(graph).keys() & _whole(larger).keys()
    nodes = tuple(
        replace(node, operation=_contraction(graph, node)) if _key(node) in following else node
        for node in graph
    )
    return replace(graph, nodes=nodes, _index={}) if following else graph


def _whole(graph: Graph) -> dict[Key, Node]:
    return {_key(node): node for node in graph if _covers(graph, node)}


def _key(node: Node) -> Key:
    return node.layer, node.call, node.kind


def _covers(graph: Graph, node: Node) -> bool:
    window = node.operation
    if not isinstance(window, op.Window) or window.groups != 0 or any(window.padding):
        return False
    source = graph[node.operands[0]].shape
    return all(size == source[dim] for dim, size in zip(window.dims, window.kernel, strict=True))


def _contraction(graph: Graph, node: Node) -> op.Contract:
    assert isinstance(node.operation, op.Window)
    rank = len(graph[node.operands[0]].shape)
    pooled = node.operation.dims
    labels = tuple(range(rank))
    return op.Contract((labels,), tuple(rank + d if d in pooled else d for d in labels))
