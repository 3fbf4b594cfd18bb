"""Operation after operation of a TensorFlow graph, written into a draft."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, Protocol

from rfa_core.frontends.draft import Draft, Origin
from rfa_core.frontends.phrases import contraction
from rfa_core.frontends.tensorflow.folding import Array, folded, shape_of
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

Handler = Callable[["Reading", Any], None]
_ABOUT_SHAPES = frozenset({"Shape", "ShapeN", "Size", "Rank", "ZerosLike", "OnesLike"})
"""Operations of whose operands only the shape matters."""
_WITHOUT_SHAPES = frozenset({"While", "StatelessWhile", "TensorListStack", "EnsureShape"})
"""Operations that are translated even if TensorFlow does not infer the shapes of all results."""


class ShapeError(Exception):
    """The graph does not run at the shapes it was given: ``node`` (flat) refuses them."""

    def __init__(self, node: str, reason: str) -> None:
        super().__init__(node, reason)
        self.node = node
        self.reason = reason


class ComputedError(Exception):
    """A number that an operation goes by is computed: all that it makes is ``bound``."""

    def __init__(self, bound: op.Unknown | op.Sample | None) -> None:
        super().__init__(bound)
        self.bound = bound


class Deferred(Protocol):
    """A tensor that is not written as long as what reads it knows a better way to say it."""

    def written(self, reading: Reading) -> str:
        """The node of the tensor, written now."""


class Reading:
    """What is known of every tensor: its node, if it depends on the input; else its value.

    ``weights`` maps the names of operations that hold learned weights to how many; ``origin_of``
    says where an operation comes from (None: the origin of the draft stays); ``functions`` are
    those that loops and branches name. ``lost`` tells why the first tensor could not be followed
    whose shape data decide. ``kernels`` maps weighted nodes to the operations that hold their
    weights, ``operations`` every node to the operation that it was written for, ``normed`` norms
    to what they are norms of, ``hints`` tensors to shapes and dtypes that TensorFlow cannot infer.
    """

    def __init__(
        self,
        draft: Draft,
        handler_of: Callable[[str], Handler],
        weights: Mapping[str, int],
        origin_of: Callable[[Any], Origin] | None = None,
        functions: Mapping[str, Any] | None = None,
    ) -> None:
        self.draft = draft
        self.functions = functions or {}
        self.lost = ""
        self.kernels: dict[str, frozenset[str]] = {}
        self.operations: dict[str, str] = {}
        self.normed: dict[str, str] = {}
        self.hints: dict[str, tuple[Shape, int]] = {}
        self._handler_of = handler_of
        self._weights = weights
        self._origin_of = origin_of
        self._names: dict[str, str] = {}
        self._deferred: dict[str, Deferred] = {}
        self._values: dict[str, Array | None] = {}
        self._sources: dict[str, frozenset[str]] = {}
        self._gone: dict[str, str] = {}
        self._made: dict[str, Any] = {}
        self._counted: set[str] = set()
        self._owed = 0
        self._current: Any = None

    def read(self, operations: Iterable[Any]) -> None:
        """Translate TensorFlow's ``operations``, which stand in topological order."""
        for operation in operations:
            inputs = list(operation.inputs)
            self._made.update((tensor.name, tensor) for tensor in operation.outputs)
            reason = next(filter(None, (self._unusable(operation, one) for one in inputs)), "")
            if reason:
                for tensor in operation.outputs:
                    self.drop(tensor, reason)
                self.lost = self.lost or reason
            elif operation.type in _ABOUT_SHAPES or not any(map(self.is_live, inputs)):
                self._remember(operation, inputs)
            else:
                self._translate(operation)

    def results(self, references: Iterable[str]) -> tuple[str, ...]:
        """The nodes of the tensors ``references``, as far as they were reached."""
        names = [one if ":" in one else f"{one}:0" for one in references]
        for name in names:
            self.lost = self.lost or self._gone.get(name, "")
        reached = [name for name in names if name in self._made and name not in self._gone]
        return tuple(self.operand(self._made[name]) for name in reached)

    # What handlers use.

    def is_live(self, tensor: Any) -> bool:
        """Whether ``tensor`` depends on the input."""
        return tensor.name in self._names or tensor.name in self._deferred

    def operand(self, tensor: Any) -> str:
        """The node of ``tensor``; constants get one when they are first used as operands."""
        name = tensor.name
        if name not in self._names:
            deferred = self._deferred.get(name)
            shape = shape_of(tensor) or ()
            made = (
                self.write(op.Constant(), (), shape, "constant")
                if deferred is None
                else (deferred.written(self))
            )
            if deferred is None:
                return made
            self._names[name] = made
        return self._names[name]

    def deferred(self, tensor: Any) -> Deferred | None:
        """What ``tensor`` was put off as, unless it has a node by now."""
        return None if tensor.name in self._names else self._deferred.get(tensor.name)

    def value(self, tensor: Any) -> Array | None:
        """The value of a small constant, None if it is unknown or depends on the input."""
        if tensor.op.type == "Const" and tensor.name not in self._values:
            self._values[tensor.name] = folded(tensor.op, ())[0]
        return self._values.get(tensor.name)

    def known(self, tensor: Any, otherwise: op.Unknown | op.Sample | None = None) -> Array:
        """The value of a constant that the operation being read goes by.

        Raises ComputedError where it is none, which makes each of its results ``otherwise``, or
        one that is not understood.
        """
        value = self.value(tensor)
        if value is None:
            raise ComputedError(otherwise)
        return value

    def is_learned(self, tensor: Any) -> bool:
        """Whether ``tensor`` is a constant that was computed from weights."""
        return bool(self._sources.get(tensor.name))

    def bind(self, tensor: Any, made: str | Deferred) -> None:
        """``tensor`` is what the node ``made`` makes, or something put off."""
        self._gone.pop(tensor.name, None)
        if isinstance(made, str):
            self._names[tensor.name] = made
        else:
            self._deferred[tensor.name] = made

    def drop(self, tensor: Any, reason: str) -> None:
        """``tensor`` cannot be followed, for ``reason``."""
        self._gone[tensor.name] = reason

    def hint(self, tensor: Any, shape: Shape) -> None:
        """``tensor`` has ``shape``, which TensorFlow may not infer."""
        if shape_of(tensor) is None:
            self.hints[tensor.name] = shape, tensor.dtype.as_datatype_enum

    def write(
        self,
        operation: op.Operation,
        operands: Sequence[str],
        shape: Sequence[int],
        kind: str,
        *,
        weighted: bool = False,
        macs: int = 0,
    ) -> str:
        """A node of the current operation; weights that it reads first are counted here."""
        sources = self._own_sources()
        self.owe()
        parameters, self._owed = self._owed, 0
        name = self.draft.add(
            operation,
            operands,
            shape,
            kind,
            weighted=weighted,
            parameters=parameters,
            macs=macs,
        )
        self.note(name)
        if weighted:
            self.kernels[name] = sources
        return name

    def owe(self) -> None:
        """Weights that the current operation reads first are counted with the next node."""
        fresh = self._own_sources() - self._counted
        self._counted |= fresh
        self._owed += sum(self._weights[source] for source in fresh)

    def note(self, *names: str) -> None:
        """The nodes ``names`` belong to the current operation."""
        if self._current is not None:
            self.operations.update(dict.fromkeys(names, self._current.name))

    def reshaped(self, name: str, shape: Sequence[int]) -> str:
        """The same elements under another shape; what that was reshaped from, if it is the same."""
        before: str | None = name
        while before is not None:
            if self.draft.shape(before) == tuple(shape):
                return before
            before = self.unreshaped(before)
        return self.write(op.Reshape(), [name], shape, "reshape")

    def unreshaped(self, name: str) -> str | None:
        """What the node ``name`` is a reshape of, None if it is none."""
        is_reshape = isinstance(self.draft.operation(name), op.Reshape)
        return self.draft.operands(name)[0] if is_reshape else None

    # Inside.

    def _unusable(self, operation: Any, tensor: Any) -> str:
        """Why ``operation`` cannot be followed, because of what it reads."""
        if tensor.name in self._gone:
            return self._gone[tensor.name]
        unknown = self.is_live(tensor) and _is_data(tensor) and shape_of(tensor) is None
        if unknown and operation.type not in _WITHOUT_SHAPES:
            return f"{tensor.op.name}: data decide the shape of what {tensor.op.type} returns"
        return ""

    def _own_sources(self) -> frozenset[str]:
        if self._current is None:
            return frozenset()
        found = (self._sources.get(tensor.name, _NONE) for tensor in self._current.inputs)
        return _NONE.union(*found)

    def _translate(self, operation: Any) -> None:
        self._current = operation
        if self._origin_of is not None:
            self.draft.origin = self._origin_of(operation)
        before = len(self.draft.nodes)
        for tensor in operation.outputs:
            if _is_data(tensor) and shape_of(tensor) is None:
                reason = f"data decide the shape of what {operation.type} returns"
                self.drop(tensor, f"{operation.name}: {reason}")
        unknown_first = any(tensor.name in self._gone for tensor in operation.outputs[:1])
        if not unknown_first or operation.type in _WITHOUT_SHAPES:
            self._handle(operation)
        self.note(*(node.name for node in self.draft.nodes[before:]))
        self._current = None

    def _handle(self, operation: Any) -> None:
        try:
            self._handler_of(operation.type)(self, operation)
        except ComputedError as error:
            reason = f"{operation.type} goes by numbers that are computed"
            _bound(self, operation, error.bound or op.Unknown(reason))

    def _remember(self, operation: Any, inputs: Sequence[Any]) -> None:
        values = _about_shape(operation, inputs)
        if values is None:
            values = folded(operation, [self.value(tensor) for tensor in inputs])
        own = frozenset((operation.name,)) if operation.name in self._weights else _NONE
        if operation.type not in _ABOUT_SHAPES:
            own = own.union(*(self._sources.get(tensor.name, _NONE) for tensor in inputs))
        for tensor, value in zip(operation.outputs, values, strict=True):
            self._values[tensor.name] = value
            self._sources[tensor.name] = own


