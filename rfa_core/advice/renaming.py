"""One network traced twice: the nodes of the second trace under the names of the first."""

from __future__ import annotations

from dataclasses import replace

from rfa_core.graph.model import Graph, Node


def with_names_of(traced: Graph, known: Graph) -> Graph | None:
    """``traced``, its nodes named as in ``known``; None if they are not the same steps."""
    if [_step(node) for node in traced] != [_step(node) for node in known]:
        return None
    names = {one.name: other.name for one, other in zip(traced, known, strict=True)}
    nodes = tuple(
        replace(node, name=names[node.name], operands=tuple(names[one] for one in node.operands))
        for node in traced
    )
    outputs = tuple(names[name] for name in traced.outputs)
    return replace(traced, nodes=nodes, outputs=outputs, _index={})


def _step(node: Node) -> tuple[str, int, str]:
    return node.layer, node.call, node.kind
