"""Interpolation: what the engine has exactly where it agrees with ONNX, else a marked bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor
from typing import Any

import numpy as np
import numpy.typing as npt

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import Call, RefusedError, Results, translates
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape
from rfa_core.receptive.taps import resample_taps

_Positions = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Scaling:
    """One dimension: from ``inputs`` positions to ``outputs``, ``scale`` as the file tells it."""

    inputs: int
    outputs: int
    scale: float


_CENTRES: dict[str, Callable[[_Positions, _Scaling], _Positions]] = {
    "half_pixel": lambda q, s: (q + 0.5) / s.scale - 0.5,
    "pytorch_half_pixel": lambda q, s: (q + 0.5) / s.scale - 0.5 if s.outputs > 1 else q * 0,
    "half_pixel_symmetric": lambda q, s: (
        s.inputs / 2 * (1 - s.outputs / (s.inputs * s.scale)) + (q + 0.5) / s.scale - 0.5
    ),
    "align_corners": lambda q, s: q * ((s.inputs - 1) / max(s.outputs - 1, 1)),
    "asymmetric": lambda q, s: q / s.scale,
    "tf_half_pixel_for_nn": lambda q, s: (q + 0.5) / s.scale,
}
"""Where an output lies on the input. Source: ONNX, Resize, ``coordinate_transformation_mode``."""

_ROUNDED: dict[str, Callable[[_Positions], _Positions]] = {
    "round_prefer_floor": lambda x: np.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: np.floor(x + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}
_TAPS = {"linear": (0, 2), "cubic": (-1, 4)}


@translates("Upsample")
def _upsample(draft: Draft, call: Call) -> Results:
    scales = call.numbers(1, "scales")
    if scales is None:
        scales = [1.0, 1.0, call.attr("height_scale"), call.attr("width_scale")]
    mode = {"bilinear": "linear", "linear": "linear"}.get(call.attr("mode", "nearest"), "nearest")
    return _resized(draft, call, _scaled(call.shape_of(0), scales), mode, "asymmetric", "floor")


@translates("Resize")
def _resize(draft: Draft, call: Call) -> Results:
    mode = call.attr("mode", "nearest")
    if call.opset < 11:
        scales = call.numbers(1)
        return _resized(draft, call, _scaled(call.shape_of(0), scales), mode, "asymmetric", "floor")
    way = call.attr("coordinate_transformation_mode", "half_pixel")
    nearest = call.attr("nearest_mode", "round_prefer_floor")
    return _resized(draft, call, _asked(call), mode, way, nearest)


def _scaled(source: Shape, scales: Sequence[float]) -> list[_Scaling]:
    if len(scales) != len(source) or any(not scale > 0 for scale in scales):
        raise RefusedError(f"scales {list(scales)} for a tensor of {list(source)}")
    return [
        _Scaling(size, floor(size * scale), scale)
        for size, scale in zip(source, scales, strict=True)
    ]


def _asked(call: Call) -> list[_Scaling]:
    """What scales or sizes ask for, per dimension."""
    source = call.shape_of(0)
    axes = [axis % len(source) for axis in call.attr("axes") or range(len(source))]
    scales, sizes = call.value(2), call.value(3)
    found = [_Scaling(size, size, 1.0) for size in source]
    if scales is not None and scales.shape != (0,):
        asked = call.numbers(2)
        own = _scaled(tuple(source[axis] for axis in axes), asked)
    elif sizes is not None:
        own = [
            _Scaling(source[axis], int(size), int(size) / source[axis])
            for axis, size in zip(axes, call.numbers(3), strict=True)
        ]
        own = _keeping_ratio(own, call.attr("keep_aspect_ratio_policy", "stretch"))
    else:
        raise RefusedError("Resize has neither scales nor sizes")
    for axis, scaling in zip(axes, own, strict=True):
        found[axis] = scaling
    return found


def _keeping_ratio(own: list[_Scaling], policy: str) -> list[_Scaling]:
    if policy == "stretch":
        return own
    choose = min if policy == "not_larger" else max
    scale = choose(one.scale for one in own)
    return [_Scaling(one.inputs, floor(one.inputs * scale + 0.5), scale) for one in own]


def _resized(
    draft: Draft, call: Call, scalings: list[_Scaling], mode: str, way: str, nearest: str
) -> str:
    """Each dimension that changes, in the engine's words; a bound where it has none."""
    name = call.operand(draft, 0)
    source, shape = draft.shape(name), tuple(scaling.outputs for scaling in scalings)
    dims = tuple(
        dim
        for dim, scaling in enumerate(scalings)
        if scaling.inputs != scaling.outputs or scaling.scale != 1.0
    )
    if 0 in shape:
        raise RefusedError(f"nothing of {list(source)} is left")
    if not dims:
        return name
    found = _operation(call, [scalings[dim] for dim in dims], mode, way, nearest)
    if found is not None:
        return draft.add(replace(found, dims=dims), [name], shape, "interpolate")
    bound = op.Resample(dims, mode if mode in ("linear", "cubic") else "nearest")
    name = draft.add(bound, [name], shape, "interpolate")
    reason = f"Resize in mode {mode}, {way}, is only known within a bound"
    return draft.add(op.Sample(reason), [name], shape, "interpolate")


def _operation(
    call: Call, scalings: Sequence[_Scaling], mode: str, way: str, nearest: str
) -> op.Resample | None:
    """The operation that reads the same positions in all of ``scalings``."""
    if way not in _CENTRES or mode not in ("nearest", "linear", "cubic"):
        return None
    if call.attr("antialias", 0) and mode != "nearest":
        is_plain = all(one.scale >= 1 for one in scalings)
        if not is_plain:
            return None
    scale = tuple(one.scale for one in scalings)
    for candidate in _candidates(mode, scale):
        if all(
            _reads_the_same(candidate, place, one, mode, way, nearest)
            for place, one in enumerate(scalings)
        ):
            return candidate
    return None


def _candidates(mode: str, scale: tuple[float, ...]) -> list[op.Resample]:
    dims = tuple(range(len(scale)))
    if mode == "nearest":
        return [op.Resample(dims, own, scale=scale) for own in ("nearest", "nearest-exact")]
    return [op.Resample(dims, mode, align, scale) for align in (False, True)]


def _reads_the_same(
    candidate: op.Resample, place: int, one: _Scaling, mode: str, way: str, nearest: str
) -> bool:
    """Whether the engine's positions are those of ONNX, inside the map."""
    ours = resample_taps(candidate, place, one.inputs, one.outputs).index
    centre = _CENTRES[way](np.arange(one.outputs, dtype=np.float64), one)
    if mode == "nearest":
        theirs: Any = _ROUNDED.get(nearest, np.floor)(centre)[:, None]
    else:
        first, count = _TAPS[mode]
        theirs = np.floor(centre)[:, None] + first + np.arange(count)[None, :]
    last = one.inputs - 1
    return bool((np.clip(ours, 0, last) == np.clip(theirs, 0, last)).all())