_NONE: frozenset[str] = frozenset()


def unknown(reading: Reading, operation: Any, reason: str = "") -> None:
    """Not understood: every result is only a bound, and says which operation made it so."""
    reason = reason or f"the operation {operation.type} is not understood"
    _bound(reading, operation, op.Unknown(reason))


def sampled(reading: Reading, operation: Any, reason: str) -> None:
    """Every result as read where data decide, for ``reason``."""
    _bound(reading, operation, op.Sample(reason))


def live_operands(reading: Reading, operation: Any) -> list[str]:
    """The nodes of the operands that depend on the input."""
    return [reading.operand(tensor) for tensor in operation.inputs if reading.is_live(tensor)]


def whole(reading: Reading, name: str, out: Shape, kind: str) -> str:
    """Everything in ``name``, as each element of a tensor of the shape ``out``."""
    rank = len(reading.draft.shape(name))
    seen = reading.write(contraction(rank, range(rank), keep=False), [name], (), kind)
    return reading.write(op.Expand(), [seen], out, kind)


def _bound(reading: Reading, operation: Any, bound: op.Unknown | op.Sample) -> None:
    operands = live_operands(reading, operation)
    for tensor in operation.outputs:
        shape = shape_of(tensor)
        if shape is None or not _is_data(tensor):
            reading.drop(tensor, f"{operation.name}: {bound.reason}")
        else:
            reading.bind(tensor, reading.write(bound, operands, shape, operation.type))


def _is_data(tensor: Any) -> bool:
    return tensor.dtype.name not in ("variant", "resource")


def _about_shape(operation: Any, inputs: Sequence[Any]) -> list[Array | None] | None:
    """What Shape and its like say of tensors, whatever is in them."""
    import numpy as np

    shapes = [shape_of(tensor) for tensor in inputs]
    kinds: dict[str, Callable[[Shape], Any]] = {
        "Shape": lambda shape: shape,
        "ShapeN": lambda shape: shape,
        "Size": prod,
        "Rank": len,
    }
    say = kinds.get(operation.type)
    if say is None:
        return None
    return [
        None if shape is None else np.asarray(say(shape), out.dtype.as_numpy_dtype)
        for shape, out in zip(shapes, operation.outputs, strict=True)
    ]
