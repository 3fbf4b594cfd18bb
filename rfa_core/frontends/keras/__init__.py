"""Keras 3: one symbolic call, layer by layer, whatever the backend."""

from __future__ import annotations

from typing import Any

from rfa_core.frontends.keras.files import open_model
from rfa_core.frontends.keras.inputs import guess_inputs, sizes_named_by
from rfa_core.frontends.keras.trace import trace


def title(model: Any) -> str:
    """The class of the model."""
    return type(model).__name__


class KerasFrontend:
    """Reads ``keras.Model`` and ``keras.Layer``."""

    name = "keras"
    title = staticmethod(title)
    guess_inputs = staticmethod(guess_inputs)
    sizes_named_by = staticmethod(sizes_named_by)
    trace = staticmethod(trace)
    open = staticmethod(open_model)


FRONTEND = KerasFrontend()
