"""Pooling to a number of positions: Keras 3.15 mistakes the shape of its own operation."""

from __future__ import annotations

from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.registry import layer
from rfa_core.frontends.keras.windows import binned


@layer("BaseAdaptiveAveragePooling", "BaseAdaptiveMaxPooling")
def _adaptive_pool(call: Call) -> str:
    return binned(call)
