"""The operator table: ATen names to translations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from rfa_core.frontends.described import Described
from rfa_core.frontends.tables import Table, registers, table
from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.described import DescribedOperator
from rfa_core.frontends.torch.recorder import Handler, Recorder
from rfa_core.graph import operations as op

_UNTAGGED = frozenset(
    [
        "hardswish",
        "prelu",
        "prelu_kernel",
        "log_sigmoid",
        "rrelu",
        "rrelu_with_noise",
        "floor_divide",
        "tril",
        "triu",
        "polar",
        "complex",
        "fake_quantize_per_tensor_affine",
        "quantize_per_tensor",
        "dequantize",
        "masked_fill",
        "bernoulli",
        "poisson",
        "binomial",
        "normal",
        "standard_gamma",
        "exponential",
    ]
)
"""Elementwise operations that PyTorch does not tag so."""

_HANDLERS: Table[Handler | Described] = table("torch", "operation")


def translates(*names: str) -> Callable[[Handler], Handler]:
    """Register the translation of the ATen operations ``names``; a second one is refused.

    Plugins describe theirs in the same table, by way of ``rfa_core.operation``.
    """
    return registers(_HANDLERS, names)


class Operators:
    """Finds the handler of an ATen overload and remembers it, as long as the table stays."""

    def __init__(self) -> None:
        self._known: dict[Any, Handler] = {}
        self._changes = 0

    def __call__(self, func: Any) -> Handler:
        if self._changes != _HANDLERS.changes:
            self._known, self._changes = {}, _HANDLERS.changes
        handler = self._known.get(func)
        if handler is None:
            handler = self._known[func] = _find(func)
        return handler


def pointwise(recorder: Recorder, call: Call) -> None:
    """Elementwise with broadcasting over all operands that depend on the input."""
    live = [value for value in _flat(call.args, call.kwargs) if recorder.is_live(value)]
    operands = [recorder.operand(tensor) for tensor in live]
    first = call.out[0] if isinstance(call.out, tuple) else call.out
    recorder.emit(first, op.Pointwise(), operands, call.name.rstrip("_"))
    recorder.alias(call.out, recorder.operand(first))


def unknown(recorder: Recorder, call: Call) -> None:
    """Not understood: every result is only a bound, and says which operation made it so."""
    operands = [recorder.operand(t) for t in _flat(call.args, call.kwargs) if recorder.is_live(t)]
    outs = call.out if isinstance(call.out, (tuple, list)) else (call.out,)
    for out in outs:
        if isinstance(out, torch.Tensor):
            reason = f"the operation {call.name} is not understood"
            recorder.emit(out, op.Unknown(reason), operands, call.name)


def _find(func: Any) -> Handler:
    namespace, _, rest = func.name().partition("::")
    name = rest.partition(".")[0]
    full = name if namespace == "aten" else f"{namespace}::{name}"
    in_place = name.endswith("_") and not name.endswith("__") and func._schema.is_mutable
    handler = _handler(full) or (_handler(full[:-1]) if in_place else None)
    if handler is None and (torch.Tag.pointwise in func.tags or name.strip("_") in _UNTAGGED):
        handler = pointwise
    if handler is None:
        return unknown
    return _writing(handler) if in_place and _HANDLERS.get(full) is None else handler


def _handler(name: str) -> Handler | None:
    found = _HANDLERS.get(name)
    return DescribedOperator(found, name) if isinstance(found, Described) else found


def _writing(handler: Handler) -> Handler:
    """The in-place form: the result is the first argument, and its base has changed, too."""

    def handle(recorder: Recorder, call: Call) -> None:
        handler(recorder, call)
        recorder.wrote(call.args[0], call.name.rstrip("_"))

    return handle


def _flat(args: Any, kwargs: Any) -> list[Any]:
    values: list[Any] = []
    for value in (*args, *kwargs.values()):
        values.extend(value) if isinstance(value, (list, tuple)) else values.append(value)
    return values
