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
from rfa_core.frontends.tensorflow.reading import Reading, ShapeError
from rfa_core.frontends.tensorflow.registry import handler_of
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

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


def written(
    program: Program,
    shapes: Sequence[Sequence[int]],
    draft: Draft,
    operands: Sequence[str],
    origin_of: Callable[[Any], Origin] | None = None,
    before: str = "",
) -> tuple[Reading, tuple[str, ...]]:
    """Write the operations of ``program``, with inputs of ``shapes``, to ``draft``.

    The inputs are the nodes ``operands``; with ``before`` only what stands before that node is
    written. Nothing is run. Returns the reading and the nodes of the outputs, as far as they were
    reached; an output that depends on no input becomes a constant. Raises ShapeError if an
    operation refuses the shapes.
    """
    hints = _hints(program, shapes, before)
    reading = _read(program, _imported(program, shapes, before, hints), draft, operands, origin_of)
    return reading, reading.results(program.outputs)


def _read(
    program: Program,
    graph: Any,
    draft: Draft,
    operands: Sequence[str],
    origin_of: Callable[[Any], Origin] | None = None,
) -> Reading:
    functions = {one.signature.name: one for one in program.flat.graph.library.function}
    operations = graph.get_operations()
    weights = dict(program.weights) or _weights(operations, program.inputs)
    reading = Reading(draft, handler_of, weights, origin_of, functions)
    fed = dict(zip(program.inputs, operands, strict=True))
    for one in operations:
        if one.name in fed:
            reading.bind(one.outputs[0], fed[one.name])
    reading.read(one for one in operations if one.name not in fed)
    return reading


def _hints(
    program: Program, shapes: Sequence[Sequence[int]], before: str
) -> dict[str, tuple[Shape, int]]:
    """Shapes of tensors that TensorFlow does not infer: what loops have filled, one by one."""
    hints: dict[str, tuple[Shape, int]] = {}
    while any(node.op == "TensorListStack" for node in program.flat.graph.node):
        draft = Draft()
        fed = [draft.add(op.Input((None,) * len(one)), (), one, "input") for one in shapes]
        found = _read(program, _imported(program, shapes, before, hints), draft, fed).hints
        if found.keys() <= hints.keys():
            break
        hints.update(found)
    return hints


def _imported(
    program: Program,
    shapes: Sequence[Sequence[int]],
    before: str,
    hints: Mapping[str, tuple[Shape, int]],
) -> Any:
    """The ``tf.Graph`` with the inputs pinned to ``shapes``: all its shapes are known."""
    pinned = GraphDef()
    pinned.versions.CopyFrom(program.flat.graph.versions)
    pinned.library.CopyFrom(program.flat.graph.library)
    sizes = dict(zip(program.inputs, shapes, strict=True))
    for node in program.flat.graph.node:
        if node.name == before:
            break
        references = [_hinted(pinned, one, hints) for one in node.input]
        made = pinned.node.add()
        made.CopyFrom(node)
        made.input[:] = references
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


def _hinted(graph: GraphDef, reference: str, hints: Mapping[str, tuple[Shape, int]]) -> str:
    """``reference``, by way of a node that says its shape where that is among ``hints``."""
    key = reference if ":" in reference else f"{reference}:0"
    if key not in hints:
        return reference
    name = f"{key.replace(':', '_')}/hint"
    if not any(node.name == name for node in graph.node):
        shape, kind = hints[key]
        made = graph.node.add(name=name, op="EnsureShape", input=[reference])
        made.attr["shape"].shape.CopyFrom(tf.TensorShape(list(shape)).as_proto())
        made.attr["T"].type = kind
    return name


def variables(program: Program) -> int:
    """How many numbers the variables of ``program`` hold."""
    return sum(
        prod(dim.size for dim in node.attr["shape"].shape.dim)
        for node in program.flat.graph.node
        if node.op in _VARIABLES and tf.dtypes.as_dtype(node.attr["dtype"].type).is_floating
    )


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
