"""A TensorFlow graph with its inputs, and what becomes of it at given shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

import tensorflow as tf
from tensorflow.core.framework.graph_pb2 import GraphDef

from rfa_core.frontends.draft import Draft, Origin
from rfa_core.frontends.tensorflow import operators as operators  # registers the translations
from rfa_core.frontends.tensorflow.flattening import LARGE, Flat, flattened
from rfa_core.frontends.tensorflow.reading import Reading
from rfa_core.frontends.tensorflow.registry import handler_of

_VARIABLES = ("VarHandleOp", "VariableV2", "Variable")
_NODE = re.compile(r"\{\{(?:function_)?node ([^}]+)\}\}")


@dataclass(frozen=True, slots=True)
class Program:
    """A graph without calls.

    ``inputs`` name the placeholders that are fed, ``outputs`` the tensors that are returned,
    ``weights`` placeholders that stand for learned weights, with how many; variables are found
    by themselves. ``traces`` has the stack of every operation that was made in this process, by
    its function (empty for the graph itself) and its name.
    """

    flat: Flat
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    weights: Mapping[str, int] = field(default_factory=dict)
    traces: Mapping[tuple[str, str], Any] = field(default_factory=dict)


class ShapeError(Exception):
    """The graph does not run at the shapes it was given: ``node`` (flat) refuses them."""

    def __init__(self, node: str, reason: str) -> None:
        super().__init__(node, reason)
        self.node = node
        self.reason = reason


def program(
    graph: GraphDef,
    inputs: Sequence[str],
    outputs: Sequence[str],
    title: str,
    weights: Mapping[str, int] | None = None,
    traces: Mapping[tuple[str, str], Any] | None = None,
) -> Program:
    """The program of ``graph``; raises TraceError for a graph that is broken."""
    flat = flattened(graph, outputs, title)
    return Program(flat, tuple(inputs), flat.outputs, weights or {}, traces or {})


def imported(program: Program, shapes: Sequence[Sequence[int]], before: str = "") -> Any:
    """The ``tf.Graph`` with the inputs pinned to ``shapes``: all its shapes are known.

    With ``before`` only what stands before that node. Nothing is run. Raises ShapeError if an
    operation refuses the shapes.
    """
    pinned = GraphDef()
    pinned.versions.CopyFrom(program.flat.graph.versions)
    pinned.library.CopyFrom(program.flat.graph.library)
    sizes = dict(zip(program.inputs, shapes, strict=True))
    for node in program.flat.graph.node:
        if node.name == before:
            break
        made = pinned.node.add()
        made.CopyFrom(node)
        if node.name in sizes:
            made.op = "Placeholder"
            del made.input[:]
            shape = tf.TensorShape(list(sizes[node.name])).as_proto()
            made.attr["shape"].shape.CopyFrom(shape)
    graph = tf.Graph()
    try:
        with graph.as_default():
            tf.graph_util.import_graph_def(pinned, name="")
    except (ValueError, tf.errors.OpError) as error:
        raise _shape_error(str(error)) from error
    return graph


def written(
    program: Program,
    graph: Any,
    draft: Draft,
    operands: Sequence[str],
    origin_of: Callable[[Any], Origin] | None = None,
) -> tuple[Reading, tuple[str, ...]]:
    """Write the operations of ``graph`` to ``draft``; its inputs are the nodes ``operands``.

    Returns the reading and the nodes of the outputs, as far as they were reached; an output
    that depends on no input becomes a constant.
    """
    functions = {one.signature.name: one for one in program.flat.graph.library.function}
    operations = graph.get_operations()
    weights = dict(program.weights) or _weights(operations, program.inputs)
    reading = Reading(draft, handler_of, weights, origin_of, functions)
    known = {one.name: one for one in operations}
    for name, operand in zip(program.inputs, operands, strict=True):
        if name in known:
            reading.bind(known[name].outputs[0], operand)
    reading.read(one for one in operations if one.name not in program.inputs)
    found = (_tensor(known, output) for output in program.outputs)
    tensors = [tensor for tensor in found if tensor is not None and not reading.is_lost(tensor)]
    return reading, tuple(reading.operand(tensor) for tensor in tensors)


def variables(program: Program) -> int:
    """How many numbers the variables of ``program`` hold."""
    return sum(
        prod(dim.size for dim in node.attr["shape"].shape.dim)
        for node in program.flat.graph.node
        if node.op in _VARIABLES and tf.dtypes.as_dtype(node.attr["dtype"].type).is_floating
    )


def _tensor(known: Mapping[str, Any], reference: str) -> Any:
    name, _, index = reference.partition(":")
    return known[name].outputs[int(index or 0)] if name in known else None


def _weights(operations: Sequence[Any], inputs: Sequence[str]) -> dict[str, int]:
    """Variables; in a graph without any, which was frozen, the constants that are no scalars."""
    found = {
        one.name: _size(one.get_attr("shape"))
        for one in operations
        if one.type in _VARIABLES and one.get_attr("dtype").is_floating
    }
    if found:
        return found
    constants = (
        one
        for one in operations
        if (one.type == "Const" or (one.type == "Placeholder" and _is_large(one)))
        and one.name not in inputs
        and one.outputs[0].dtype.is_floating
    )
    sizes = {one.name: one.outputs[0].shape.num_elements() or 0 for one in constants}
    return {name: size for name, size in sizes.items() if size > 1}


def _is_large(operation: Any) -> bool:
    return LARGE in operation.node_def.attr


def _size(shape: Any) -> int:
    return 0 if shape.unknown_rank else prod(max(dim.size, 0) for dim in shape.dim)


def _shape_error(text: str) -> ShapeError:
    """What TensorFlow's message says: ``...; for '{{node x}} = Op[...]' with input shapes: ...``"""
    found = _NODE.search(text)
    reason, _, rest = text.partition(" for '{{node")
    shapes = re.search(r"with input shapes: ([^.]*)", rest)
    told = f"{reason}, with inputs {shapes[1]}" if shapes else reason
    return ShapeError(found[1] if found else "", told.splitlines()[0][:300])
