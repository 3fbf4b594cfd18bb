"""The operator table: names of TensorFlow's operations to translations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rfa_core.frontends.described import Described, DescriptionError
from rfa_core.frontends.tables import Table, registers, table
from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.reading import (
    Handler,
    Reading,
    ShapeError,
    live_operands,
    unknown,
)

_HANDLERS: Table[Handler | Described] = table("tensorflow", "operation")


def translates(*names: str) -> Callable[[Handler], Handler]:
    """Register the translation of the operations ``names``; a second one is refused.

    Plugins describe theirs in the same table, by way of ``rfa_core.operation``.
    """
    return registers(_HANDLERS, names)


def handler_of(name: str) -> Handler:
    """The translation of the operation ``name``; what is not known becomes a bound."""
    found = _HANDLERS.get(name)
    return _as_described(found) if isinstance(found, Described) else found or unknown


def _as_described(described: Described) -> Handler:
    def handle(reading: Reading, operation: Any) -> None:
        live = live_operands(reading, operation)
        shapes = [shape_of(tensor) for tensor in operation.outputs]
        try:
            said = described.of(_attributes(operation), list(map(shape_of, operation.inputs)))
            made = described.written(
                reading.draft, said, live, shapes, operation.type, reading.write
            )
        except DescriptionError as error:
            raise ShapeError(operation.name, str(error)) from error
        for tensor, name in zip(operation.outputs, made, strict=True):
            reading.bind(tensor, name)

    return handle


def _attributes(operation: Any) -> dict[str, Any]:
    """By name, without those that begin with ``_``, which are notes of TensorFlow and ours."""
    names = (name for name in operation.node_def.attr if not name.startswith("_"))
    found = {name: operation.get_attr(name) for name in names}
    return {
        name: value.decode() if isinstance(value, bytes) else value for name, value in found.items()
    }
