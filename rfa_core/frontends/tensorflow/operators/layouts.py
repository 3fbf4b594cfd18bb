"""Where height, width and channels stand, and how wide windows are padded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rfa_core.frontends.phrases import same_padding

_SPATIAL = "DHW"


@dataclass(frozen=True, slots=True)
class Layout:
    """The dimensions of space, in order, and that of the channels."""

    spatial: tuple[int, ...]
    channel: int

    def of(self, values: Sequence[int]) -> tuple[int, ...]:
        """The entries of ``values``, one per dimension of the tensor, that are about space."""
        return tuple(values[dim] for dim in self.spatial)


def layout_of(operation: Any, rank: int, name: str = "data_format") -> Layout:
    """What the attribute ``name`` says (``NHWC``, ``NCDHW`` ...); channels last without one."""
    letters = attribute(operation, name, "N" + _SPATIAL[3 - (rank - 2) :] + "C")
    spatial = tuple(dim for dim, letter in enumerate(letters) if letter in _SPATIAL)
    return Layout(spatial, letters.index("C"))


def attribute(operation: Any, name: str, default: Any = None) -> Any:
    """An attribute of an operation as a plain value; ``default`` if it has none."""
    try:
        value = operation.get_attr(name)
    except ValueError:
        return default
    return value.decode() if isinstance(value, bytes) else value


def padding_of(
    operation: Any,
    layout: Layout,
    sizes: Sequence[int],
    kernel: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
) -> list[tuple[int, int]]:
    """What stands before and after ``sizes`` positions, per dimension of space."""
    mode = attribute(operation, "padding")
    if mode == "EXPLICIT":
        pads = operation.get_attr("explicit_paddings")
        return [(pads[2 * dim], pads[2 * dim + 1]) for dim in layout.spatial]
    if mode == "VALID":
        return [(0, 0)] * len(layout.spatial)
    windows = zip(sizes, kernel, stride, dilation, strict=True)
    return [same_padding(*window) for window in windows]
