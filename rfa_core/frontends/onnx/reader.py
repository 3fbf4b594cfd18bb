"""Reading a program node by node: shapes are known throughout, small numbers are computed, and
what depends on the input is written down."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
from onnx import AttributeProto, GraphProto, NodeProto, TensorProto, helper

from rfa_core.errors import TraceError
from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.control import CONTROL
from rfa_core.frontends.onnx.folding import folds
from rfa_core.frontends.onnx.naming import Layers
from rfa_core.frontends.onnx.program import Program, ordered, read, said, weights_of
from rfa_core.frontends.onnx.registry import (
    Call,
    RefusedError,
    UndecidedError,
    handler_of,
)
from rfa_core.frontends.onnx.sequences import SEQUENCES
from rfa_core.frontends.onnx.shapes import Inferred, inferred
from rfa_core.frontends.onnx.values import BYTES, FLOATING, Value, constant, unknown
from rfa_core.graph import operations as op

MOST_STEPS = 60_000
"""Nodes that are read, those of loops once per round; a file with more is refused."""

MOST_HELD = 2**34
"""Elements of the largest tensor."""

Scope = MutableMapping[str, Value]

_NO_PARAMETERS = {
    "BatchNormalization": (3, 4),
    "QuantizeLinear": (1, 2),
    "DequantizeLinear": (1, 2),
    "QLinearConv": (1, 2, 4, 5, 6, 7),
    "QLinearMatMul": (1, 2, 4, 5, 6, 7),
    "ConvInteger": (2, 3),
    "Resize": (1, 2, 3),
    "Upsample": (1,),
}
"""Inputs that hold statistics, scales and zero points."""
_QUANTISED = frozenset((2, 3, 17, 18, 19, 20, 21, 22, 23))
_KEEPS_WEIGHT = frozenset(
    ("Identity", "Cast", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "Flatten",
     "QuantizeLinear", "DequantizeLinear")
)  # fmt: skip
_WEIGHTED = frozenset(
    (
        "Conv",
        "ConvTranspose",
        "ConvInteger",
        "QLinearConv",
        "FusedConv",
        "Gemm",
        "LSTM",
        "GRU",
        "RNN",
    )
)


class Sheet(Draft):
    """A draft that refuses tensors which no machine holds: sizes in a file may be anything."""

    def add(
        self,
        operation: op.Operation,
        operands: Sequence[str],
        shape: Sequence[int],
        kind: str,
        **amounts: Any,
    ) -> str:
        """Write a node. Raises RefusedError."""
        if prod(shape) > MOST_HELD:
            raise RefusedError(f"a tensor of {list(shape)} is more than a machine can hold")
        return super().add(operation, operands, [int(size) for size in shape], kind, **amounts)


class Reader:
    """Reads a program into ``draft``.

    ``layer`` is where it is; ``stopped`` says where data first decided the size of a result,
    ``missed`` which layers with weights could not be read for that.
    """

    def __init__(self, program: Program) -> None:
        self.draft = Sheet()
        self.scope: Scope = dict(program.weights)
        self.layer = ""
        self.stopped = ""
        self.missed: list[str] = []
        self.opsets = program.opsets
        self._opset = program.opsets.get("", 1)
        self._layers = Layers(program.nodes, program.weights)
        self._weights = dict(program.weights)
        self._constants: set[str] = set()
        self._counted: set[str] = set(_without_parameters(program))
        self._steps = 0
        self.parameters = sum(
            prod(self._weights[name].shape or ())
            for name in self._weights
            if self._is_parameter(name)
        )

    def add_input(
        self, name: str, shape: Sequence[int], axes: Sequence[int | None], type_: int
    ) -> None:
        """An input of the model."""
        node = self.draft.add(op.Input(tuple(axes)), (), shape, "input")
        self.scope[name] = Value(tuple(shape), type_, node)

    def run(self, nodes: Sequence[NodeProto], scope: Scope) -> None:
        """Read ``nodes``, which are in order, with the tensors of ``scope``."""
        for node in nodes:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise TraceError(f"the ONNX model has more than {MOST_STEPS} nodes to run")
            results = self._read(
                node, [scope[name] if name else None for name in node.input], scope
            )
            for name, value in zip(node.output, results, strict=False):
                if name:
                    scope[name] = value

    def enter(self, node: NodeProto, values: Sequence[Value | None]) -> None:
        """What is written next comes from ``node``."""
        self.draft.origin = self._layers.origin(node, values)
        self.layer = self.draft.origin.layer

    def inside(self, graph: GraphProto, given: Mapping[str, Value], scope: Scope) -> list[Value]:
        """The results of a subgraph on ``given``, inside ``scope``."""
        held = {**weights_of(graph), **given}
        own: Scope = ChainMap(held, scope)
        missing = [one.name for one in graph.input if one.name not in own]
        if missing:
            raise TraceError(f"a subgraph is given nothing for {missing[0]!r}")
        self.run(ordered(graph.node, set(held), own, "a subgraph"), own)
        absent = next((one.name for one in graph.output if one.name not in own), None)
        if absent is not None:
            raise TraceError(f"the output {absent!r} of a subgraph is made by no node")
        return [own[one.name] for one in graph.output]

    def _read(self, node: NodeProto, values: list[Value | None], scope: Scope) -> list[Value]:
        domain = "" if node.domain == "ai.onnx" else node.domain
        if not domain and node.op_type == "Constant":
            return [self._constant(node)]
        if not domain and node.op_type in CONTROL:
            return self._decided(node, lambda: CONTROL[node.op_type](self, node, values, scope))
        if any(value is not None and not value.is_known for value in values):
            return self._lost(node, values)
        self.enter(node, values)
        return self._decided(node, lambda: self._translated(node, domain, values))

    def _decided(self, node: NodeProto, work: Any) -> list[Value]:
        """What ``work`` returns; of a node whose result data decide, values of unknown size."""
        try:
            results: list[Value] = work()
        except UndecidedError as error:
            self.stopped = self.stopped or f"{self.layer or said(node)}: {error}"
            return [unknown(str(error)) for _ in node.output]
        except (IndexError, KeyError, TypeError, ValueError, ZeroDivisionError) as error:
            raise RefusedError(f"{said(node)} is not as ONNX asks: {error}") from error
        return results

    def _lost(self, node: NodeProto, values: list[Value | None]) -> list[Value]:
        """Results of a node of which an input has no size that is known."""
        why = next(value.why for value in values if value is not None and not value.is_known)
        if any(
            value is not None and value.sources for value in values
        ) and node.op_type in _WEIGHTED | {"MatMul"}:
            self.missed.append(self._layers.origin(node, values).layer)
        return [unknown(why) for _ in node.output]

    def _translated(self, node: NodeProto, domain: str, values: list[Value | None]) -> list[Value]:
        attributes = {one.name: _attribute(one) for one in node.attribute}
        found = self._inferred(node, values)
        call = Call(
            node.op_type,
            self.opsets.get(domain, self._opset) if domain else self._opset,
            tuple(values),
            attributes,
            tuple(shape for shape, _ in found),
        )
        if not domain and node.op_type in SEQUENCES:
            return SEQUENCES[node.op_type](self.draft, call)
        if any(value is not None and value.parts is not None for value in values):
            raise UndecidedError(f"{node.op_type} takes a sequence of tensors")
        live = [value for value in values if value is not None and value.is_live]
        types = [kind for _, kind in found]
        if not domain and node.op_type in ("Shape", "Size"):
            return [constant(_shape(call))]
        if not live:
            return self._computed(call, domain, types)
        return self._written(call, domain, types, _sources(values))

    def _inferred(self, node: NodeProto, values: list[Value | None]) -> list[Inferred]:
        """Shapes and types of the results; what ONNX refuses of known numbers may work out."""
        try:
            return inferred(node, values, self.opsets)
        except RefusedError:
            if any(value is not None and value.data is None for value in values):
                raise
            return [(None, 1)] * len(node.output)

    def _computed(self, call: Call, domain: str, types: list[int]) -> list[Value]:
        """Constants: their numbers where they are few, else only their shape and origin."""
        known = all(value is None or value.data is not None for value in call.inputs)
        results = folds(call.name, call) if known and not domain else None
        sources = _sources(call.inputs)
        first = call.value(0)
        weight = first.weight if first is not None and call.name in _KEEPS_WEIGHT else ""
        if results is not None:
            return [replace(constant(one), sources=sources, weight=weight) for one in results]
        if any(shape is None for shape in call.shapes):
            raise UndecidedError(f"the size of what {call.name} returns is not known")
        return [
            Value(shape, kind, None, None, sources, weight)
            for shape, kind in zip(call.shapes, types, strict=True)
        ]

    def _written(
        self, call: Call, domain: str, types: list[int], sources: frozenset[str]
    ) -> list[Value]:
        """Nodes of the graph for results that depend on the input."""
        self.draft.item = BYTES.get(types[0], 4) if types else 4
        written = len(self.draft.nodes)
        self.draft.pending = self._count(sources - self._constants)
        found = handler_of(domain, call.name)(self.draft, call)
        self.draft.pending = 0
        names = [found] if found is None or isinstance(found, str) else list(found)
        if any(node.weighted for node in self.draft.nodes[written:]):
            self._count_constants(written, sources & self._constants)
        results = []
        for place, kind in enumerate(types):
            name = names[place] if place < len(names) else None
            if name is not None:
                results.append(Value(self.draft.shape(name), kind, name, sources=sources))
            else:
                shape = call.shapes[place]
                results.append(unknown("it is not known") if shape is None else Value(shape, kind))
        return results

    def _count(self, sources: frozenset[str]) -> int:
        """The parameters among ``sources`` that no earlier node has counted."""
        new = [name for name in sorted(sources) if name not in self._counted]
        self._counted.update(new)
        return sum(
            prod(self._weights[one].shape or ()) for one in new if self._is_parameter(one, True)
        )

    def _count_constants(self, written: int, sources: frozenset[str]) -> None:
        """Tensors written into the graph itself are parameters where a layer applies them."""
        count = self._count(sources)
        if count:
            self.parameters += count
            place = next(
                at for at in range(written, len(self.draft.nodes)) if self.draft.nodes[at].weighted
            )
            node = self.draft.nodes[place]
            self.draft.nodes[place] = replace(node, parameters=node.parameters + count)

    def _is_parameter(self, name: str, counted: bool = False) -> bool:
        """Numbers of a learned kind: those of several elements that are no whole numbers."""
        value = self._weights.get(name)
        if value is None or not value.shape or (name in self._counted and not counted):
            return False
        return value.type in FLOATING or value.type in _QUANTISED

    def _constant(self, node: NodeProto) -> Value:
        for attribute in node.attribute:
            value = _attribute(attribute)
            name = node.output[0]
            if isinstance(value, Value):
                found = replace(value, sources=frozenset((name,)), weight=name)
                self._weights[name] = found
                self._constants.add(name)
                return found
            if isinstance(value, (int, float)):
                return constant(np.array(value, np.int64 if isinstance(value, int) else np.float32))
            if isinstance(value, list) and not any(isinstance(one, str) for one in value):
                is_whole = attribute.type == AttributeProto.INTS
                return constant(np.array(value, np.int64 if is_whole else np.float32))
        return unknown("a constant of texts")


def _without_parameters(program: Program) -> set[str]:
    return {
        node.input[place]
        for node in program.nodes
        for place in _NO_PARAMETERS.get(node.op_type, ())
        if place < len(node.input)
    }


def _sources(values: Sequence[Value | None]) -> frozenset[str]:
    """The initialisers that constants among ``values`` were made of."""
    own = [value.sources for value in values if value is not None and not value.is_live]
    return frozenset().union(*own)


def _shape(call: Call) -> Any:
    shape = call.shape_of(0)
    if call.name == "Size":
        return np.array(prod(shape), dtype=np.int64)
    end = call.attr("end")
    return np.array(shape[call.attr("start", 0) : end], dtype=np.int64)


def _attribute(attribute: AttributeProto) -> Any:
    """A plain number or text, a list of them, a tensor or a subgraph."""
    try:
        value = helper.get_attribute_value(attribute)
    except ValueError as error:
        raise RefusedError(f"the attribute {attribute.name!r} cannot be read: {error}") from error
    if isinstance(value, TensorProto):
        return read(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, (int, float)):
        return value
    items = list(value) if isinstance(value, Sequence) else value
    if isinstance(items, list):
        return [one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in items]
    return items
