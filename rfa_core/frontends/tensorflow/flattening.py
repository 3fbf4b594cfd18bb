"""A GraphDef without function calls: what the outputs need, bodies of functions put in place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tensorflow.core.framework.function_pb2 import FunctionDef
from tensorflow.core.framework.graph_pb2 import GraphDef
from tensorflow.core.framework.node_def_pb2 import NodeDef
from tensorflow.python.framework import op_def_registry

from rfa_core.errors import TraceError

MOST_NODES = 200_000
DEEPEST = 64
LARGEST_CONSTANT = 1 << 16
"""Bytes of a constant that is kept with its values; larger ones are weights or tables."""
_CALLS = {"PartitionedCall": "f", "StatefulPartitionedCall": "f"}
_DROPPED = ("_class", "_output_shapes")
"""Attributes that may contradict what is pinned, or name nodes that are gone."""


@dataclass(frozen=True, slots=True)
class Flat:
    """A graph without calls.

    ``outputs`` name tensors of ``graph``; ``paths`` has, for every node, its name without the
    calls around it, numbered where that is another's; ``homes`` the function that it stood in and
    its name there; ``tags`` the number that a node, or the call that it came from, was tagged with.
    """

    graph: GraphDef
    outputs: tuple[str, ...]
    paths: Mapping[str, str]
    homes: Mapping[str, tuple[str, str]]
    tags: Mapping[str, int]


def flattened(graph: GraphDef, outputs: Sequence[str], title: str) -> Flat:
    """What ``outputs`` (tensors, ``name`` or ``name:1``) of ``graph`` are computed with.

    Raises TraceError for a graph with a cycle, a missing node, function or operation, functions
    that call themselves, and graphs of more than 200,000 nodes. ``title`` names it in errors.
    """
    functions = {function.signature.name: function for function in graph.library.function}
    inliner = _Inliner(functions, title)
    made = inliner.inline(_Scope(graph.node, {}, "", "", "the graph"), outputs)
    _carry_library(inliner.graph, functions)
    inliner.graph.versions.CopyFrom(graph.versions)
    return Flat(inliner.graph, tuple(made), inliner.paths, inliner.homes, inliner.tags)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Nodes that see each other: a graph or the body of a function."""

    nodes: Iterable[NodeDef]
    arguments: Mapping[str, str]
    prefix: str
    path: str
    name: str
    outputs: dict[str, list[str]] = field(default_factory=dict)
    tag: int | None = None
    depth: int = 0


TAG = "_rfa_origin"
"""The attribute that tags a node with a number."""


