"""Layers that prepare images: at inference what is random does nothing."""

from __future__ import annotations

from collections.abc import Callable

from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.registry import layer
from rfa_core.frontends.keras.resizing import centred, fitted, resized
from rfa_core.frontends.keras.windows import Map, map_of
from rfa_core.frontends.phrases import elementwise
from rfa_core.graph import operations as op

_IDENTITIES = ("AugMix", "CutMix", "MixUp", "RandAugment")


@layer("Rescaling")
def _rescaling(call: Call) -> str:
    return elementwise(call.draft, [call.source()], call.kind)


@layer("Discretization")
def _discretization(call: Call) -> str:
    if call.shape == call.draft.shape(call.source()):
        return elementwise(call.draft, [call.source()], call.kind)
    return _not_known(call)


@layer("BaseImagePreprocessingLayer")
def _image(call: Call) -> str:
    names = [base.__name__ for base in type(call.operation).__mro__]
    known = next((_IMAGES[name] for name in names if name in _IMAGES), None)
    if known is not None:
        return known(call)
    if any(name.startswith("Random") or name in _IDENTITIES for name in names):
        return call.source()
    return _not_known(call)


def _resizing(call: Call) -> str:
    return resized(call, call.source(), _size(call), _layout(call))


def _center_crop(call: Call) -> str:
    """The middle of an image that is large enough; else as much as has the ratio, resized."""
    size, layout = _size(call), _layout(call)
    sizes = layout.sizes(call.draft.shape(call.source()))
    if all(n >= wanted for n, wanted in zip(sizes, size, strict=True)):
        return centred(call.draft, call.source(), size, layout)
    return _cut_and_resized(call)


def _random_crop(call: Call) -> str:
    return _cut_and_resized(call)


def _cut_and_resized(call: Call) -> str:
    size, layout = _size(call), _layout(call)
    name = fitted(call.draft, call.source(), size, layout, cut=True)
    return call.draft.add(op.Resample(layout.dims, "linear"), [name], call.shape, "resize")


def _pointwise(call: Call) -> str:
    return elementwise(call.draft, [call.source()], call.kind)


def _statistics(call: Call) -> str:
    """Values depend on a histogram, or the extremes, of the whole image."""
    return call.draft.add(op.Everything(), [call.source()], call.shape, call.kind)


_IMAGES: dict[str, Callable[[Call], str]] = {
    "Resizing": _resizing,
    "CenterCrop": _center_crop,
    "RandomCrop": _random_crop,
    "Solarization": _pointwise,
    "AutoContrast": _statistics,
    "Equalization": _statistics,
    "ContrastLimitedAdaptiveHistogramEqualization": _statistics,
}


def _not_known(call: Call) -> str:
    reason = f"the layer {type(call.operation).__name__} is not known to this version"
    return call.draft.add(op.Unknown(reason), [call.source()], call.shape, call.kind)


def _size(call: Call) -> tuple[int, int]:
    return call.operation.height, call.operation.width


def _layout(call: Call) -> Map:
    return map_of(len(call.shape), call.operation.data_format, batch=len(call.shape) == 4)
