"""Convolution layers of all ranks."""

from __future__ import annotations

from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.registry import layer
from rfa_core.frontends.keras.windows import map_of, slide, spread, window_of


@layer("BaseConv", "Conv1D")
def _convolution(call: Call) -> str:
    own = call.operation
    made = slide(call, call.source(), window_of(call, own.kernel_size), own.filters, own.groups)
    return _activated(call, made)


@layer("BaseDepthwiseConv")
def _depthwise(call: Call) -> str:
    name = call.source()
    return _activated(call, _by_channel(call, name))


@layer("BaseSeparableConv")
def _separable(call: Call) -> str:
    """One kernel per channel, then a product over channels: two convolutions of one layer."""
    own = call.operation
    deep = _by_channel(call, call.source())
    flat = window_of(call, (1,) * own.rank)
    point = type(flat)(flat.kernel, flat.kernel, flat.kernel, "valid")
    return _activated(call, slide(call, deep, point, own.filters, 1))


@layer("BaseConvTranspose")
def _transposed(call: Call) -> str:
    window = window_of(call, call.operation.kernel_size)
    return _activated(call, spread(call, call.source(), window, call.shape))


def _by_channel(call: Call, name: str) -> str:
    own, shape = call.operation, call.draft.shape(name)
    channels = shape[map_of(len(shape), own.data_format).channel]
    window = window_of(call, own.kernel_size)
    return slide(call, name, window, channels * own.depth_multiplier, channels)


def _activated(call: Call, name: str) -> str:
    activation = getattr(call.operation, "activation", None)
    return call.recorder.applied(activation, name, call.outs[0])
