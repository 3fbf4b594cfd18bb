"""Shapes of results, one node at a time, by ONNX's own rules on shapes that are all known."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from onnx import NodeProto, TypeProto, checker, defs, helper, numpy_helper, shape_inference

from rfa_core.frontends.onnx.registry import RefusedError
from rfa_core.frontends.onnx.values import Value
from rfa_core.graph.model import Shape

_READ = 1024
"""Numbers that shapes may depend on; longer tensors are not shown to the inference."""

_DIVISORS = frozenset(("strides", "dilations", "group", "blocksize", "num_outputs", "block_size"))

Inferred = tuple[Shape | None, int]
"""A shape, or None, and the element type."""


def inferred(
    node: NodeProto, values: Sequence[Value | None], opsets: Mapping[str, int]
) -> list[Inferred]:
    """Shapes and types of the outputs of ``node``.

    Raises RefusedError if ONNX says that the node does not fit what it is given.
    """
    _refuse_zeros(node)
    nothing: list[Inferred] = [(None, 1)] * len(node.output)
    domain = "" if node.domain == "ai.onnx" else node.domain
    try:
        schema = defs.get_schema(node.op_type, opsets.get(domain, 1), domain)
    except defs.SchemaError:
        return nothing
    pairs = [(name, value) for name, value in zip(node.input, values, strict=True) if value]
    if any(value.parts is not None for _, value in pairs):
        return nothing
    types = {name: _typed(value) for name, value in pairs}
    data = {
        name: numpy_helper.from_array(value.data, name)
        for name, value in pairs
        if value.data is not None and value.data.size <= _READ
    }
    own = [helper.make_opsetid(key, version) for key, version in opsets.items()]
    try:
        found = shape_inference.infer_node_outputs(schema, node, types, data, opset_imports=own)
    except shape_inference.InferenceError as error:
        raise RefusedError(_said(error)) from error
    except (checker.ValidationError, KeyError, RuntimeError, TypeError, ValueError):
        return nothing
    return [_read(found[name]) if name in found else (None, 1) for name in node.output]


def _refuse_zeros(node: NodeProto) -> None:
    """ONNX divides by these: up to a version of its own, the process ends there."""
    for one in node.attribute:
        if one.name in _DIVISORS and not all((one.i, *one.ints) if one.HasField("i") else one.ints):
            raise RefusedError(f"{one.name} of 0")


def _typed(value: Value) -> TypeProto:
    return helper.make_tensor_type_proto(value.type or 1, value.shape)


def _read(found: Any) -> Inferred:
    tensor = found.tensor_type
    if not found.HasField("tensor_type") or not tensor.HasField("shape"):
        return None, tensor.elem_type or 1
    dims = [dim.dim_value if dim.HasField("dim_value") else None for dim in tensor.shape.dim]
    if any(size is None for size in dims):
        return None, tensor.elem_type or 1
    shape = tuple(int(size) for size in dims if size is not None)
    if any(size < 0 for size in shape):
        raise RefusedError(f"nothing is left of the map: its shape would be {list(shape)}")
    return shape, tensor.elem_type or 1


def _said(error: Exception) -> str:
    """The message without the place in ONNX's own sources."""
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    text = (
        re.sub(r"^(\[\w+\]|\(op_type:[^)]*\):?|\s)+", "", lines[0]) if lines else "it does not fit"
    )
    return text[:300]
