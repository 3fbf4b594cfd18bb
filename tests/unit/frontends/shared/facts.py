"""What two ways of writing a network have to agree on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rfa_core.receptive.layers import Layer


def facts(layers: Mapping[str, Layer]) -> dict[str, tuple[Any, ...]]:
    """By name: footprints, stride, map, cost, what kind of verdict there is, and exactness."""
    return {
        name: (
            one.input,
            one.output,
            one.effective_stride,
            one.feature_map,
            one.parameters,
            one.macs,
            one.judgeable,
            one.exact,
        )
        for name, one in layers.items()
    }
