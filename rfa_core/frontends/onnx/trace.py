"""The graph of an ONNX model at a resolution."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from onnx import ModelProto

from rfa_core.errors import TraceError
from rfa_core.frontends.base import Constructed, ForwardError, InputSpec
from rfa_core.frontends.onnx import operators as operators  # registers the translations
from rfa_core.frontends.onnx.program import Program, program
from rfa_core.frontends.onnx.reader import Reader
from rfa_core.frontends.onnx.registry import RefusedError
from rfa_core.frontends.onnx.texts import reads_names
from rfa_core.graph import operations as op
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph, Node

SHOWN = 3


@reads_names
def trace(
    model: ModelProto,
    spec: InputSpec,
    resolution: Sequence[int],
    name: str,
    constructed: Constructed | None = None,  # noqa: ARG001
    root: str | None = None,  # noqa: ARG001
) -> Graph:
    """The graph of ``model`` on ``spec`` at ``resolution`` (pixels per axis).

    Nothing is run. Where data decide the size of a result, what needs it is left out and
    ``Graph.stopped`` says so. Raises ForwardError if a node does not fit what it is given,
    TraceError if the model is none.
    """
    read = program(model)
    reader = Reader(read)
    try:
        _feed(reader, read, spec, resolution)
        reader.run(read.nodes, reader.scope)
    except RefusedError as error:
        recorded = _graph(reader, read, resolution, name)
        raise _failed(recorded, reader.layer, str(error), spec.words(resolution)) from error
    graph = _graph(reader, read, resolution, name)
    lint(graph)
    return graph


def _feed(reader: Reader, read: Program, spec: InputSpec, resolution: Sequence[int]) -> None:
    if len(spec.tensors) != len(read.inputs):
        names = ", ".join(one.name for one in read.inputs)
        raise TraceError(
            f"{len(spec.tensors)} input shapes for the {len(read.inputs)} inputs {names}",
            "give a shape for each, in this order",
        )
    shapes = spec.at(resolution)
    for one, tensor, shape in zip(read.inputs, spec.tensors, shapes, strict=True):
        reader.add_input(one.name, shape, tensor.axes, one.type.tensor_type.elem_type or 1)


def _failed(recorded: Graph, layer: str, why: str, shapes: str) -> ForwardError:
    place = layer or ("its first node" if recorded.nodes else "its input")
    return ForwardError(
        f"{recorded.name}: the ONNX graph on {shapes} fails in {place}: {why}",
        "if the file was exported for one size, check it at that size, or export it with dynamic"
        " axes; if the input is of another shape, give it as `input-shape`",
        layer,
        why,
        "",
        recorded,
    )


def _graph(reader: Reader, read: Program, resolution: Sequence[int], name: str) -> Graph:
    made = (reader.scope.get(one) for one in read.outputs)
    outputs = tuple(dict.fromkeys(value.node for value in made if value and value.node))
    nodes = reader.draft.nodes
    return Graph(
        name,
        "onnx",
        tuple(nodes if reader.stopped or not outputs else _leading_to(outputs, nodes)),
        outputs,
        tuple(resolution),
        reader.parameters,
        _stopped(reader.stopped, reader.missed),
    )


def _leading_to(outputs: Iterable[str], nodes: Sequence[Node]) -> list[Node]:
    """The nodes that the outputs depend on, and the inputs."""
    needed = set(outputs)
    for node in reversed(nodes):
        if node.name in needed:
            needed.update(node.operands)
    return [node for node in nodes if node.name in needed or isinstance(node.operation, op.Input)]


def _stopped(where: str, missed: Sequence[str]) -> str:
    """``where`` and why, and the layers with weights that come after it."""
    more = f" and {len(missed) - SHOWN} more" if len(missed) > SHOWN else ""
    return f"{where}; not reached: {', '.join(missed[:SHOWN])}{more}" if missed else where
