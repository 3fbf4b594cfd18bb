"""Loops and branches: recurrent layers as one step along their time, the rest as a bound.

Recurrent layers are loops that read one list of tensors element by element and fill another.
A list is known by the node of its elements, stacked along the first dimension.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.reading import Reading, sampled, unknown
from rfa_core.frontends.tensorflow.registry import translates
from rfa_core.graph import operations as op

_WITHIN = {
    "Add", "AddV2", "BiasAdd", "Cast", "ClipByValue", "Const", "ConcatV2", "Elu", "Exp",
    "Greater", "GreaterEqual", "HardSigmoid", "Identity", "Less", "LessEqual", "Log",
    "LogicalAnd", "LogicalNot", "LogicalOr", "MatMul", "Maximum", "Minimum", "Mul", "Neg",
    "NoOp", "Pack", "ReadVariableOp", "RealDiv", "Relu", "Relu6", "SelectV2", "Selu", "Sigmoid",
    "Softplus", "Softsign", "Split", "SplitV", "Square", "Sub", "Tanh", "TensorListGetItem",
    "TensorListSetItem", "Unpack",
}  # fmt: skip
"""Operations of cells that mix the features of a row, and no rows."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list whose elements are the rows of ``node``; those of a loop are ``filled`` by it."""

    node: str = ""
    filled: _Loop | None = None

    def written(self, _: Reading) -> str:
        """The elements, stacked."""
        return self.node


@dataclass(frozen=True, slots=True)
class _Loop:
    """A recurrent loop: the nodes of the lists it reads and of the states it begins with."""

    lists: tuple[str, ...]
    states: tuple[str, ...]
    weights: int

    def written(self, reading: Reading, shape: Sequence[int]) -> str:
        """All steps, stacked to ``shape`` (steps, rows, features)."""
        macs = self.weights * prod(shape[:-1])
        parts = []
        for name in self.lists:
            before = reading.draft.shape(name)
            seen = reading.write(op.Recurrent(0), [name], before, "recurrent")
            mixed = op.Contract(((0, 1, 2),), (0, 1, 3))
            parts.append(reading.write(mixed, [seen], shape, "recurrent", macs=macs))
        for name in self.states:
            spread = op.Contract(((1, 2),), (0, 1, 3))
            parts.append(reading.write(spread, [name], shape, "recurrent"))
        if len(parts) == 1:
            return parts[0]
        return reading.write(op.Pointwise(), parts, shape, "recurrent")

    def ended(self, reading: Reading, shape: Sequence[int]) -> str:
        """A state after the last step (rows, features)."""
        operands = [*self.lists, *self.states]
        labels = ((0, 1, 2),) * len(self.lists) + ((1, 4),) * len(self.states)
        fresh = tuple(
            tuple(label + 10 * at if label in (0, 2, 4) else label for label in term)
            for at, term in enumerate(labels)
        )
        return reading.write(op.Contract(fresh, (1, 3)), operands, shape, "recurrent")


@translates("TensorListFromTensor")
def _unstacked(reading: Reading, operation: Any) -> None:
    reading.bind(operation.outputs[0], Listed(reading.operand(operation.inputs[0])))


@translates("TensorListStack")
def _stacked(reading: Reading, operation: Any) -> None:
    known = reading.deferred(operation.inputs[0])
    shape = shape_of(operation.outputs[0]) or ()
    if not isinstance(known, Listed):
        unknown(reading, operation)
    elif known.filled is None:
        reading.bind(operation.outputs[0], known.node)
    elif len(shape) == 3:
        reading.bind(operation.outputs[0], known.filled.written(reading, shape))
    else:
        reading.bind(operation.outputs[0], _bounded(reading, known.filled, shape))


def _bounded(reading: Reading, loop: _Loop, shape: Sequence[int]) -> str:
    bound = op.Unknown("a loop over a list of tensors that are no rows of features")
    return reading.write(bound, [*loop.lists, *loop.states], shape, "while")


