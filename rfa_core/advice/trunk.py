"""Where a network can be cut: tensors that every path goes through, and what lies between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

from rfa_core.advice.editing import is_pooled
from rfa_core.advice.shortest import States
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node

_FINISHING = (op.Norm, op.Permute)


@dataclass(frozen=True, slots=True)
class Segment:
    """What lies between two cuts: the ``nodes`` after ``source``, the last of which is the next.

    ``layers`` are those with weights at positions inside; ``depth`` is how deep in the tree of
    modules the segment before it and this one part; ``is_residual`` says that what comes in is
    merged with what was made of it.
    """

    source: Node
    nodes: tuple[Node, ...]
    layers: tuple[str, ...]
    depth: int
    is_residual: bool = False

    @property
    def last(self) -> Node:
        return self.nodes[-1]

    @property
    def keeps_shape(self) -> bool:
        return self.source.shape == self.last.shape

    @property
    def structure(self) -> tuple[op.Operation, ...]:
        """What makes two blocks alike."""
        return tuple([node.operation for node in self.nodes])


def block_depth(segments: Sequence[Segment]) -> float:
    """How deep in the tree of modules residual blocks part; anywhere if there are none."""
    return max((one.depth for one in segments if one.is_residual), default=inf)


def segments_of(graph: Graph, lines: Mapping[str, States]) -> list[Segment]:
    """The segments of the trunk while there are positions, in order."""
    places = _cuts(graph, lines)
    found: list[Segment] = []
    for first, last in pairwise(places):
        inside = graph.nodes[first + 1 : last + 1]
        source = graph.nodes[first]
        layers = tuple(dict.fromkeys(node.layer for node in inside if node.weighted))
        depth = _shared(source.layer, inside[0].layer)
        found.append(Segment(source, inside, layers, depth, _merges(graph, source, inside)))
    return found


def _merges(graph: Graph, source: Node, inside: Sequence[Node]) -> bool:
    """Whether ``source`` itself is merged with something inside that is no gate."""
    for node in inside:
        if isinstance(node.operation, op.Pointwise) and source.name in node.operands[:2]:
            others = [name for name in node.operands if name != source.name]
            if any(not is_pooled(graph, name) for name in others):
                return True
    return False


def _cuts(graph: Graph, lines: Mapping[str, States]) -> list[int]:
    """The places of the tensors that are the only ones still needed, and that end a block."""
    last_use = {name: place for place, node in enumerate(graph) for name in node.operands}
    readers: dict[str, list[Node]] = {}
    for node in graph:
        for name in node.operands:
            readers.setdefault(name, []).append(node)
    open_: set[str] = set()
    found: list[int] = []
    for place, node in enumerate(graph):
        open_ -= {name for name in node.operands if last_use[name] <= place}
        if isinstance(node.operation, op.Constant) or node.name not in readers:
            continue
        open_.add(node.name)
        if open_ == {node.name} and _ends_block(node, readers[node.name]):
            if not _has_positions(node, lines):
                break
            found.append(place)
    return found


def _has_positions(node: Node, lines: Mapping[str, States]) -> bool:
    """Whether it may still run along the axes: where it is not known, its rank decides."""
    states = lines[node.name]
    if all(state is not None for state in states):
        return any(state is not None and state.dim is not None for state in states)
    return len(node.shape) > 2


def _ends_block(node: Node, readers: list[Node]) -> bool:
    """Whether no norm or activation that belongs to it follows."""
    if isinstance(node.operation, op.Input) or len(readers) > 1:
        return True
    (reader,) = readers
    if isinstance(reader.operation, op.Pointwise) and len(reader.operands) == 1:
        return False
    return len(node.operands) > 1 or not isinstance(reader.operation, _FINISHING)


def _shared(first: str, second: str) -> int:
    """How many modules the paths of two layers share."""
    count = 0
    for one, other in zip(first.split("."), second.split("."), strict=False):
        if one != other:
            break
        count += 1
    return count


def channel_between(source: Node, last: Node, lines: Mapping[str, States]) -> int | None:
    """The one dimension that runs along no axis in either, and in which they differ."""
    states = [*lines[source.name], *lines[last.name]]
    if None in states or len(source.shape) != len(last.shape):
        return None
    along = {state.dim for state in states if state is not None}
    pairs = enumerate(zip(source.shape, last.shape, strict=True))
    differing = [dim for dim, (old, new) in pairs if old != new and dim not in along]
    return differing[0] if len(differing) == 1 else None
