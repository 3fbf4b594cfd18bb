"""Layers and operations that plugins describe: taken as a whole, whatever their ``call`` does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import keras

from rfa_core.frontends.described import Described
from rfa_core.frontends.keras.calls import Call
from rfa_core.graph.model import Shape


@dataclass(frozen=True, slots=True)
class DescribedCall:
    """The translation of the layers of a type that a plugin describes."""

    described: Described

    def __call__(self, call: Call) -> Sequence[str]:
        described = self._for(call.operation)
        said = described(call.operation)
        shapes = [tuple(one.shape) for one in call.outs]
        return described.written(call.draft, said, list(call.operands()), shapes, call.kind)

    def result(self, operation: Any, source: Shape) -> Shape:
        """What ``operation`` makes of ``source``. Raises DescriptionError."""
        described = self._for(operation)
        return described.result(described(operation), source)

    def _for(self, operation: Any) -> Described:
        """Channels are where the layer has them, or where Keras is configured to."""
        own = getattr(operation, "data_format", None) or keras.config.image_data_format()
        return replace(self.described, channels_last=own != "channels_first")
