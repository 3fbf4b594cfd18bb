"""The validator: what every graph must be, whoever made it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import get_args

from rfa_core.errors import InvalidGraphError
from rfa_core.graph import operations as op
from rfa_core.graph.limits import LARGEST, least
from rfa_core.graph.model import Graph, Node
from rfa_core.graph.shape_rules import violations

SHOWN = 20


def lint(graph: Graph) -> None:
    """Check order, names and shapes; raises InvalidGraphError with all problems at once."""
    problems = [*_order(graph), *(text for node in graph for text in _node(graph, node))]
    if not problems:
        return
    more = [f"and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else []
    listed = "\n  ".join(problems[:SHOWN] + more)
    raise InvalidGraphError(f"the graph of {graph.name} is invalid:\n  {listed}")


def _order(graph: Graph) -> Iterator[str]:
    seen: set[str] = set()
    for node in graph:
        if node.name in seen:
            yield f"{node.name}: the name is used twice"
        for operand in node.operands:
            if operand not in seen:
                yield f"{node.name}: its operand {operand} is not defined before it"
        seen.add(node.name)
    if not graph.inputs:
        yield "there is no input"
    for output in graph.outputs:
        if output not in seen:
            yield f"the output {output} is not defined"


def _node(graph: Graph, node: Node) -> Iterator[str]:
    texts = [*_numbers(node)]
    sources = [graph[name].shape for name in node.operands if name in graph]
    if not texts and len(sources) == len(node.operands):
        texts = [*_arity(node, len(sources))]
        texts = texts or [*_axes(graph, node), *violations(node.operation, sources, node.shape)]
    for text in texts:
        yield f"{node.name}: {_kind(node.operation)}: {text}"


def _numbers(node: Node) -> Iterator[str]:
    if any(not 0 <= size <= LARGEST for size in node.shape):
        yield f"an impossible size in {list(node.shape)}"
    for name, low in _LIMITED[type(node.operation)]:
        value = getattr(node.operation, name)
        for number in value if isinstance(value, tuple) else (value,):
            if number is not None and not low <= number <= LARGEST:
                yield f"expected {name} of at least {low}, found {number}"


_WHOLE = ("int", "int | None", "tuple[int, ...]", "tuple[int | None, ...]")
_LIMITED = {
    kind: [(entry.name, least(entry.name)) for entry in fields(kind) if entry.type in _WHOLE]
    for kind in get_args(op.Operation)
}
"""Per operation the fields of whole numbers, and the smallest number that each may hold."""


def _arity(node: Node, found: int) -> Iterator[str]:
    operation = node.operation
    if isinstance(operation, (op.Input, op.Constant)):
        if found:
            yield f"takes no operands, found {found}"
    elif isinstance(operation, op.Contract):
        if len(operation.labels) != found:
            yield f"labels for {len(operation.labels)} operands, found {found}"
    elif isinstance(operation, op.Overwrite):
        if found != 2:
            yield f"takes 2 operands, found {found}"
    elif not found:
        yield "needs an operand"
    elif found > 1 and type(operation) in _UNARY:
        yield f"takes 1 operand, found {found}"


_SEVERAL = {
    op.Input, op.Constant, op.Pointwise, op.Contract, op.Concat, op.Overwrite, op.Window,
    op.Sample, op.Recurrent, op.Everything, op.Unknown,
}  # fmt: skip
_UNARY = frozenset(get_args(op.Operation)) - _SEVERAL


def _axes(graph: Graph, node: Node) -> Iterator[str]:
    if isinstance(node.operation, op.Input):
        for axis in node.operation.axes:
            if axis is not None and axis >= graph.axes:
                yield f"axis {axis} of {graph.axes}"


def _kind(operation: op.Operation) -> str:
    return type(operation).__name__.lower()
