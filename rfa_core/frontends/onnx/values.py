"""What flows through an ONNX graph while it is read: shapes always, numbers where they are few."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Any

import numpy.typing as npt
from onnx import helper

from rfa_core.graph.model import Shape

Array = npt.NDArray[Any]

MOST_ELEMENTS = 1 << 16
"""Tensors with more elements are never read nor computed."""


@dataclass(frozen=True, slots=True)
class Value:
    """A tensor: its ``shape``, its element ``type`` (``TensorProto.DataType``) and its origin.

    ``node`` is the node of the graph that makes it, for what depends on the input; ``data`` its
    numbers, where they are known and few. ``sources`` are the initialisers it was made of,
    ``weight`` the one it is, whatever was done to its layout or precision. A sequence of
    tensors has ``parts``. ``shape`` is None where it is not known; ``why`` says why.
    """

    shape: Shape | None
    type: int = 1
    node: str | None = None
    data: Array | None = None
    sources: frozenset[str] = frozenset()
    weight: str = ""
    parts: tuple[Value, ...] | None = None
    why: str = ""

    @property
    def is_live(self) -> bool:
        """Whether it depends on the input."""
        return self.node is not None or any(part.is_live for part in self.parts or ())

    @property
    def is_known(self) -> bool:
        """Whether it can be used at all."""
        return self.shape is not None or self.parts is not None


def constant(data: Array) -> Value:
    """A value of known numbers."""
    return Value(tuple(data.shape), int(helper.np_dtype_to_tensor_dtype(data.dtype)), data=data)


def unknown(why: str) -> Value:
    """A value whose size is not known."""
    return Value(None, why=why)


def is_small(shape: Shape | None) -> bool:
    """Whether a tensor of this shape may be read or computed."""
    return shape is not None and prod(shape) <= MOST_ELEMENTS


BYTES = {2: 1, 3: 1, 4: 2, 5: 2, 7: 8, 9: 1, 10: 2, 11: 8, 13: 8, 14: 8, 15: 16, 16: 2}
"""The size of an element by ``TensorProto.DataType``; 4 where it is not listed."""

FLOATING = frozenset((1, 10, 11, 16))
"""The types that inputs and parameters have, as a rule."""
