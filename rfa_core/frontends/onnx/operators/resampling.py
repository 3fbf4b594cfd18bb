"""Interpolation, in all the ways that ONNX places its outputs; antialiasing is a marked bound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import floor

import numpy as np
import numpy.typing as npt

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import Call, RefusedError, Results, translates
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape
from rfa_core.receptive.taps import resample_taps

_Positions = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Scaling:
    """One dimension: from ``inputs`` positions to ``outputs``, ``scale`` as the file tells it."""

    inputs: int
    outputs: int
    scale: float

    @property
    def factor(self) -> np.float32:
        """The scale in single precision."""
        return np.float32(self.scale)

    @property
    def offset(self) -> np.float32:
        """How far a map that was rounded to whole positions is off the middle."""
        adjustment = np.float32(self.outputs) / (self.factor * np.float32(self.inputs))
        return np.float32(self.inputs / 2) * (np.float32(1) - adjustment)


_HALF = np.float32(0.5)
_CENTRES: dict[str, Callable[[_Positions, _Scaling], _Positions]] = {
    "half_pixel": lambda q, s: (q + _HALF) / s.factor - _HALF,
    "pytorch_half_pixel": lambda q, s: (q + _HALF) / s.factor - _HALF if s.outputs > 1 else 0 * q,
    "half_pixel_symmetric": lambda q, s: s.offset + (q + _HALF) / s.factor - _HALF,
    "align_corners": lambda q, s: q * np.float32(s.inputs - 1) / np.float32(max(s.outputs - 1, 1)),
    "asymmetric": lambda q, s: q / s.factor,
    "tf_half_pixel_for_nn": lambda q, s: (q + _HALF) / s.factor,
}
"""Where an output lies on the input. Source: ONNX, Resize, ``coordinate_transformation_mode``;
in single precision, as runtimes compute it, so that ties fall as they do there."""

_ROUNDED: dict[str, Callable[[_Positions], _Positions]] = {
    "round_prefer_floor": lambda x: np.ceil(x - 0.5),
    "round_prefer_ceil": lambda x: np.floor(x + 0.5),
    "floor": np.floor,
    "ceil": np.ceil,
}
_BEFORE = {"linear": 0, "cubic": -1}
"""The first of the neighbours, counted from the one before the centre."""


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
    """The operation that reads what ONNX reads, in the engine's own words if it has some."""
    shrinks = any(one.scale < 1 for one in scalings)
    if way not in _CENTRES or (mode != "nearest" and call.attr("antialias", 0) and shrinks):
        return None
    first = tuple(_first(one, mode, way, nearest) for one in scalings)
    dims, scale = tuple(range(len(scalings))), tuple(one.scale for one in scalings)
    if mode == "nearest":
        own = [op.Resample(dims, each, scale=scale) for each in ("nearest", "nearest-exact")]
    else:
        own = [op.Resample(dims, mode, align, scale) for align in (False, True)]
    for candidate in own:
        if all(_reads(candidate, place, one, first) for place, one in enumerate(scalings)):
            return candidate
    return op.Resample(dims, mode, scale=scale, first=first)


def _first(one: _Scaling, mode: str, way: str, nearest: str) -> tuple[int, ...]:
    """The first index that each output reads; outside of the map the nearest inside is meant."""
    centre = _CENTRES[way](np.arange(one.outputs, dtype=np.float32), one)
    if mode == "nearest":
        found = np.clip(_ROUNDED.get(nearest, np.floor)(centre), 0, one.inputs - 1)
    else:
        found = np.floor(centre) + _BEFORE[mode]
    return tuple(found.astype(np.int64).tolist())


def _reads(
    candidate: op.Resample, place: int, one: _Scaling, first: tuple[tuple[int, ...], ...]
) -> bool:
    """Whether ``candidate`` begins where ONNX does, inside the map."""
    ours = resample_taps(candidate, place, one.inputs, one.outputs).index[:, 0]
    theirs = np.array(first[place])
    if candidate.mode.startswith("nearest"):
        ours = np.clip(ours, 0, one.inputs - 1)
    return bool((ours == theirs).all())
