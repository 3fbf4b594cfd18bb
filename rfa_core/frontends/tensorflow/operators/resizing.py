"""Interpolation, in all conventions of where corners lie."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor
from typing import Any

from rfa_core.frontends.phrases import sliced
from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.operators.layouts import attribute
from rfa_core.frontends.tensorflow.operators.rearranging import gathered
from rfa_core.frontends.tensorflow.reading import Reading, unknown
from rfa_core.frontends.tensorflow.registry import translates
from rfa_core.graph import operations as op

_MODES = {
    "ResizeBilinear": "linear",
    "ResizeBicubic": "cubic",
    "ResizeNearestNeighbor": "nearest",
    "ResizeArea": "adaptive",
}


@translates(*_MODES)
def _resize(reading: Reading, operation: Any) -> None:
    """``tf.image.resize`` centres pixels; graphs of TensorFlow 1 align corners, or neither."""
    source, out = operation.inputs[0], operation.outputs[0]
    if not reading.is_live(source):
        unknown(reading, operation, "the input decides a size")
        return
    align = bool(attribute(operation, "align_corners", False))
    centred = bool(attribute(operation, "half_pixel_centers", False))
    mode, shape = _MODES[operation.type], shape_of(out) or ()
    if mode == "nearest" and centred:
        mode = "nearest-exact"
    name = reading.operand(source)
    if mode in _REGULAR and not align and (centred or mode in ("nearest", "adaptive")):
        for dim in (1, 2):
            name = _regular(reading, name, dim, shape[dim], mode)
    else:
        for dim in (1, 2):
            name = _by_places(reading, name, dim, shape[dim], mode, align)
    reading.bind(out, name)


_REGULAR = ("nearest", "nearest-exact", "linear", "cubic", "adaptive")


def _regular(reading: Reading, name: str, dim: int, after: int, mode: str) -> str:
    """Along ``dim``; where every result lies on an element, that is all it weighs."""
    before = reading.draft.shape(name)[dim]
    step = before // after if after and before % after == 0 else 0
    if mode in ("linear", "cubic") and step % 2:
        return sliced(reading.draft, name, {dim: range(step // 2, before, step)}, "resize")
    shape = list(reading.draft.shape(name))
    shape[dim] = after
    return reading.write(op.Resample((dim,), mode), [name], shape, "resize")


def _by_places(reading: Reading, name: str, dim: int, after: int, mode: str, align: bool) -> str:
    """Along ``dim`` the elements that each of ``after`` positions weighs."""
    before = reading.draft.shape(name)[dim]
    if before == after:
        return name
    scale = (before - 1) / (after - 1) if align and after > 1 else before / after
    places = [_NEIGHBOURS[mode](at * scale) for at in range(after)]
    taps = [[min(max(place, 0), before - 1) for place in tap] for tap in zip(*places, strict=True)]
    parts = [gathered(reading, name, dim, tap, "resize") for tap in taps]
    shape = reading.draft.shape(parts[0])
    return parts[0] if len(parts) == 1 else reading.write(op.Pointwise(), parts, shape, "resize")


_NEIGHBOURS: dict[str, Callable[[float], tuple[int, ...]]] = {
    "nearest": lambda at: (floor(at + 0.5),),
    "linear": lambda at: (floor(at), ceil(at)),
    "cubic": lambda at: tuple(floor(at) + shift for shift in range(-1, 3)),
    "adaptive": lambda at: (floor(at),),
}
"""Per mode the elements around a place that are weighed."""


@translates("ScaleAndTranslate")
def _scale_and_translate(reading: Reading, operation: Any) -> None:
    """``tf.image.resize`` with antialiasing."""
    kind = attribute(operation, "kernel_type")
    modes = {"triangle": "linear", "keyscubic": "cubic"}
    if kind not in modes or not reading.is_live(operation.inputs[0]):
        unknown(reading, operation, f"resizing with the kernel {kind} is not understood")
        return
    antialias = "antialias-" if attribute(operation, "antialias") else ""
    resample = op.Resample((1, 2), f"{antialias}{modes[kind]}")
    shape = shape_of(operation.outputs[0]) or ()
    name = reading.write(resample, [reading.operand(operation.inputs[0])], shape, "resize")
    reading.bind(operation.outputs[0], name)
