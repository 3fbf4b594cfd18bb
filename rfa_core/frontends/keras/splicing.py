"""Layers whose ``call`` takes no symbolic tensors of Keras (raw TensorFlow, JAX or PyTorch)."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import keras

from rfa_core.errors import TraceError
from rfa_core.frontends.keras.calls import Call
from rfa_core.graph import operations as op


def spliced(call: Call, error: Exception) -> Sequence[str]:
    """Write what the layer of ``call`` does, whose own code refused the tensors with ``error``.

    With the TensorFlow backend the layer's own code is traced as TensorFlow's graph; elsewhere,
    and where that fails, the results are only bounds, which say which layer they are of. Returns
    the nodes of the results.
    """
    if keras.backend.backend() == "tensorflow":
        kept = len(call.draft.nodes)
        try:
            return _through_tensorflow(call)
        except TraceError as refused:
            call.draft.forget(kept)
            error = refused.__cause__ if isinstance(refused.__cause__, Exception) else error
    reason = refusal(type(call.operation).__name__, error)
    operands = list(call.operands())
    return [call.draft.add(op.Unknown(reason), operands, one.shape, call.kind) for one in call.outs]


def refusal(name: str, error: Exception) -> str:
    """Why what ``name`` does is not known."""
    return f"{name} computes with {keras.backend.backend()} itself ({_first_line(error)})"


def _through_tensorflow(call: Call) -> list[str]:
    """The nodes of the results. Raises TraceError if its graph is not what Keras specifies."""
    layer = call.operation
    learned = [one for part in layer._flatten_layers() for one in part._trainable_variables]
    known = set(map(id, learned))
    rest = [one for one in layer.variables if id(one) not in known]
    live = [one for one in keras.tree.flatten(list(call.values.values())) if _is_live(call, one)]

    def computed(*tensors: Any) -> Any:
        fed, weights = iter(tensors[: len(live)]), tensors[len(live) :]
        values = keras.tree.map_structure(
            lambda one: next(fed) if _is_live(call, one) else one, dict(call.values)
        )
        zeros = [keras.ops.zeros(one.shape, one.dtype) for one in rest]
        state = list(zip((*learned, *rest), (*weights, *zeros), strict=True))
        with keras.StatelessScope(state_mapping=state):
            return layer.call(**values)

    made = import_module("rfa_core.frontends.tensorflow").splice(
        call.draft,
        computed,
        [call.recorder.operand(one) for one in live],
        dtypes=[one.dtype for one in live],
        weights=[(one.shape, one.dtype) for one in learned],
    )
    if [shape for _, shape in made] != [tuple(one.shape) for one in call.outs]:
        raise TraceError(f"{layer.name} makes other tensors in TensorFlow than Keras says")
    call.recorder.have_counted(learned)
    return [name for name, _ in made]


def _is_live(call: Call, value: Any) -> bool:
    return call.recorder.is_live(value)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:100]}" if lines else type(error).__name__
