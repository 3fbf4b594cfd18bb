"""Arguments of ATen operations as plain values, and nodes that several families write."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.graph import operations as op


def many(value: Any, count: int) -> tuple[int, ...]:
    """A number or a list of ``count`` numbers, as a tuple of ``count``."""
    values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    return values * count if len(values) == 1 else values


def sampled(recorder: Recorder, call: Call, reason: str) -> None:
    """Every result of ``call`` as read where data decide, for ``reason``."""
    live = [value for value in call.args if recorder.is_live(value)]
    names = [recorder.operand(tensor) for tensor in live]
    kind = call.name.rpartition(":")[2].strip("_")
    for out in call.out if isinstance(call.out, (tuple, list)) else (call.out,):
        if isinstance(out, Tensor):
            recorder.emit(out, op.Sample(reason), names, kind)
