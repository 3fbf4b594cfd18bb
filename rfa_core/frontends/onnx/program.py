"""An ONNX model as it is read: nodes in order, weights by their shapes alone, functions inlined.

Weights are not read. External data are not opened, whatever place they name.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from onnx import (
    GraphProto,
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    defs,
    numpy_helper,
)

from rfa_core.errors import TraceError
from rfa_core.frontends.onnx.functions import inlined
from rfa_core.frontends.onnx.texts import reads_names
from rfa_core.frontends.onnx.values import Array, Value, is_small

DEEPEST = 24
"""Subgraphs inside subgraphs; more are refused."""
LARGEST_DIMENSION = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Program:
    """The main graph: its ``nodes`` in order, what it is given and what it returns."""

    graph: GraphProto
    nodes: tuple[NodeProto, ...]
    inputs: tuple[ValueInfoProto, ...]
    outputs: tuple[str, ...]
    weights: Mapping[str, Value]
    opsets: Mapping[str, int]


@reads_names
def program(model: ModelProto) -> Program:
    """Read ``model`` and check that it is one; raises TraceError that names the place."""
    if not model.HasField("graph") or not model.graph.node:
        raise TraceError("the ONNX model has no nodes", "expected a graph that computes something")
    opsets = _opsets(model)
    light = _light(model)
    if light.functions:
        light = inlined(light)
        opsets = _opsets(light)
    graph = light.graph
    weights = weights_of(graph)
    inputs = tuple(one for one in graph.input if one.name not in weights)
    if not inputs:
        raise TraceError("the ONNX model has no input", "every input of its graph has a value")
    given = {*weights, *(one.name for one in inputs)}
    nodes = ordered(graph.node, given, given, "the graph")
    outputs = tuple(one.name for one in graph.output)
    made = {*given, *(name for node in nodes for name in node.output)}
    for name in outputs:
        if name not in made:
            raise TraceError(f"the output {name!r} of the ONNX graph is made by no node")
    return Program(graph, nodes, inputs, outputs, weights, opsets)


def ordered(
    nodes: Sequence[NodeProto], own: Container[str], known: Container[str], where: str
) -> tuple[NodeProto, ...]:
    """``nodes`` so that each comes after what it reads.

    ``own`` are the tensors that the graph is given, ``known`` those that it may read.
    Raises TraceError for a cycle, a tensor that nothing makes and one that two nodes make.
    """
    makers: dict[str, int] = {}
    for place, node in enumerate(nodes):
        for name in filter(None, node.output):
            if name in makers or name in own:
                raise TraceError(f"{where} makes the tensor {name!r} twice, by {said(node)}")
            makers[name] = place
    needed = [_needed(node) for node in nodes]
    for node, names in zip(nodes, needed, strict=True):
        for name in names:
            if name not in makers and name not in known:
                raise TraceError(f"{said(node)} reads the tensor {name!r}, which nothing makes")
    waiting = [{makers[name] for name in names if name in makers} for names in needed]
    return tuple(nodes[place] for place in _sorted(waiting, nodes, where))


def _sorted(waiting: list[set[int]], nodes: Sequence[NodeProto], where: str) -> Iterator[int]:
    """Places in an order in which each comes after those it waits for, as written if they do."""
    if all(max(before, default=-1) < place for place, before in enumerate(waiting)):
        yield from range(len(nodes))
        return
    after: list[list[int]] = [[] for _ in nodes]
    for place, before in enumerate(waiting):
        for one in before:
            after[one].append(place)
    open_ = [len(before) for before in waiting]
    ready = [place for place in reversed(range(len(nodes))) if not open_[place]]
    count = 0
    while ready:
        place = ready.pop()
        count += 1
        yield place
        for one in after[place]:
            open_[one] -= 1
            if not open_[one]:
                ready.append(one)
    if count < len(nodes):
        stuck = next(place for place, left in enumerate(open_) if left)
        raise TraceError(f"{where} has a cycle: {said(nodes[stuck])} needs its own result")


def weights_of(graph: GraphProto) -> dict[str, Value]:
    """The initialisers of a graph, without the numbers of large ones."""
    found: dict[str, Value] = {}
    for tensor in graph.initializer:
        found[tensor.name] = read(tensor, tensor.name)
    for sparse in graph.sparse_initializer:
        name = sparse.values.name
        found[name] = Value(
            _dims(sparse, name), sparse.values.data_type, sources=frozenset((name,)), weight=name
        )
    return found


def read(tensor: TensorProto, name: str = "") -> Value:
    """A tensor of the file; its numbers only if it is small and inside the file."""
    shape = _dims(tensor, name or tensor.name)
    sources = frozenset((name,)) if name else frozenset[str]()
    return Value(shape, tensor.data_type, None, _numbers(tensor, name), sources, name)


def said(node: NodeProto) -> str:
    """A node in words: its name, or its operation and what it makes."""
    label = node.name or next(iter(node.output), "")
    return f"{node.op_type} ({label[:80]})" if label else node.op_type


def _numbers(tensor: TensorProto, name: str) -> Array | None:
    external = tensor.data_location == TensorProto.EXTERNAL
    if external or not is_small(tuple(tensor.dims)) or tensor.data_type in (0, TensorProto.STRING):
        return None
    if _is_stripped(tensor):
        return None
    try:
        return np.asarray(numpy_helper.to_array(tensor))
    except Exception as error:
        raise TraceError(f"the initialiser {name!r} cannot be read: {error}") from error


def _is_stripped(tensor: TensorProto) -> bool:
    """Whether the numbers were left out: a light copy, or a file that has lost them."""
    held = (
        tensor.float_data,
        tensor.int32_data,
        tensor.int64_data,
        tensor.double_data,
        tensor.uint64_data,
    )
    return bool(all(tensor.dims)) and not tensor.raw_data and not any(held)


def _dims(tensor: object, name: str) -> tuple[int, ...]:
    dims = tuple(int(size) for size in tensor.dims)  # type: ignore[attr-defined]
    if any(not 0 <= size <= LARGEST_DIMENSION for size in dims):
        raise TraceError(f"the initialiser {name!r} has an impossible shape {list(dims)}")
    return dims


def _needed(node: NodeProto) -> set[str]:
    """The tensors that a node reads, those of its subgraphs that come from outside included."""
    return {name for name in node.input if name} | _outer(node, 0)


def _outer(node: NodeProto, depth: int) -> set[str]:
    if depth > DEEPEST:
        raise TraceError(f"{said(node)} holds subgraphs more than {DEEPEST} deep")
    found: set[str] = set()
    for attribute in node.attribute:
        graphs = [attribute.g] if attribute.HasField("g") else list(attribute.graphs)
        for graph in graphs:
            own = {one.name for one in (*graph.input, *graph.initializer)}
            own.update(name for inner in graph.node for name in inner.output)
            for inner in graph.node:
                found |= {name for name in inner.input if name} - own
                found |= _outer(inner, depth + 1) - own
            found |= {one.name for one in graph.output} - own
    return found


def _opsets(model: ModelProto) -> dict[str, int]:
    """Versions by domain; files of before version 3 of the format state none and mean the first."""
    found = {
        one.domain if one.domain != "ai.onnx" else "": one.version for one in model.opset_import
    }
    if not found and model.ir_version < 3:
        return {"": 1}
    if "" not in found and any(node.domain in ("", "ai.onnx") for node in model.graph.node):
        raise TraceError(
            "the ONNX model does not say which opset it was written for",
            "expected an entry for the domain ai.onnx in opset_import",
        )
    newest = defs.onnx_opset_version()
    if found.get("", 1) > newest:
        raise TraceError(
            f"the ONNX model is of opset {found['']}, the onnx package knows them up to {newest}",
            "install a newer onnx",
        )
    return found


def _light(model: ModelProto) -> ModelProto:
    """``model`` without the numbers of its large initialisers."""
    graph = GraphProto(name=model.graph.name)
    graph.node.extend(model.graph.node)
    graph.input.extend(model.graph.input)
    graph.output.extend(model.graph.output)
    graph.sparse_initializer.extend(model.graph.sparse_initializer)
    for tensor in model.graph.initializer:
        if is_small(tuple(tensor.dims)):
            graph.initializer.append(tensor)
        else:
            graph.initializer.append(
                TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
            )
    light = ModelProto(ir_version=model.ir_version, graph=graph)
    light.opset_import.extend(model.opset_import)
    light.functions.extend(model.functions)
    return light
