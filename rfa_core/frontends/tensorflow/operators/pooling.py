"""Pooling."""

from __future__ import annotations

from typing import Any

from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.operators.convolutions import windowed
from rfa_core.frontends.tensorflow.operators.layouts import Layout, attribute, layout_of
from rfa_core.frontends.tensorflow.reading import Reading, unknown
from rfa_core.frontends.tensorflow.registry import translates
from rfa_core.graph import operations as op

_KINDS = {
    "MaxPool": "max_pool2d",
    "MaxPoolV2": "max_pool2d",
    "MaxPoolWithArgmax": "max_pool2d",
    "AvgPool": "avg_pool2d",
    "MaxPool3D": "max_pool3d",
    "AvgPool3D": "avg_pool3d",
}


@translates(*_KINDS)
def _pool(reading: Reading, operation: Any) -> None:
    """A window per channel; over channels, too, if the kernel says so."""
    rank = operation.inputs[0].shape.rank
    kernel, stride = (_sizes(reading, operation, name) for name in ("ksize", "strides"))
    if kernel is None or stride is None or kernel[0] != 1:
        unknown(reading, operation)
        return
    layout = layout_of(operation, rank)
    deep = kernel[layout.channel] > 1 or stride[layout.channel] > 1
    if deep:
        layout = Layout((*layout.spatial, layout.channel), layout.channel)
    window = op.Window(
        layout.spatial,
        layout.of(kernel),
        layout.of(stride),
        (1,) * len(layout.spatial),
        (0,) * len(layout.spatial),
        channel=None if deep else layout.channel,
        groups=0,
    )
    kind = _KINDS[operation.type]
    reading.bind(operation.outputs[0], windowed(reading, operation, layout, window, kind))
    for places in operation.outputs[1:]:
        reading.bind(places, reading.operand(operation.outputs[0]))


def _sizes(reading: Reading, operation: Any, name: str) -> list[int] | None:
    """Per dimension of the tensor; MaxPoolV2 takes them as operands."""
    if operation.type != "MaxPoolV2":
        return list(attribute(operation, name))
    value = reading.value(operation.inputs[1 if name == "ksize" else 2])
    return None if value is None else [int(size) for size in value]


@translates("LRN")
def _local_response(reading: Reading, operation: Any) -> None:
    """A norm over neighbouring channels."""
    source = operation.inputs[0]
    shape, radius = shape_of(source) or (), int(attribute(operation, "depth_radius"))
    last = len(shape) - 1
    window = op.Window((last,), (2 * radius + 1,), (1,), (1,), (radius,))
    name = reading.write(window, [reading.operand(source)], shape, "local_response_norm")
    reading.bind(operation.outputs[0], name)
