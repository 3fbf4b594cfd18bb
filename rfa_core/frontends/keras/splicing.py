"""Layers whose ``call`` takes no symbolic tensors of Keras (raw TensorFlow, JAX or PyTorch)."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from rfa_core.frontends.keras.calls import Call
from rfa_core.graph import operations as op


def spliced(call: Call, error: Exception) -> Sequence[str]:
    """Write what the layer of ``call`` does, whose own code refused the tensors with ``error``.

    Returns the nodes of its results: only a bound, that says which layer it is.
    """
    reason = refusal(type(call.operation).__name__, error)
    operands = list(call.operands())
    return [call.draft.add(op.Unknown(reason), operands, one.shape, call.kind) for one in call.outs]


def refusal(name: str, error: Exception) -> str:
    """Why what ``name`` does is not known."""
    return f"{name} computes with {keras.backend.backend()} itself ({_first_line(error)})"


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:100]}" if lines else type(error).__name__
