"""Python callables and functions of TensorFlow as programs: traced, never run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.core.framework.graph_pb2 import GraphDef

from rfa_core.frontends.tensorflow.flattening import LARGEST_CONSTANT
from rfa_core.frontends.tensorflow.programs import Program, program


class TracingError(Exception):
    """A callable raised ``__cause__`` while it was traced, after ``recorded``."""

    def __init__(self, recorded: Program | None) -> None:
        super().__init__(recorded)
        self.recorded = recorded


def traced(
    function: Callable[..., Any],
    specs: Sequence[Any],
    title: str,
    weights: Mapping[int, int] | None = None,
) -> Program:
    """The program of ``function`` on tensors of ``specs`` (``tf.TensorSpec``).

    ``weights`` maps the places of arguments that are learned weights to how many numbers they
    hold. Raises TracingError for whatever ``function`` raises.
    """
    graphs: list[Any] = []

    def run(*tensors: Any) -> Any:
        graphs.append(tf.compat.v1.get_default_graph())
        return function(*tensors)

    try:
        concrete = tf.function(run).get_concrete_function(*specs)
    except Exception as error:
        raise TracingError(_begun(graphs[0], title) if graphs else None) from error
    return of_concrete(concrete, title, weights)


def of_concrete(concrete: Any, title: str, weights: Mapping[int, int] | None = None) -> Program:
    """The program of a concrete function; its variables are not read."""
    graph = concrete.graph
    fed = _fed(graph)
    outputs = [one.name for one in graph.outputs if one.dtype.name not in ("resource", "variant")]
    sizes = {fed[place]: size for place, size in (weights or {}).items()}
    inputs = [name for name in fed if name not in sizes]
    return program(_definition(graph), inputs, outputs, title, sizes, _traces(graph))


def _begun(graph: Any, title: str) -> Program:
    """What was traced before an error: every tensor that nothing reads is an output."""
    ends = [
        tensor.name
        for one in graph.get_operations()
        for tensor in one.outputs
        if not tensor.consumers() and tensor.dtype.name not in ("resource", "variant")
    ]
    fed = [one.name for one in graph.get_operations() if one.type == "Placeholder"]
    captured = {one.op.name for _, one in graph.captures}
    inputs = [name for name in fed if name not in captured]
    return program(_definition(graph), inputs, ends, title, None, _traces(graph))


def _fed(graph: Any) -> list[str]:
    captured = {one.op.name for _, one in graph.captures}
    return [one.op.name for one in graph.inputs if one.op.name not in captured]


def _definition(graph: Any) -> GraphDef:
    """The graph with what it captures spelt out: variables by shape, small constants by value."""
    made: GraphDef = graph.as_graph_def()
    nodes = {node.name: node for node in made.node}
    variables = {id(one.handle): one for one in graph.variables}
    for outer, inner in graph.captures:
        node = nodes.get(inner.op.name)
        if node is None:
            continue
        variable = variables.get(id(outer))
        if variable is not None:
            node.Clear()
            node.name, node.op = inner.op.name, "VarHandleOp"
            node.attr["dtype"].type = variable.dtype.as_datatype_enum
            node.attr["shape"].shape.CopyFrom(variable.shape.as_proto())
        elif isinstance(outer, tf.Tensor) and _is_small(outer):
            node.Clear()
            node.name, node.op = inner.op.name, "Const"
            node.attr["dtype"].type = outer.dtype.as_datatype_enum
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(outer))
    return made


def _is_small(tensor: Any) -> bool:
    plain = tensor.dtype.is_floating or tensor.dtype.is_integer or tensor.dtype.is_bool
    return bool(plain and tensor.shape.num_elements() * tensor.dtype.size <= LARGEST_CONSTANT)


def _traces(graph: Any) -> dict[tuple[str, str], Any]:
    """Operations by function and name, as ``Flat.homes`` has them, for their stacks."""
    found = {("the graph", one.name): one for one in graph.get_operations()}
    for name, function in graph._functions.items():
        inner = getattr(function, "graph", None)
        if inner is not None:
            home = f"the function {name!r}"
            found.update({(home, one.name): one for one in inner.get_operations()})
    return found


def plain(error: BaseException) -> str:
    """The kind of an error and what it says; autograph writes ``in user code:`` and a traceback
    before that."""
    kind = type(error).__name__
    lines = str(error).strip().splitlines() or [""]
    if lines[0].startswith("in user code"):
        told = [line.strip() for line in lines if line.strip().startswith(f"{kind}: ")]
        lines = told[-1:] or lines[-1:]
    return f"{kind}: {lines[0].strip().removeprefix(f'{kind}: ')[:300]}"
