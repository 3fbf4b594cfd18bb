"""SavedModels: the graph in ``saved_model.pb``, and nothing else of the folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.framework.graph_pb2 import GraphDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel as Saved

from rfa_core.errors import TraceError
from rfa_core.frontends.tensorflow.inputs import Sizes
from rfa_core.frontends.tensorflow.programs import Program, program

FILE = "saved_model.pb"
_VERSION = 1
_LARGEST = 2**31 - 1
_INITIAL = "__saved_model_init_op"
_CALLS = ("__call__", "serve", "call_and_return_conditional_losses", "call")
_SERVING = "serving_default"
_AGAIN = "save the model again with tf.saved_model.save"


class SavedModel(tf.Module):  # type: ignore[misc]
    """A graph read from a folder: its ``program`` and the ``signature`` of its inputs."""

    def __init__(self, program: Program, signature: Sequence[tuple[Sizes | None, bool]]) -> None:
        super().__init__()
        self.program = program
        self.signature = tuple(signature)


def opened(folder: str) -> SavedModel:
    """The model of the SavedModel in ``folder``: what it serves, else what it is called for.

    Only ``saved_model.pb`` is read: no variables, no code. Raises TraceError for a file that is
    none, of another version, too large or broken.
    """
    file = Path(folder) / FILE
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= _LARGEST else b""
    except OSError as error:
        raise TraceError(f"{file} cannot be read: {error.strerror}") from error
    if size > _LARGEST:
        raise TraceError(
            f"{file} has {size:,} bytes, more than the 2 GB that the format allows", _AGAIN
        )
    return _model(_parsed(data, file), file)


def _parsed(data: bytes, file: Path) -> Any:
    try:
        saved = Saved.FromString(data)
    except DecodeError as error:
        raise TraceError(
            f"{file} is no SavedModel, or only a part of one: it cannot be parsed", _AGAIN
        ) from error
    if saved.saved_model_schema_version != _VERSION:
        raise TraceError(
            f"{file} is a SavedModel of version {saved.saved_model_schema_version}, "
            f"expected version {_VERSION}",
            _AGAIN,
        )
    if not saved.meta_graphs:
        raise TraceError(f"{file} holds no graph", _AGAIN)
    return saved


def _model(saved: Any, file: Path) -> SavedModel:
    tagged = [one for one in saved.meta_graphs if "serve" in one.meta_info_def.tags]
    meta = (tagged or list(saved.meta_graphs))[0]
    signatures = {
        name: one
        for name, one in meta.signature_def.items()
        if one.inputs and one.outputs and name != _INITIAL
    }
    if signatures:
        chosen = signatures.get(_SERVING) or signatures[min(signatures)]
        return _served(meta.graph_def, chosen, file)
    return _called(meta, file)


def _served(graph: GraphDef, signature: Any, file: Path) -> SavedModel:
    inputs = [one for _, one in sorted(signature.inputs.items())]
    outputs = [one.name for _, one in sorted(signature.outputs.items())]
    names = [one.name.partition(":")[0] for one in inputs]
    kinds = [(_sizes(one.tensor_shape), tf.dtypes.as_dtype(one.dtype).is_integer) for one in inputs]
    if not all(names) or not all(outputs):
        raise TraceError(f"{file}: its signature has tensors that are not dense", _AGAIN)
    return SavedModel(program(graph, names, outputs, str(file)), kinds)


def _called(meta: Any, file: Path) -> SavedModel:
    """A module that was saved without signatures: the function that its ``__call__`` traced."""
    functions = {one.signature.name: one for one in meta.graph_def.library.function}
    objects = meta.object_graph_def
    for name in _traced(objects):
        function, concrete = functions.get(name), objects.concrete_functions.get(name)
        if function is None or concrete is None:
            raise TraceError(f"{file}: the function {name!r} is missing", _AGAIN)
        if any(argument.type != tf.resource.as_datatype_enum
               for argument in function.signature.input_arg):  # fmt: skip
            return _wrapped(meta, function, concrete, file)
    raise TraceError(
        f"{file} has no signature and no traced function that takes tensors",
        "save it with signatures=, or call the model once before it is saved",
    )


def _traced(objects: Any) -> Iterator[str]:
    """The functions of the root object, those that are called first."""
    if not objects.nodes:
        return
    children = {child.local_name: child.node_id for child in objects.nodes[0].children}
    order = [name for name in _CALLS if name in children]
    for name in (*order, *sorted(set(children) - set(order))):
        if 0 <= children[name] < len(objects.nodes):
            yield from objects.nodes[children[name]].function.concrete_functions


def _wrapped(meta: Any, function: Any, concrete: Any, file: Path) -> SavedModel:
    """A graph that calls ``function`` on placeholders and on the variables bound to it."""
    graph = GraphDef()
    graph.CopyFrom(meta.graph_def)
    del graph.node[:]
    call = graph.node.add(name="PartitionedCall", op="PartitionedCall")
    call.attr["f"].func.name = function.signature.name
    bound = list(concrete.bound_inputs)
    arguments = list(function.signature.input_arg)
    free = arguments[: len(arguments) - len(bound)]
    kinds: list[tuple[Sizes | None, bool]] = []
    for at, argument in enumerate(free):
        node = graph.node.add(name=f"input_{at}", op="Placeholder")
        node.attr["dtype"].type = argument.type
        shapes = function.arg_attr[at].attr["_output_shapes"].list.shape
        whole = tf.dtypes.as_dtype(argument.type).is_integer
        kinds.append((_sizes(shapes[0]) if shapes else None, whole))
        call.input.append(node.name)
    for at, number in enumerate(bound):
        call.input.append(_bound(graph, meta.object_graph_def, at, number, file))
    call.attr["Tin"].list.type.extend(argument.type for argument in arguments)
    outputs = function.signature.output_arg
    call.attr["Tout"].list.type.extend(output.type for output in outputs)
    names = [f"PartitionedCall:{at}" for at in range(len(outputs))]
    inputs = [f"input_{at}" for at in range(len(free))]
    return SavedModel(program(graph, inputs, names, str(file)), kinds)


def _bound(graph: GraphDef, objects: Any, at: int, number: int, file: Path) -> str:
    """The node for an object that a function was saved with: a variable, or a constant."""
    if not 0 <= number < len(objects.nodes):
        raise TraceError(f"{file}: an object is missing, number {number}", _AGAIN)
    saved = objects.nodes[number]
    if saved.HasField("variable"):
        node = graph.node.add(name=f"variable_{at}", op="VarHandleOp")
        node.attr["dtype"].type = saved.variable.dtype
        node.attr["shape"].shape.CopyFrom(saved.variable.shape)
    else:
        node = graph.node.add(name=f"object_{at}", op="Placeholder")
        node.attr["dtype"].type = tf.resource.as_datatype_enum
    return str(node.name)


def _sizes(shape: Any) -> Sizes | None:
    if shape.unknown_rank:
        return None
    return [None if dim.size < 0 else int(dim.size) for dim in shape.dim]