@translates("While", "StatelessWhile")
def _while(reading: Reading, operation: Any) -> None:
    body = reading.functions.get(operation.get_attr("body").name)
    loop = _recurrent(reading, operation, _Body(body)) if body is not None else None
    if loop is None or body is None:
        unknown(reading, operation, "a loop is not followed")
        return
    steady = _Body(body).steady
    for at, (tensor, out) in enumerate(zip(operation.inputs, operation.outputs, strict=True)):
        shape = shape_of(out)
        if at in steady:
            if reading.is_live(tensor):
                reading.bind(out, reading.deferred(tensor) or reading.operand(tensor))
        elif out.dtype.name == "variant":
            reading.bind(out, Listed(filled=loop))
        elif shape is not None and len(shape) == 2:
            reading.bind(out, loop.ended(reading, shape))


def _recurrent(reading: Reading, operation: Any, body: _Body) -> _Loop | None:
    """The loop as a recurrent layer; None if it is none, or not surely one."""
    lists: list[str] = []
    states: list[str] = []
    counters = {at for at in body.counters if _starts_at_0(reading, operation.inputs[at])}
    for at, tensor in enumerate(operation.inputs):
        if not reading.is_live(tensor):
            continue
        known = reading.deferred(tensor)
        if isinstance(known, Listed) and known.filled is None and at in body.steady:
            lists.append(known.node)
        elif tensor.dtype.name == "variant" or at in body.steady:
            return None
        else:
            states.append(reading.operand(tensor))
    ranks = [(3, name) for name in lists] + [(2, name) for name in states]
    if any(len(reading.draft.shape(name)) != rank for rank, name in ranks):
        return None
    if not body.is_cell or not body.places or not body.places <= counters:
        return None
    learned = (shape_of(one) or () for one in operation.inputs if reading.is_learned(one))
    return _Loop(tuple(lists), tuple(states), sum(prod(one) for one in learned if len(one) == 2))


def _starts_at_0(reading: Reading, tensor: Any) -> bool:
    value = reading.value(tensor)
    return value is not None and value.shape == () and int(value) == 0


class _Body:
    """What the body of a loop does with its arguments, by their places."""

    def __init__(self, function: Any) -> None:
        self._nodes = {node.name: node for node in function.node_def}
        self._arguments = {arg.name: at for at, arg in enumerate(function.signature.input_arg)}
        self._returned = [function.ret[arg.name] for arg in function.signature.output_arg]

    @property
    def is_cell(self) -> bool:
        """Whether the body only mixes features."""
        return all(node.op in _WITHIN for node in self._nodes.values())

    @property
    def steady(self) -> set[int]:
        """Arguments that are passed on as they are."""
        sources = map(self._argument, self._returned)
        return {at for at, source in enumerate(sources) if at == source}

    @property
    def counters(self) -> set[int]:
        """Arguments that grow by one."""
        return {at for at, one in enumerate(self._returned) if self._is_next(one, at)}

    @property
    def places(self) -> set[int | None]:
        """The arguments that say which element of a list is read or written; None for others."""
        return {self._argument(node.input[1]) for node in self._listing()}

    def _listing(self) -> Iterator[Any]:
        names = ("TensorListGetItem", "TensorListSetItem")
        return (node for node in self._nodes.values() if node.op in names)

    def _argument(self, reference: str) -> int | None:
        base = self._followed(reference)
        return self._arguments.get(base)

    def _followed(self, reference: str) -> str:
        base = reference.partition(":")[0]
        while base in self._nodes and self._nodes[base].op == "Identity":
            base = self._nodes[base].input[0].partition(":")[0]
        return base

    def _is_next(self, reference: str, at: int) -> bool:
        node = self._nodes.get(self._followed(reference))
        if node is None or node.op not in ("Add", "AddV2"):
            return False
        return self._argument(node.input[0]) == at and self._is_one(node.input[1])

    def _is_one(self, reference: str) -> bool:
        import tensorflow as tf

        node = self._nodes.get(self._followed(reference))
        if node is None or node.op != "Const":
            return False
        value = tf.make_ndarray(node.attr["value"].tensor)
        return bool(value.shape == () and value == 1)


@translates("If", "StatelessIf", "Case", "StatelessCase")
def _branch(reading: Reading, operation: Any) -> None:
    sampled(reading, operation, "a condition decides which branch is taken")