class _Inliner:
    def __init__(self, functions: Mapping[str, FunctionDef], title: str) -> None:
        self.graph = GraphDef()
        self.paths: dict[str, str] = {}
        self.homes: dict[str, tuple[str, str]] = {}
        self.tags: dict[str, int] = {}
        self._taken: dict[str, int] = {}
        self._functions = functions
        self._title = title

    def inline(self, scope: _Scope, wanted: Sequence[str]) -> list[str]:
        """Write the nodes that ``wanted`` references of ``scope`` need; returns their new names."""
        by_name = {node.name: node for node in scope.nodes}
        for node in self._ordered(scope, by_name, wanted):
            function = self._called(node)
            if function is None:
                self._copy(scope, node, by_name)
            else:
                self._call(scope, node, function, by_name)
        return [self._resolved(scope, reference, by_name) for reference in wanted]

    def _ordered(
        self, scope: _Scope, by_name: Mapping[str, NodeDef], wanted: Sequence[str]
    ) -> Iterator[NodeDef]:
        """Operands first; else in the order that the nodes stand in."""
        needed = self._needed(scope, by_name, wanted)
        state: dict[str, int] = {}
        for root in (name for name in by_name if name in needed):
            stack = [root]
            while stack:
                name = stack[-1]
                if state.get(name) == 2:
                    stack.pop()
                    continue
                before = [one for one in _sources(by_name[name]) if one in by_name]
                waiting = [one for one in before if state.get(one) != 2]
                if any(state.get(one) == 1 for one in waiting):
                    raise self._error(f"{scope.name} has a cycle through the node {name!r}")
                if waiting:
                    state[name] = 1
                    stack += reversed(dict.fromkeys(waiting))
                    continue
                state[name] = 2
                stack.pop()
                yield by_name[name]

    def _needed(
        self, scope: _Scope, by_name: Mapping[str, NodeDef], wanted: Sequence[str]
    ) -> set[str]:
        needed: set[str] = set()
        waiting = [(_base(reference), "the outputs") for reference in wanted]
        while waiting:
            name, reader = waiting.pop()
            if name in needed or name in scope.arguments:
                continue
            if name not in by_name:
                raise self._error(f"{scope.name} has no node {name!r}, which {reader} reads")
            needed.add(name)
            waiting += [(source, f"{name!r}") for source in _sources(by_name[name])]
        return needed

    def _called(self, node: NodeDef) -> FunctionDef | None:
        attribute = _CALLS.get(node.op)
        name = node.attr[attribute].func.name if attribute else node.op
        if attribute and name not in self._functions:
            raise self._error(
                f"the node {node.name!r} calls the function {name!r}, which is missing"
            )
        return self._functions.get(name)

    def _call(
        self, scope: _Scope, node: NodeDef, function: FunctionDef, by_name: Mapping[str, NodeDef]
    ) -> None:
        name = function.signature.name
        if scope.depth == DEEPEST:
            raise self._error(f"functions call each other without end, {name!r} among them")
        given = [self._resolved(scope, one, by_name) for one in node.input if one[0] != "^"]
        names = [argument.name for argument in function.signature.input_arg]
        if len(given) != len(names):
            raise self._error(
                f"the node {node.name!r} passes {len(given)} tensors to the function {name!r}, "
                f"which takes {len(names)}"
            )
        inner = _Scope(
            function.node_def,
            dict(zip(names, given, strict=True)),
            f"{scope.prefix}{node.name}/",
            scope.path + _visible(node, function),
            f"the function {name!r}",
            tag=_tag(node, scope),
            depth=scope.depth + 1,
        )
        wanted = [function.ret[argument.name] for argument in function.signature.output_arg]
        scope.outputs[node.name] = self.inline(inner, wanted)

    def _copy(self, scope: _Scope, node: NodeDef, by_name: Mapping[str, NodeDef]) -> None:
        if len(self.graph.node) >= MOST_NODES:
            raise self._error(f"it has more than {MOST_NODES:,} operations")
        if op_def_registry.get(node.op) is None:
            raise self._error(
                f"{scope.name} uses the operation {node.op!r}, which this TensorFlow does not have"
            )
        name = f"{scope.prefix}{node.name}"
        made = self.graph.node.add()
        _fill(made, node)
        made.name = name
        made.input[:] = [self._resolved(scope, one, by_name) for one in node.input if one[0] != "^"]
        self.paths[name] = self._free(f"{scope.path}{node.name}")
        self.homes[name] = scope.name, node.name
        tag = _tag(node, scope)
        if tag is not None:
            self.tags[name] = tag

    def _free(self, path: str) -> str:
        """``path``, numbered as TensorFlow does if it is another's."""
        count = self._taken[path] = self._taken.get(path, -1) + 1
        return self._free(f"{path}_{count}") if count else path

    def _resolved(self, scope: _Scope, reference: str, by_name: Mapping[str, NodeDef]) -> str:
        """The tensor of the flat graph that ``reference`` means in ``scope``."""
        base, _, rest = reference.partition(":")
        if base in scope.arguments:
            return scope.arguments[base]
        index = self._index(scope, by_name[base], rest)
        known = scope.outputs.get(base)
        if known is None:
            return f"{scope.prefix}{base}:{index}" if index else f"{scope.prefix}{base}"
        if index >= len(known):
            raise self._error(f"{scope.name} reads output {index} of {base!r}, which has fewer")
        return known[index]

    def _index(self, scope: _Scope, node: NodeDef, rest: str) -> int:
        """``1`` in a graph; in a function ``name:1``, by the names of an operation's outputs."""
        argument, _, number = rest.rpartition(":")
        if not argument:
            return int(number) if number.isdecimal() else 0
        function = self._functions.get(node.op)
        outputs = function.signature if function else op_def_registry.get(node.op)
        at = 0
        for output in outputs.output_arg if outputs else ():
            if output.name == argument:
                return at + int(number)
            at += _count(output, node)
        raise self._error(
            f"{scope.name} reads the output {argument!r} of {node.name!r}: it has none"
        )

    def _error(self, text: str) -> TraceError:
        return TraceError(
            f"{self._title}: {text}", "the graph cannot be read: was it cut or edited?"
        )


def _tag(node: NodeDef, scope: _Scope) -> int | None:
    return int(node.attr[TAG].i) if TAG in node.attr else scope.tag


def _count(output: Any, node: NodeDef) -> int:
    """How many tensors an output of an operation stands for."""
    if output.number_attr:
        return int(node.attr[output.number_attr].i)
    return len(node.attr[output.type_list_attr].list.type) if output.type_list_attr else 1


def _visible(node: NodeDef, function: FunctionDef) -> str:
    """The part of a path that a call adds: its scope, and its own name if a user gave one."""
    scope, _, own = node.name.rpartition("/")
    plain = own.startswith((*_CALLS, function.signature.name))
    return "/".join(part for part in (scope, "" if plain else own) if part) + "/" * bool(
        scope or not plain
    )


def _fill(made: NodeDef, node: NodeDef) -> None:
    """A copy without what would hinder; large constants keep their shape alone."""
    value = node.attr["value"].tensor
    if node.op == "Const" and value.ByteSize() > LARGEST_CONSTANT:
        made.op = "Placeholder"
        made.attr["dtype"].CopyFrom(node.attr["dtype"])
        made.attr["shape"].shape.CopyFrom(value.tensor_shape)
        made.attr[LARGE].b = True
        return
    made.CopyFrom(node)
    made.device = ""
    for name in _DROPPED:
        if name in made.attr:
            del made.attr[name]


LARGE = "_rfa_constant"
"""The attribute of placeholders that stand for large constants."""


def _carry_library(graph: GraphDef, functions: Mapping[str, FunctionDef]) -> None:
    """The functions that loops and branches name."""
    waiting = [name for node in graph.node for name in _named(node)]
    carried: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in functions and name not in carried:
            carried.add(name)
            graph.library.function.add().CopyFrom(functions[name])
            waiting += [one for node in functions[name].node_def for one in _named(node)]


def _named(node: NodeDef) -> Iterator[str]:
    yield node.op
    for value in node.attr.values():
        yield value.func.name
        yield from (function.name for function in value.list.func)


def _sources(node: NodeDef) -> list[str]:
    return [_base(one) for one in node.input if not one.startswith("^")]


def _base(reference: str) -> str:
    return reference.partition(":")[0]
