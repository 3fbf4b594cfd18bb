"""Layers on whole numbers, whose weights are packed away."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import translates
from rfa_core.graph import operations as op


@translates(
    "quantized::conv1d", "quantized::conv1d_relu", "quantized::conv2d", "quantized::conv2d_relu",
    "quantized::conv3d", "quantized::conv3d_relu", "quantized::conv1d_dynamic",
    "quantized::conv2d_dynamic", "quantized::conv3d_dynamic", "quantized::conv_transpose1d",
    "quantized::conv_transpose2d", "quantized::conv_transpose3d", "quantized::conv2d_add",
    "quantized::conv2d_add_relu",
)  # fmt: skip
def _convolution(recorder: Recorder, call: Call) -> None:
    """Its kernel is packed with its stride; one along time is kept as one over images."""
    packed: Any = next(arg for arg in call.args if hasattr(arg, "unpack"))
    live = [tensor for tensor in call.args if recorder.is_live(tensor)]
    weight = packed.unpack()[0]
    source, count = live[0], live[0].dim() - 2
    transposed = bool(packed.transpose())
    window = op.Window(
        tuple(range(2, 2 + count)),
        _last(weight.shape[2:], count),
        _last(packed.stride(), count),
        _last(packed.dilation(), count),
        _last(packed.padding(), count),
        channel=1,
        groups=int(packed.groups()),
        transposed=transposed,
    )
    positions = source if transposed else call.out
    macs = positions.numel() * weight.shape[1] * prod(weight.shape[2:])
    recorder.emit(call.out, window, [recorder.operand(source)], "conv", weighted=True, macs=macs)
    if len(live) > 1:
        names = [recorder.operand(tensor) for tensor in (call.out, live[1])]
        recorder.emit(call.out, op.Pointwise(), names, "add")


def _last(values: Sequence[int], count: int) -> tuple[int, ...]:
    return tuple(values)[-count:]


@translates(
    "quantized::linear", "quantized::linear_relu", "quantized::linear_dynamic",
    "quantized::linear_relu_dynamic", "quantized::linear_dynamic_fp16",
    "quantized::linear_leaky_relu", "quantized::linear_tanh",
)  # fmt: skip
def _linear(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    labels = tuple(range(source.dim()))
    operation = op.Contract((labels,), (*labels[:-1], len(labels)))
    macs = call.out.numel() * source.shape[-1]
    recorder.emit(
        call.out, operation, [recorder.operand(source)], "linear", weighted=True, macs=macs
    )


@translates(
    "quantized::add", "quantized::add_relu", "quantized::mul", "quantized::mul_relu",
    "quantized::add_scalar", "quantized::add_scalar_relu", "quantized::mul_scalar",
    "quantized::mul_scalar_relu", "quantized::hardswish", "quantized::leaky_relu",
    "quantized::elu", "quantized::celu", "quantized::sigmoid", "quantized::relu6",
    "quantized::batch_norm2d", "quantized::batch_norm2d_relu", "quantized::batch_norm3d",
    "quantized::batch_norm3d_relu", "quantized::prelu",
)  # fmt: skip
def _pointwise(recorder: Recorder, call: Call) -> None:
    names = [recorder.operand(tensor) for tensor in call.args if recorder.is_live(tensor)]
    recorder.emit(call.out, op.Pointwise(), names, call.name.rpartition("::")[2])
