"""Maps whose positions are put into the batch: ``view(-1, C)`` where one position was expected.

Networks for small images flatten their pooled map like that. On a larger image it gives several
rows for each image, of channels and positions in no order: they run, and predict nothing.
"""

from __future__ import annotations

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node


def mixing(graph: Graph) -> Node | None:
    """The first reshape of ``[1, C, ...]``, a map of several positions, to ``[several, C]``.

    Where the last size is ``C``, too, the channels may be there, and stay in place.
    """
    return next((node for node in graph if _mixes(graph, node)), None)


def layers_behind(graph: Graph, start: Node | None) -> frozenset[str]:
    """The names of the layers that read what ``start`` made."""
    reached = {start.name} if start else set()
    for node in graph:
        if not reached.isdisjoint(node.operands):
            reached.add(node.name)
    return frozenset(node.layer for node in graph if node.name in reached)


def _mixes(graph: Graph, node: Node) -> bool:
    if not isinstance(node.operation, op.Reshape) or len(node.shape) != 2:
        return False
    source, (rows, channels) = graph[node.operands[0]].shape, node.shape
    is_map = len(source) > 2 and source[0] == 1
    return is_map and rows > 1 and source[1] == channels != source[-1]
