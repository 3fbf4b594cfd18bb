"""One network traced twice: the nodes of the second trace under the names of the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node

Key = tuple[str, int, str, int]


def with_names_of(traced: Graph, known: Graph) -> Graph | None:
    """``traced``, its nodes named as in ``known``; None if its layers are not the same ones.

    It may have steps more: what is as large as its map need not be repeated over it, until the
    map grows.
    """
    keys = {key: node.name for key, node in _each(known)}
    names = {node.name: keys.pop(key, "") for key, node in _each(traced)}
    if keys or _layers(traced) != _layers(known):
        return None
    taken = {node.name for node in known}
    for name in [name for name, new in names.items() if not new]:
        fresh = f"{name}_new"
        while fresh in taken:
            fresh += "_"
        names[name] = fresh
        taken.add(fresh)
    nodes = tuple(
        replace(node, name=names[node.name], operands=tuple(names[one] for one in node.operands))
        for node in traced
    )
    outputs = tuple(names[name] for name in traced.outputs)
    return replace(traced, nodes=nodes, outputs=outputs, _index={})


def _each(graph: Graph) -> Iterator[tuple[Key, Node]]:
    """The nodes, and what tells them apart: several of a call are numbered."""
    seen: dict[tuple[str, int, str], int] = {}
    for node in graph:
        own = node.layer, node.call, node.kind
        seen[own] = seen.get(own, 0) + 1
        yield (*own, seen[own]), node


def _layers(graph: Graph) -> list[tuple[str, int, str]]:
    """What has weights or a window, in order."""
    return [
        (node.layer, node.call, node.kind)
        for node in graph
        if node.weighted or isinstance(node.operation, (op.Window, op.Input))
    ]
