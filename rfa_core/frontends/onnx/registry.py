"""The operator table: ONNX names to translations."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rfa_core.frontends.described import Described, DescriptionError
from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.values import Array, Value
from rfa_core.frontends.tables import Table, registers, table
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

Results = str | None | Sequence[str | None]
"""The nodes of the outputs, in order; None for one that does not depend on the input."""

MICROSOFT = "com.microsoft"


class RefusedError(Exception):
    """A node that cannot run on what it is given; the text says why."""


class UndecidedError(Exception):
    """A node whose result has a size that is not known; the text says why."""


@dataclass(frozen=True, slots=True)
class Call:
    """One node of the ONNX graph and the values it is given.

    ``shapes`` are those that ONNX infers for the outputs, None where it cannot.
    """

    name: str
    opset: int
    inputs: tuple[Value | None, ...]
    attributes: Mapping[str, Any]
    shapes: tuple[Shape | None, ...]

    def attr(self, name: str, default: Any = None) -> Any:
        """An attribute: a number, a text, a list of them or an array."""
        return self.attributes.get(name, default)

    def value(self, place: int) -> Value | None:
        """An input that may be left out."""
        return self.inputs[place] if place < len(self.inputs) else None

    def numbers(self, place: int, name: str = "", default: Any = None) -> Any:
        """What newer opsets take as an input and older ones as an attribute, as plain numbers.

        Raises UndecidedError if it depends on the input.
        """
        value = self.value(place)
        if value is None:
            return self.attr(name, default) if name else default
        return self.data(place).reshape(-1).tolist()

    def data(self, place: int) -> Array:
        """The numbers of an input; raises UndecidedError if they are not known."""
        value = self.value(place)
        if value is None or value.data is None:
            raise UndecidedError(f"data decide what {self.name} returns")
        return value.data

    def shape_of(self, place: int) -> Shape:
        """The shape of an input."""
        value = self.value(place)
        if value is None or value.shape is None:
            raise RefusedError(f"{self.name} lacks its input {place}")
        return value.shape

    @property
    def shape(self) -> Shape:
        """The inferred shape of the first output; raises UndecidedError if it is not known."""
        return self.made(0)

    def made(self, place: int) -> Shape:
        """The inferred shape of an output."""
        shape = self.shapes[place] if place < len(self.shapes) else None
        if shape is None:
            raise UndecidedError(f"data decide what {self.name} returns")
        return shape

    @property
    def live(self) -> list[str]:
        """The nodes of all inputs that depend on the model's."""
        return [value.node for value in self.inputs if value is not None and value.node is not None]

    def is_live(self, place: int) -> bool:
        """Whether an input depends on the model's."""
        value = self.value(place)
        return value is not None and value.is_live

    def operand(self, draft: Draft, place: int) -> str:
        """The node of an input; constants get one."""
        value = self.value(place)
        return value.node if value and value.node else draft.constant(self.shape_of(place))


Handler = Callable[[Draft, Call], Results]
_HANDLERS: Table[Handler | Described] = table("onnx", "operation")


def translates(*names: str, domain: str = "") -> Callable[[Handler], Handler]:
    """Register the translation of the operators ``names``; a second one is refused.

    Plugins describe theirs in the same table, by way of ``rfa_core.operation``.
    """
    return registers(_HANDLERS, [_full(domain, name) for name in names])


def handler_of(domain: str, name: str) -> Handler:
    """The translation of an operator, or the one that says it is not understood."""
    found = _HANDLERS.get(_full(domain, name))
    return _as_described(found) if isinstance(found, Described) else found or not_understood


def is_described(domain: str, name: str) -> bool:
    """Whether a plugin says what an operator does."""
    return isinstance(_HANDLERS.get(_full(domain, name)), Described)


def not_understood(draft: Draft, call: Call) -> Results:
    """Every result is only a bound, and says which operator made it so."""
    reason = f"the operator {call.name} is not understood"
    if None in call.shapes:
        raise UndecidedError(reason)
    return tuple(
        draft.add(op.Unknown(reason), call.live, call.made(place), call.name.lower())
        for place in range(len(call.shapes))
    )


def _as_described(described: Described) -> Handler:
    """What a plugin says; it also makes the shapes that ONNX cannot infer."""

    def handle(draft: Draft, call: Call) -> Results:
        given = [value.shape if value is not None else None for value in call.inputs]
        try:
            said = described.of(call.attributes, given)
            return described.written(draft, said, call.live, call.shapes, call.name.lower())
        except DescriptionError as error:
            raise RefusedError(str(error)) from error

    return handle


def _full(domain: str, name: str) -> str:
    return f"{domain}::{name}" if domain else name
