"""The operator table: ATen names to translations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from rfa_core.frontends.torch.calls import Call
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

_HANDLERS: dict[str, Handler] = {}


def translates(*names: str) -> Callable[[Handler], Handler]:
    """Register the translation of the ATen operations ``names``; a second one is refused."""

    def register(handler: Handler) -> Handler:
        for name in names:
            if name in _HANDLERS:
                raise ValueError(f"two translations of {name}")
            _HANDLERS[name] = handler
        return handler

    return register


class Operators:
    """Finds the handler of an ATen overload and remembers it."""

    def __init__(self) -> None:
        self._known: dict[Any, Handler] = {}

    def __call__(self, func: Any) -> Handler:
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
    handler = _HANDLERS.get(full) or (_HANDLERS.get(full[:-1]) if in_place else None)
    if handler is None and (torch.Tag.pointwise in func.tags or name.strip("_") in _UNTAGGED):
        handler = pointwise
    if handler is None:
        return unknown
    return _writing(handler) if in_place and full not in _HANDLERS else handler


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
