"""Which input indices an output index reads: one integer matrix per operation.

``index[q, t]`` is the input index of tap ``t`` of output ``q``, unclipped; ``valid`` is
False where that tap reads nothing. Sampling positions are computed in single precision, as
the frameworks do, so that neighbours are chosen as they choose them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rfa_core.graph import operations as op

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Taps:
    """``index`` and ``valid`` of shape ``[outputs, taps]``; the effective stride's ``factor``."""

    index: Indices
    valid: npt.NDArray[np.bool_] | None
    factor: float

    @property
    def leave_holes(self) -> bool:
        """Whether some output reads nothing at all."""
        return self.valid is not None and not self.valid.any(axis=1).all()


def window_taps(operation: op.Window, place: int, outputs: int) -> Taps:
    """``q*s - p + t*d``; transposed: the ``i`` with ``q = i*s - p + t*d``."""
    stride, dilation = operation.stride[place], operation.dilation[place]
    padding, kernel = operation.padding[place], operation.kernel[place]
    outs, taps = np.arange(outputs)[:, None], np.arange(kernel)[None, :]
    if not operation.transposed:
        return Taps(outs * stride - padding + taps * dilation, None, float(stride))
    place_of = outs + padding - taps * dilation
    return Taps(place_of // stride, place_of % stride == 0, 1 / stride)


def resample_taps(operation: op.Resample, place: int, inputs: int, outputs: int) -> Taps:
    """Interpolation and adaptive pooling, as PyTorch's CPU kernels choose their neighbours."""
    if operation.mode == "adaptive":
        return _adaptive(inputs, outputs)
    told = operation.scale[place] if operation.scale else None
    factor = 1 / told if told else inputs / outputs
    if operation.align_corners:
        factor = (inputs - 1) / (outputs - 1) if outputs > 1 else 0.0
    outs = np.arange(outputs, dtype=np.float32)
    scale = np.float32(factor)
    if operation.mode.startswith("antialias"):
        return _antialias(operation.mode, outs, scale, inputs)
    first, count = _NEIGHBOURS[operation.mode]
    if operation.first:
        start = np.array(operation.first[place], dtype=np.int64)
    else:
        start = np.floor(_centres(operation, outs, scale)).astype(np.int64) + first
    return Taps(start[:, None] + np.arange(count)[None, :], None, factor)


_NEIGHBOURS = {"nearest": (0, 1), "nearest-exact": (0, 1), "linear": (0, 2), "cubic": (-1, 4)}


def _centres(
    operation: op.Resample, outs: npt.NDArray[np.float32], scale: np.float32
) -> npt.NDArray[np.float32]:
    half = np.float32(0.5)
    if operation.align_corners or operation.mode == "nearest":
        return outs * scale
    if operation.mode == "nearest-exact":
        return (outs + half) * scale
    return (outs + half) * scale - half


def _adaptive(inputs: int, outputs: int) -> Taps:
    outs = np.arange(outputs)
    start = outs * inputs // outputs
    end = -((-(outs + 1) * inputs) // outputs)
    steps = np.arange(int((end - start).max()))[None, :]
    index = start[:, None] + steps
    return Taps(index, index < end[:, None], inputs / outputs)


def _antialias(mode: str, outs: npt.NDArray[np.float32], scale: np.float32, inputs: int) -> Taps:
    reach = (2.0 if mode.endswith("cubic") else 1.0) * max(float(scale), 1.0)
    centre = scale * (outs + np.float32(0.5))
    start = np.maximum((centre - reach + 0.5).astype(np.int64), 0)
    end = np.minimum((centre + reach + 0.5).astype(np.int64), inputs)
    index = start[:, None] + np.arange(int((end - start).max()))[None, :]
    return Taps(index, index < end[:, None], float(scale))
