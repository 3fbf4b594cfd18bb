"""The operator table: primitives of JAX to translations."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rfa_core.frontends.described import Described
from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.reading import Handler, Reader
from rfa_core.frontends.tables import Table, registers, table

_HANDLERS: Table[Handler | Described] = table("jax", "operation")


def translates(*names: str) -> Callable[[Handler], Handler]:
    """Register the translation of the primitives ``names``; a second one is refused.

    Plugins describe theirs in the same table, by way of ``rfa_core.operation``.
    """
    return registers(_HANDLERS, names)


def handler_of(name: str) -> Handler | None:
    """The translation of the primitive ``name``, None for one that is not understood."""
    found = _HANDLERS.get(name)
    return _as_described(found) if isinstance(found, Described) else found


def _as_described(described: Described) -> Handler:
    def handle(reader: Reader, eqn: Equation) -> Sequence[Value]:
        said = described.of(eqn.params, [reader.shape(value) for value in eqn.inputs])
        shapes = [tuple(out.shape) for out in eqn.outs]
        return described.written(reader.draft, said, eqn.live, shapes, eqn.name)

    return handle
