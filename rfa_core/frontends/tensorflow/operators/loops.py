"""Loops and branches: recurrent layers as one step along their time, the rest as a bound.

Recurrent layers are loops that read one list of tensors element by element and fill another.
A list is known by the node of its elements, stacked along the first dimension.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import tensorflow as tf

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
    """A list whose elements are the rows of ``node``; those of a loop are ``filled`` by it.

    ``once`` says that the list has one element, which every step of the loop overwrites.
    """

    node: str = ""
    filled: _Loop | None = None
    once: bool = False

    def written(self, _: Reading) -> str:
        """The elements, stacked."""
        return self.node


@dataclass(frozen=True, slots=True)
class _State:
    """What a state is after the last step of a loop."""

    loop: _Loop
    shape: tuple[int, ...]

    def written(self, reading: Reading) -> str:
        """The node of the state."""
        rows = self.loop.is_cell and len(self.shape) == 2
        return (self.loop.ended if rows else self.loop.bounded)(reading, self.shape)


@dataclass(frozen=True, slots=True)
class _Loop:
    """A loop: the nodes of the lists it reads and of the states it begins with.

    ``is_cell`` says that it is a recurrent layer over rows of features, of so many ``weights``.
    """

    lists: tuple[str, ...]
    states: tuple[str, ...]
    weights: int
    is_cell: bool

    def bounded(self, reading: Reading, shape: Sequence[int]) -> str:
        """A result of a loop that is not followed."""
        bound = op.Unknown("a loop is not followed")
        return reading.write(bound, [*self.lists, *self.states], shape, "while")

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
    known, out = reading.deferred(operation.inputs[0]), operation.outputs[0]
    if not isinstance(known, Listed):
        unknown(reading, operation)
    elif known.filled is None:
        reading.bind(out, known.node)
    else:
        shape = _filled_shape(reading, known.filled, out.shape)
        if shape is not None:
            reading.hint(out, shape)
            reading.bind(out, _elements(reading, known.filled, known.once, shape))


def _elements(reading: Reading, loop: _Loop, once: bool, shape: tuple[int, ...]) -> str:
    if not loop.is_cell:
        return loop.bounded(reading, shape)
    if once:
        return reading.reshaped(loop.ended(reading, shape[1:]), shape)
    return loop.written(reading, shape)


def _filled_shape(reading: Reading, loop: _Loop, found: Any) -> tuple[int, ...] | None:
    """As many steps and rows as the list that the loop reads."""
    if found.is_fully_defined():
        return tuple(found.as_list())
    if not loop.lists or found.rank is None or found.rank < 3:
        return None
    read = reading.draft.shape(loop.lists[0])
    shape = [*read[:2], *found.as_list()[2:]]
    return None if None in shape else tuple(shape)


@translates("While", "StatelessWhile")
def _while(reading: Reading, operation: Any) -> None:
    function = reading.functions[operation.get_attr("body").name]
    body = _Body(function)
    loop = _loop(reading, operation, body)
    reading.owe()
    for at, (tensor, out) in enumerate(zip(operation.inputs, operation.outputs, strict=True)):
        shape = shape_of(out) or shape_of(tensor)
        if at in body.steady:
            if reading.is_live(tensor):
                reading.bind(out, reading.deferred(tensor) or reading.operand(tensor))
        elif out.dtype.name == "variant":
            reading.bind(out, Listed(filled=loop, once=not body.writes))
        elif shape is not None and at not in body.counters:
            reading.hint(out, shape)
            reading.bind(out, _State(loop, shape))


def _loop(reading: Reading, operation: Any, body: _Body) -> _Loop:
    """What the loop reads, and whether it surely is a recurrent layer."""
    lists: list[str] = []
    states: list[str] = []
    is_cell = body.is_cell and bool(body.reads)
    for at, tensor in enumerate(operation.inputs):
        if not reading.is_live(tensor):
            continue
        known = reading.deferred(tensor)
        if isinstance(known, Listed) and known.filled is None and at in body.steady:
            lists.append(known.node)
        elif isinstance(known, Listed):
            states += [*known.filled.lists, *known.filled.states] if known.filled else [known.node]
            is_cell = False
        else:
            states.append(reading.operand(tensor))
            is_cell = is_cell and at not in body.steady
    counters = {at for at in body.counters if _starts_at_0(reading, operation.inputs[at])}
    ranks = [(3, name) for name in lists] + [(2, name) for name in states]
    rows = all(len(reading.draft.shape(name)) == rank for rank, name in ranks)
    learned = (shape_of(one) or () for one in operation.inputs if reading.is_learned(one))
    weights = sum(prod(one) for one in learned if len(one) == 2)
    is_cell = is_cell and rows and body.reads | body.writes <= counters
    return _Loop(tuple(lists), tuple(states), weights, is_cell)


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
    def reads(self) -> set[int | None]:
        """The arguments that say which element of a list is read; None for anything else."""
        return {self._argument(node.input[1]) for node in self._named("TensorListGetItem")}

    @property
    def writes(self) -> set[int | None]:
        """The same for elements that are written; not those that are always the first."""
        nodes = [*self._named("TensorListSetItem")]
        return {
            self._argument(node.input[1]) for node in nodes if self._constant(node.input[1]) != 0
        }

    def _named(self, kind: str) -> Iterator[Any]:
        return (node for node in self._nodes.values() if node.op == kind)

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
        return self._argument(node.input[0]) == at and self._constant(node.input[1]) == 1

    def _constant(self, reference: str) -> int | None:
        """The value of a whole number that the body spells out."""
        node = self._nodes.get(self._followed(reference))
        if node is None or node.op != "Const":
            return None
        value = tf.make_ndarray(node.attr["value"].tensor)
        return int(value) if value.shape == () else None


@translates("If", "StatelessIf", "Case", "StatelessCase")
def _branch(reading: Reading, operation: Any) -> None:
    sampled(reading, operation, "a condition decides which branch is taken")
