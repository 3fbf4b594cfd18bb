"""Convolution of every kind: plain, grouped, depthwise, transposed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod
from typing import Any

from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.operators.batches import Batched, batched, crops_after
from rfa_core.frontends.tensorflow.operators.layouts import (
    Layout,
    attribute,
    layout_of,
    padding_of,
)
from rfa_core.frontends.tensorflow.reading import Reading, unknown
from rfa_core.frontends.tensorflow.registry import translates
from rfa_core.graph import operations as op


@translates("Conv2D", "Conv3D")
def _convolution(reading: Reading, operation: Any) -> None:
    kernel = shape_of(operation.inputs[1]) or ()
    channels = (shape_of(operation.inputs[0]) or ())[_layout(operation).channel]
    _written(reading, operation, channels // kernel[-2], kernel[-2], kernel[:-2])


@translates("DepthwiseConv2dNative")
def _depthwise(reading: Reading, operation: Any) -> None:
    kernel = shape_of(operation.inputs[1]) or ()
    _written(reading, operation, kernel[2], 1, kernel[:2])


@translates("Dilation2D")
def _morphological(reading: Reading, operation: Any) -> None:
    """A greyscale dilation: the largest of sums with the kernel, for every channel apart."""
    kernel = shape_of(operation.inputs[1]) or ()
    _written(reading, operation, kernel[2], 1, kernel[:2])


def _written(
    reading: Reading, operation: Any, groups: int, per_group: int, kernel: Sequence[int]
) -> None:
    layout = _layout(operation)
    ones = [1] * operation.inputs[0].shape.rank
    stride = layout.of(attribute(operation, "strides"))
    dilation = layout.of(attribute(operation, "dilations") or attribute(operation, "rates", ones))
    out = shape_of(operation.outputs[0]) or ()
    macs = prod(out) * per_group * prod(kernel)
    window = op.Window(
        layout.spatial,
        tuple(kernel),
        stride,
        dilation,
        (0,) * len(kernel),
        channel=layout.channel,
        groups=groups,
    )
    made = windowed(reading, operation, layout, window, "conv", weighted=True, macs=macs)
    reading.bind(operation.outputs[0], made)


def windowed(
    reading: Reading,
    operation: Any,
    layout: Layout,
    window: op.Window,
    kind: str,
    *,
    weighted: bool = False,
    macs: int = 0,
) -> str | Batched:
    """The padded ``window`` over the first operand, dilated if space moved into its batch."""
    source = operation.inputs[0]
    moved = batched(reading, source)
    if moved is not None and attribute(operation, "padding") == "VALID":
        return _dilated(reading, operation, moved, window, kind, weighted, macs)
    name = reading.operand(source)
    sizes = layout.of(reading.draft.shape(name))
    pads = padding_of(operation, layout, sizes, window.kernel, window.stride, window.dilation)
    placed = replace(window, padding=tuple(before for before, _ in pads))
    out = shape_of(operation.outputs[0]) or ()
    operands = [name, *_live_kernels(reading, operation)]
    return reading.write(placed, operands, out, kind, weighted=weighted, macs=macs)


def _dilated(
    reading: Reading,
    operation: Any,
    moved: Batched,
    window: op.Window,
    kind: str,
    weighted: bool,
    macs: int,
) -> str | Batched:
    """``out[q*b + phase] = sum of in[(q*s + t*d)*b + phase]``: with a stride of 1, a dilation
    of ``d*b``."""
    steps = [moved.blocks.get(dim, 1) for dim in window.dims]
    if any(s > 1 and b > 1 for s, b in zip(window.stride, steps, strict=True)):
        source, plain = moved.written(reading), shape_of(operation.outputs[0]) or ()
        return reading.write(window, [source], plain, kind, weighted=weighted, macs=macs)
    crops = dict(
        zip(moved.blocks, crops_after(reading, operation, len(moved.blocks)), strict=False)
    )
    before = dict(enumerate(moved.before))
    dilated = replace(
        window,
        dilation=tuple(d * b for d, b in zip(window.dilation, steps, strict=True)),
        padding=tuple(before.get(dim, 0) - crops.get(dim, (0, 0))[0] for dim in window.dims),
    )
    if min(dilated.padding) < 0:
        crops = {}
        dilated = replace(dilated, padding=tuple(before.get(dim, 0) for dim in window.dims))
    out = list(shape_of(operation.outputs[0]) or ())
    cells = prod(out)
    for dim, block in moved.blocks.items():
        out[dim] = out[dim] * block - sum(crops.get(dim, (0, 0)))
        out[0] //= block
    operands = [moved.source, *_live_kernels(reading, operation)]
    needed = macs * prod(out) // cells if cells else 0
    made = reading.write(dilated, operands, out, kind, weighted=weighted, macs=needed)
    return Batched(made, moved.blocks, cropped=bool(crops))


@translates("Conv2DBackpropInput", "Conv3DBackpropInputV2", "DepthwiseConv2dNativeBackpropInput")
def _transposed(reading: Reading, operation: Any) -> None:
    """A transposed convolution: it crops what the convolution back would pad."""
    _, weight, source = operation.inputs
    kernel, out = shape_of(weight) or (), shape_of(operation.outputs[0]) or ()
    if not reading.is_live(source):
        unknown(reading, operation)
        return
    layout = layout_of(operation, len(out))
    depthwise = operation.type.startswith("Depthwise")
    per_group = 1 if depthwise else kernel[-2]
    sizes, stride = (
        kernel[:2] if depthwise else kernel[:-2],
        layout.of(attribute(operation, "strides")),
    )
    dilation = layout.of(attribute(operation, "dilations", [1] * len(out)))
    pads = padding_of(operation, layout, layout.of(out), sizes, stride, dilation)
    window = op.Window(
        layout.spatial,
        sizes,
        stride,
        dilation,
        tuple(before for before, _ in pads),
        channel=layout.channel,
        groups=out[layout.channel] // per_group,
        transposed=True,
    )
    name = reading.operand(source)
    macs = prod(reading.draft.shape(name)) * per_group * prod(sizes)
    operands = [name, *(reading.operand(one) for one in (weight,) if reading.is_live(one))]
    made = reading.write(window, operands, out, "conv", weighted=True, macs=macs)
    reading.bind(operation.outputs[0], made)


def _layout(operation: Any) -> Layout:
    return layout_of(operation, operation.inputs[0].shape.rank)


def _live_kernels(reading: Reading, operation: Any) -> list[str]:
    return [reading.operand(tensor) for tensor in operation.inputs[1:] if reading.is_live(tensor)]
