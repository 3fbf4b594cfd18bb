"""Convolution and pooling as operations."""

from __future__ import annotations

from math import prod
from typing import Any

from rfa_core.frontends.keras.calls import Call, many
from rfa_core.frontends.keras.registry import operation
from rfa_core.frontends.keras.windows import Window, binned, map_of, slide, spread, window_of
from rfa_core.frontends.phrases import padded, reshaped, transposed
from rfa_core.graph import operations as op


@operation("Conv")
def _conv(call: Call) -> str:
    """Kernels are ``[*kernel, in, out]``; fewer inputs than there are channels make groups."""
    kernel = tuple(call.values["kernel"].shape)
    name = call.source() if call.is_live("inputs") else call.node("inputs")
    shape = call.draft.shape(name)
    channels = shape[map_of(len(shape), call.get("data_format")).channel]
    made = slide(call, name, window_of(call, kernel[:-2]), kernel[-1], channels // kernel[-2])
    return _with_kernel(call, made, "kernel")


@operation("DepthwiseConv")
def _depthwise(call: Call) -> str:
    kernel = tuple(call.values["kernel"].shape)
    made = slide(
        call, call.node("inputs"), window_of(call, kernel[:-2]), prod(kernel[-2:]), kernel[-2]
    )
    return _with_kernel(call, made, "kernel")


@operation("SeparableConv")
def _separable(call: Call) -> str:
    deep, flat = (tuple(call.values[f"{name}_kernel"].shape) for name in ("depthwise", "pointwise"))
    window = window_of(call, deep[:-2])
    name = slide(call, call.node("inputs"), window, prod(deep[-2:]), deep[-2])
    ones = (1,) * len(window.kernel)
    return slide(call, name, Window(ones, ones, ones, "valid"), flat[-1], 1)


@operation("ConvTranspose")
def _transposed(call: Call) -> str:
    kernel = tuple(call.values["kernel"].shape)
    made = spread(call, call.node("inputs"), window_of(call, kernel[:-2]), call.shape)
    return _with_kernel(call, made, "kernel")


@operation("MaxPool", "AveragePool")
def _pool(call: Call) -> str:
    name = call.source()
    shape = call.draft.shape(name)
    layout = map_of(len(shape), call.get("data_format"))
    count = len(layout.dims)
    kernel = many(call.get("pool_size"), count)
    stride = many(call.get("strides") or kernel, count)
    window = Window(kernel, stride, (1,) * count, call.get("padding"))
    return slide(call, name, window, shape[layout.channel], 0, call.kind, weighted=False)


@operation("AdaptiveAveragePool", "AdaptiveMaxPool")
def _adaptive_pool(call: Call) -> str:
    return binned(call)


@operation("Unfold")
def _unfold(call: Call) -> str:
    """Patches of ``[N, C, H, W]`` as ``[N, C * taps, L]``."""
    name = call.source()
    batch, channels, *sizes = call.draft.shape(name)
    kernel, dilation, pads, stride = _geometry(call)
    name = padded(call.draft, name, (0, 0, *pads), (0, 0, *pads), kind="unfold")
    counts = []
    for k in range(2):
        span = (kernel[k] - 1) * dilation[k] + 1
        counts.append((sizes[k] + 2 * pads[k] - span) // stride[k] + 1)
        rest = list(call.draft.shape(name))
        rest[2 + k] = counts[k]
        unfold = op.Unfold(2 + k, kernel[k], stride[k], dilation[k])
        name = call.draft.add(unfold, [name], (*rest, kernel[k]), "unfold")
    name = transposed(call.draft, name, (0, 1, 4, 5, 2, 3), "unfold")
    return reshaped(call.draft, name, (batch, channels * prod(kernel), prod(counts)), "unfold")


@operation("Fold")
def _fold(call: Call) -> str:
    """The inverse of ``Unfold``: overlapping patches are summed."""
    kernel, dilation, pads, stride = _geometry(call)
    batch, channels, *size = call.shape
    padded_size = [size[k] + 2 * pads[k] for k in range(2)]
    counts = [
        (padded_size[k] - (kernel[k] - 1) * dilation[k] - 1) // stride[k] + 1 for k in range(2)
    ]
    draft = call.draft
    name = reshaped(draft, call.source(), (batch, channels, *kernel, *counts), "fold")
    name = transposed(draft, name, (0, 1, 4, 5, 2, 3), "fold")
    width = op.Fold(3, 5, stride[1], dilation[1])
    name = draft.add(width, [name], (batch, channels, counts[0], padded_size[1], kernel[0]), "fold")
    height = op.Fold(2, 4, stride[0], dilation[0])
    name = draft.add(height, [name], (batch, channels, *padded_size), "fold")
    crop = (0, 0, *(-pad for pad in pads))
    return padded(draft, name, crop, crop, kind="fold")


def _geometry(call: Call) -> tuple[Any, ...]:
    return tuple(
        many(call.get(name), 2) for name in ("kernel_size", "dilation", "padding", "stride")
    )


def _with_kernel(call: Call, name: str, kernel: str) -> str:
    """A kernel that was computed from the input has seen what it was computed from."""
    if not call.is_live(kernel):
        return name
    reason = "a kernel is computed from the input"
    return call.draft.add(op.Sample(reason), [name, call.node(kernel)], call.shape, "conv")
