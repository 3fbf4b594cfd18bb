"""Arguments of ATen operations as plain values, and nodes that several families write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.graph import operations as op


def many(value: Any, count: int) -> tuple[int, ...]:
    """A number or a list of ``count`` numbers, as a tuple of ``count``."""
    values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    return values * count if len(values) == 1 else values


def contraction(rank: int, dims: Sequence[int], keep: bool) -> op.Contract:
    """One tensor summed over ``dims``; kept ones become fresh dimensions."""
    labels = tuple(range(rank))
    if keep:
        output = tuple(rank + dim if dim in dims else dim for dim in labels)
    else:
        output = tuple(dim for dim in labels if dim not in dims)
    return op.Contract((labels,), output)


def sampled(recorder: Recorder, call: Call, reason: str) -> None:
    """Every result of ``call`` as read where data decide, for ``reason``."""
    live = [value for value in call.args if recorder.is_live(value)]
    names = [recorder.operand(tensor) for tensor in live]
    kind = call.name.rpartition(":")[2].strip("_")
    for out in call.out if isinstance(call.out, (tuple, list)) else (call.out,):
        if isinstance(out, Tensor):
            recorder.emit(out, op.Sample(reason), names, kind)
