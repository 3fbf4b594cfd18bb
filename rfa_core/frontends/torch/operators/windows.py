"""Convolution and pooling."""

from __future__ import annotations

from math import prod
from typing import Any

from torch import Tensor

from rfa_core.frontends.phrases import contraction
from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.operators.arguments import many
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import translates
from rfa_core.graph import operations as op


@translates("convolution", "_convolution", "convolution_overrideable")
def _convolution(recorder: Recorder, call: Call) -> None:
    source, weight, bias, stride, padding, dilation, transposed, _, groups = call.args[:9]
    count = weight.dim() - 2
    dims = tuple(range(source.dim() - count, source.dim()))
    window = op.Window(
        dims,
        tuple(weight.shape[2:]),
        many(stride, count),
        many(dilation, count),
        many(padding, count),
        channel=dims[0] - 1,
        groups=groups,
        transposed=bool(transposed),
    )
    positions = source if transposed else call.out
    per_position = weight.shape[1] * prod(weight.shape[2:])
    macs = positions.numel() * per_position
    data = [source] + [t for t in (weight, bias) if recorder.is_live(t)]
    operands = [recorder.operand(tensor) for tensor in data]
    recorder.emit(call.out, window, operands, "conv", weighted=True, macs=macs)


@translates(
    "max_pool1d", "max_pool2d", "max_pool3d", "max_pool1d_with_indices", "mkldnn_max_pool2d",
    "max_pool2d_with_indices", "max_pool3d_with_indices", "quantized_max_pool2d",
)  # fmt: skip
def _max_pool(recorder: Recorder, call: Call) -> None:
    source, kernel = call.args[:2]
    kind = (
        call.name.removesuffix("_with_indices").removeprefix("mkldnn_").removeprefix("quantized_")
    )
    count = int(kind[-2])
    window = _pool_window(
        source,
        count,
        kernel,
        call.arg(2, "stride"),
        call.arg(3, "padding", 0),
        call.arg(4, "dilation", 1),
    )
    out = call.out[0] if isinstance(call.out, tuple) else call.out
    recorder.emit(out, window, [recorder.operand(source)], kind)
    recorder.alias(call.out, recorder.operand(out))


@translates("avg_pool1d", "avg_pool2d", "avg_pool3d")
def _avg_pool(recorder: Recorder, call: Call) -> None:
    source, kernel = call.args[:2]
    count = int(call.name[-2])
    window = _pool_window(
        source, count, kernel, call.arg(2, "stride"), call.arg(3, "padding", 0), 1
    )
    recorder.emit(call.out, window, [recorder.operand(source)], call.name)


def _pool_window(
    source: Tensor, count: int, kernel: Any, stride: Any, padding: Any, dilation: Any
) -> op.Window:
    dims = tuple(range(source.dim() - count, source.dim()))
    sizes = many(kernel, count)
    return op.Window(
        dims,
        sizes,
        many(stride, count) if stride else sizes,
        many(dilation, count),
        many(padding, count),
        channel=dims[0] - 1,
        groups=0,
    )


@translates(
    "_adaptive_avg_pool2d", "_adaptive_avg_pool3d", "adaptive_avg_pool1d", "adaptive_avg_pool2d",
    "adaptive_avg_pool3d", "adaptive_max_pool1d", "adaptive_max_pool2d", "adaptive_max_pool3d",
)  # fmt: skip
def _adaptive_pool(recorder: Recorder, call: Call) -> None:
    """Bins along dimensions that keep several positions; a contraction where one is left."""
    source = call.args[0]
    out = call.out[0] if isinstance(call.out, tuple) else call.out
    kind = call.name.removeprefix("_")
    count = int(kind[-2])
    rank = source.dim()
    dims = range(rank - count, rank)
    binned = tuple(dim for dim in dims if out.shape[dim] != 1)
    single = [dim for dim in dims if out.shape[dim] == 1]
    shape = tuple(out.shape[dim] if dim in binned else source.shape[dim] for dim in range(rank))
    name = recorder.operand(source)
    if binned:
        name = recorder.step(op.Resample(binned, "adaptive"), [name], shape, kind)
    if single:
        name = recorder.step(contraction(rank, single, keep=True), [name], out.shape, kind)
    recorder.alias(call.out, name)
