"""The JSON form of a graph, version 1: data only, what custom graphs are written in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rfa_core.errors import InvalidGraphError
from rfa_core.graph.json_types import (
    Json,
    MismatchError,
    expected,
    read,
    read_object,
    written,
)
from rfa_core.graph.lint import SHOWN, lint
from rfa_core.graph.model import Graph, Node

VERSION = 1


def to_json(graph: Graph) -> dict[str, Any]:
    """``graph`` as plain objects, lists, texts and numbers; see ``schema/``."""
    return {"version": VERSION, **written(graph)}


def from_json(data: Json) -> Graph:
    """The graph that ``data`` describes, checked.

    Raises InvalidGraphError: it names every node that is wrong, what was expected there and
    what was found.
    """
    try:
        nodes = _nodes(data)
        rest = {key: value for key, value in data.items() if key != "nodes"}
        graph: Graph = read_object(Graph, {**rest, "nodes": []}, "", also=("version",))
    except MismatchError as problem:
        raise InvalidGraphError(f"this is no graph: {problem}") from None
    made = replace(graph, nodes=nodes)
    lint(made)
    return made


def _nodes(data: Json) -> tuple[Node, ...]:
    if not isinstance(data, dict):
        raise expected("an object", data, "")
    for key in ("version", "nodes"):
        if key not in data:
            raise MismatchError(f"{key} is missing")
    version, nodes = data["version"], data["nodes"]
    if isinstance(version, bool) or version != VERSION:
        raise expected(str(VERSION), version, "version")
    if not isinstance(nodes, list):
        raise expected("a list", nodes, "nodes")
    return _each_node(nodes)


def _each_node(nodes: list[Json]) -> tuple[Node, ...]:
    """All nodes; MismatchError with the problems of all of them."""
    tried = [_node(index, node) for index, node in enumerate(nodes)]
    problems = [problem for problem in tried if isinstance(problem, str)]
    if problems:
        more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
        raise MismatchError("\n  ".join(["", *problems[:SHOWN], *more]))
    return tuple(node for node in tried if isinstance(node, Node))


def _node(index: int, node: Json) -> Node | str:
    """The node, or what is wrong with it."""
    try:
        made: Node = read(Node, node, f"nodes[{index}]{_named(node)}")
    except MismatchError as problem:
        return str(problem)
    return made


def _named(node: Json) -> str:
    name = node.get("name") if isinstance(node, dict) else None
    return f" ({name})" if isinstance(name, str) and 0 < len(name) <= 60 else ""
