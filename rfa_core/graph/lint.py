"""The validator: what every graph must be, whoever made it."""

from __future__ import annotations

from collections.abc import Iterator

from rfa_core.errors import InvalidGraphError
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node


def lint(graph: Graph) -> None:
    """Check order, names and shapes; raises InvalidGraphError with all problems at once."""
    problems = [*_order(graph), *(text for node in graph for text in _node(graph, node))]
    if problems:
        raise InvalidGraphError(
            f"the graph of {graph.name} is invalid:\n  " + "\n  ".join(problems[:20])
        )


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
    if any(size < 0 for size in node.shape):
        yield f"{node.name}: a negative size in {node.shape}"
    sources = [graph[name] for name in node.operands if name in graph]
    if len(sources) != len(node.operands):
        return
    yield from _arity(node, len(sources))
    if sources:
        yield from _dims(node, len(sources[0].shape))


def _arity(node: Node, found: int) -> Iterator[str]:
    operation = node.operation
    if isinstance(operation, (op.Input, op.Constant)):
        if found:
            yield f"{node.name}: {_kind(operation)} takes no operands, found {found}"
    elif isinstance(operation, op.Contract):
        if len(operation.labels) != found:
            yield f"{node.name}: labels for {len(operation.labels)} operands, found {found}"
    elif isinstance(operation, op.Overwrite):
        if found != 2:
            yield f"{node.name}: an overwrite takes 2 operands, found {found}"
    elif not found:
        yield f"{node.name}: {_kind(operation)} needs an operand"


def _dims(node: Node, rank: int) -> Iterator[str]:
    operation = node.operation
    dims = getattr(operation, "dims", None)
    if dims is None:
        dims = (operation.dim,) if hasattr(operation, "dim") else ()
    for dim in dims:
        if not 0 <= dim < rank:
            yield f"{node.name}: dimension {dim} of a tensor with {rank} dimensions"
    if isinstance(operation, op.Window):
        lengths = {
            len(getattr(operation, key)) for key in ("kernel", "stride", "dilation", "padding")
        }
        if lengths != {len(dims)}:
            yield f"{node.name}: {len(dims)} dimensions, but tuples of {sorted(lengths)} entries"
    if isinstance(operation, op.Permute) and sorted(operation.order) != list(range(rank)):
        yield f"{node.name}: {operation.order} is no order of {rank} dimensions"


def _kind(operation: op.Operation) -> str:
    return type(operation).__name__.lower()
