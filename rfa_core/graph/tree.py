"""The modules of a network as a tree, from the paths of its layers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rfa_core.graph.model import Graph, Node


@dataclass(frozen=True, slots=True)
class Module:
    """A module and what is inside: ``path`` from the root (empty there), ``name`` its last part.

    ``nodes`` are those of the module itself, in order; ``parameters`` and ``macs`` are
    totals over it and all modules below.
    """

    path: str
    name: str
    children: tuple[Module, ...]
    nodes: tuple[Node, ...]
    parameters: int
    macs: int

    def walk(self) -> Iterator[Module]:
        """The module and all below it, parents first, in the order of first use."""
        waiting = [self]
        while waiting:
            module = waiting.pop()
            yield module
            waiting.extend(reversed(module.children))


def module_tree(graph: Graph) -> Module:
    """The root of the modules of ``graph``; children stand in the order of first use."""
    nodes, below = _collect(graph)
    made: dict[str, Module] = {}
    for path in sorted(nodes, key=_depth, reverse=True):
        children = tuple(made[child] for child in below[path])
        own = nodes[path]
        made[path] = Module(
            path,
            path.rpartition(".")[2],
            children,
            tuple(own),
            sum(node.parameters for node in own) + sum(child.parameters for child in children),
            sum(node.macs for node in own) + sum(child.macs for child in children),
        )
    return made[""]


def _collect(graph: Graph) -> tuple[dict[str, list[Node]], dict[str, list[str]]]:
    """Per path its own nodes and the paths one level below."""
    nodes: dict[str, list[Node]] = {"": []}
    below: dict[str, list[str]] = {"": []}
    for node in graph:
        path = ""
        for part in node.layer.split("."):
            parent, path = path, f"{path}.{part}" if path else part
            if path not in nodes:
                nodes[path], below[path] = [], []
                below[parent].append(path)
        nodes[path].append(node)
    return nodes, below


def _depth(path: str) -> int:
    return path.count(".") + 1 if path else 0
