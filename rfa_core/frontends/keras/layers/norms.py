"""Normalisation layers: their statistics carry no pattern."""

from __future__ import annotations

from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.registry import layer
from rfa_core.graph import operations as op


@layer("BatchNormalization")
def _batch(call: Call) -> str:
    """At inference the statistics are those of training."""
    return _norm(call, ())


@layer("LayerNormalization", "RMSNormalization", "UnitNormalization")
def _over_axes(call: Call) -> str:
    axis = call.operation.axis
    axes = [axis] if isinstance(axis, int) else list(axis)
    return _norm(call, tuple(sorted({dim % len(call.shape) for dim in axes})))


@layer("GroupNormalization")
def _group(call: Call) -> str:
    return _norm(call, tuple(range(1, len(call.shape))))


@layer("Normalization")
def _of_inputs(call: Call) -> str:
    return call.draft.add(op.Pointwise(), [call.source()], call.shape, "normalization")


def _norm(call: Call, dims: tuple[int, ...]) -> str:
    return call.draft.add(op.Norm(dims), [call.source()], call.shape, call.kind)
