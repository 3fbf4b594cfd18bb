"""Translations of the ATen operations that vision models are made of."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import torch
from torch import Tensor

from rfa_core.frontends.torch.recorder import Call, Recorder
from rfa_core.frontends.torch.registry import translates, unknown
from rfa_core.graph import operations as op


def _many(value: Any, count: int) -> tuple[int, ...]:
    """A number or a list of ``count`` numbers, as a tuple of ``count``."""
    values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
    return values * count if len(values) == 1 else values


@translates("convolution", "_convolution", "convolution_overrideable")
def _convolution(recorder: Recorder, call: Call) -> None:
    source, weight, bias, stride, padding, dilation, transposed, _, groups = call.args[:9]
    count = weight.dim() - 2
    dims = tuple(range(source.dim() - count, source.dim()))
    window = op.Window(
        dims,
        tuple(weight.shape[2:]),
        _many(stride, count),
        _many(dilation, count),
        _many(padding, count),
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
    sizes = _many(kernel, count)
    return op.Window(
        dims,
        sizes,
        _many(stride, count) if stride else sizes,
        _many(dilation, count),
        _many(padding, count),
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
        name = recorder.step(_contraction(rank, single, keep=True), [name], out.shape, kind)
    recorder.alias(call.out, name)


def _contraction(rank: int, dims: Sequence[int], keep: bool) -> op.Contract:
    """One tensor summed over ``dims``; kept ones become fresh dimensions."""
    labels = tuple(range(rank))
    if keep:
        output = tuple(rank + dim if dim in dims else dim for dim in labels)
    else:
        output = tuple(dim for dim in labels if dim not in dims)
    return op.Contract((labels,), output)


@translates(
    "mean", "sum", "amax", "amin", "max", "min", "prod", "var", "std", "var_mean", "std_mean",
    "norm", "linalg_vector_norm", "logsumexp", "argmax", "argmin", "all", "any", "median",
    "nansum", "nanmean", "count_nonzero", "mode", "aminmax",
)  # fmt: skip
def _reduction(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    outs = call.out if isinstance(call.out, tuple) else (call.out,)
    if len(call.args) > 1 and isinstance(call.args[1], Tensor):
        _elementwise(recorder, call, call.name)
        return
    rank = source.dim()
    place = 2 if call.name in ("norm", "linalg_vector_norm") else 1
    dims = call.arg(place, "dim")
    if dims is None or dims == []:
        dims = range(rank)
    reduced = [dim % rank for dim in _many(dims if not isinstance(dims, range) else list(dims), 1)]
    keep = outs[0].dim() == rank and rank > 0 and len(reduced) > 0
    operation = _contraction(rank, reduced, keep and outs[0].dim() == rank)
    name = recorder.step(operation, [recorder.operand(source)], outs[0].shape, call.name)
    recorder.alias(call.out, name)


def _elementwise(recorder: Recorder, call: Call, kind: str) -> None:
    live = [value for value in call.args if recorder.is_live(value)]
    recorder.emit(call.out, op.Pointwise(), [recorder.operand(t) for t in live], kind)


@translates("_softmax", "_safe_softmax", "_log_softmax", "softmax", "log_softmax")
def _softmax(recorder: Recorder, call: Call) -> None:
    source, dim = call.args[:2]
    rank = source.dim()
    operation = _contraction(rank, [dim % rank], keep=True)
    kind = call.name.strip("_").removeprefix("safe_")
    name = recorder.step(operation, [recorder.operand(source)], source.shape, kind)
    recorder.emit(call.out, op.Pointwise(), [name], kind)


@translates("cumsum", "cumprod", "logcumsumexp")
def _cumulative(recorder: Recorder, call: Call) -> None:
    source, dim = call.args[:2]
    recorder.emit(call.out, op.Recurrent(dim % source.dim()), [recorder.operand(source)], call.name)


@translates("mm", "bmm", "addmm", "baddbmm", "mv", "dot", "linear", "addbmm")
def _product(recorder: Recorder, call: Call) -> None:
    if call.name == "linear":
        left, right = call.args[0], call.args[1]
        labels = _linear_labels(left)
    else:
        skip = 1 if call.name in ("addmm", "baddbmm", "addbmm") else 0
        left, right = call.args[skip : skip + 2]
        labels = _PRODUCTS[call.name]
    factors = list(zip((left, right), labels[:2], strict=True))
    live = [(tensor, label) for tensor, label in factors if recorder.is_live(tensor)]
    if not live:
        name = recorder.operand(call.args[0])
        recorder.emit(call.out, op.Expand(), [name], "add")
        return
    constant = [tensor for tensor, _ in factors if not recorder.is_live(tensor)]
    weighted = any(recorder.is_learned(tensor) for tensor in constant)
    kind = "linear" if constant else "matmul"
    macs = call.out.numel() * left.shape[-1]
    names = [recorder.operand(tensor) for tensor, _ in live]
    operation = op.Contract(tuple(label for _, label in live), labels[2])
    lead = recorder.merged_lead(names, _MERGEABLE.get((call.name, len(live)), 0))
    if lead is None:
        recorder.emit(call.out, operation, names, kind, weighted, macs)
    else:
        names, sizes, merged = lead
        shape = (*sizes, *call.out.shape[merged:])
        wide = _widened(operation, len(sizes), merged)
        name = recorder.step(wide, names, shape, kind, weighted, macs)
        recorder.emit(call.out, op.Reshape(), [name], kind)
    if call.name in ("addmm", "baddbmm") and recorder.is_live(call.args[0]):
        operands = [recorder.operand(call.out), recorder.operand(call.args[0])]
        recorder.emit(call.out, op.Pointwise(), operands, "add")


_MERGEABLE = {("mm", 1): 1, ("addmm", 1): 1, ("bmm", 2): 1, ("baddbmm", 2): 1, ("bmm", 1): 1}
"""Products whose first dimension may be several that PyTorch merged for the call."""


def _widened(operation: op.Contract, lead: int, merged: int) -> op.Contract:
    """The same product with its first ``merged`` labels replaced by ``lead`` fresh ones."""
    fresh = tuple(range(100, 100 + lead))
    labels = tuple(fresh + label[merged:] for label in operation.labels)
    return op.Contract(labels, fresh + operation.output[merged:])


_PRODUCTS: dict[str, tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]] = {
    "mm": ((0, 1), (1, 2), (0, 2)),
    "addmm": ((0, 1), (1, 2), (0, 2)),
    "bmm": ((0, 1, 2), (0, 2, 3), (0, 1, 3)),
    "baddbmm": ((0, 1, 2), (0, 2, 3), (0, 1, 3)),
    "addbmm": ((0, 1, 2), (0, 2, 3), (1, 3)),
    "mv": ((0, 1), (1,), (0,)),
    "dot": ((0,), (0,), ()),
}


def _linear_labels(
    source: Tensor,
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    rank = source.dim()
    labels = tuple(range(rank))
    return labels, (rank, rank - 1), (*labels[:-1], rank)


@translates(
    "_scaled_dot_product_flash_attention", "_scaled_dot_product_flash_attention_for_cpu",
    "_scaled_dot_product_efficient_attention", "_scaled_dot_product_cudnn_attention",
    "_scaled_dot_product_attention_math", "scaled_dot_product_attention",
    "_scaled_dot_product_fused_attention_overrideable",
)  # fmt: skip
def _attention(recorder: Recorder, call: Call) -> None:
    query, key, value = call.args[:3]
    batch = tuple(range(query.dim() - 2))
    i, j, d, e = (query.dim() + offset for offset in range(4))
    labels = ((*batch, i, d), (*batch, j, d), (*batch, j, e))
    out = call.out[0] if isinstance(call.out, tuple) else call.out
    macs = query.numel() * key.shape[-2] + out.numel() * key.shape[-2]
    names = [recorder.operand(tensor) for tensor in (query, key, value)]
    recorder.emit(out, op.Contract(labels, (*batch, i, e)), names, "attention", macs=macs)


@translates(
    "native_batch_norm", "_native_batch_norm_legit", "_native_batch_norm_legit_no_training",
    "cudnn_batch_norm", "batch_norm", "_batch_norm_with_update", "miopen_batch_norm",
)  # fmt: skip
def _batch_norm(recorder: Recorder, call: Call) -> None:
    _norm(recorder, call, "batch_norm", ())


@translates("log_sigmoid_forward")
def _first_of_two(recorder: Recorder, call: Call) -> None:
    """Elementwise with a second result for the backward pass."""
    recorder.emit(call.out[0], op.Pointwise(), [recorder.operand(call.args[0])], "log_sigmoid")


@translates("native_layer_norm", "_fused_rms_norm", "rms_norm")
def _layer_norm(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    count = len(call.args[1])
    kind = "layer_norm" if "layer" in call.name else "rms_norm"
    _norm(recorder, call, kind, tuple(range(source.dim() - count, source.dim())))


@translates("native_group_norm")
def _group_norm(recorder: Recorder, call: Call) -> None:
    _norm(recorder, call, "group_norm", tuple(range(1, call.args[0].dim())))


def _norm(recorder: Recorder, call: Call, kind: str, dims: tuple[int, ...]) -> None:
    out = call.out[0] if isinstance(call.out, (tuple, list)) else call.out
    recorder.emit(out, op.Norm(dims), [recorder.operand(call.args[0])], kind)


@translates(
    "clone", "contiguous", "detach", "alias", "_to_copy", "lift_fresh", "lift", "to",
    "native_dropout", "dropout", "detach_", "requires_grad_", "_conj", "conj", "resolve_conj",
    "positive", "real", "view_as_real", "_neg_view",
)  # fmt: skip
def _identity(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    name = recorder.operand(source)
    out = call.out[0] if isinstance(call.out, tuple) else call.out
    if tuple(out.shape) == tuple(source.shape):
        recorder.alias(out, name)
    else:
        recorder.emit(out, op.Reshape(), [name], call.name)


@translates(
    "zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "new_zeros",
    "new_ones", "new_empty", "new_full", "new_empty_strided", "randint_like", "is_same_size",
    "sym_size", "sym_numel", "sym_stride", "_local_scalar_dense", "equal",
)  # fmt: skip
def _constant(recorder: Recorder, call: Call) -> None:
    """Only the shape of the argument matters: the result is a constant."""


@translates("copy_", "copy")
def _copy(recorder: Recorder, call: Call) -> None:
    target, source = call.args[:2]
    if recorder.is_live(source):
        name = recorder.operand(source)
        if target.shape != source.shape:
            name = recorder.step(op.Expand(), [name], target.shape, "copy")
        recorder.alias(target, name)
    else:
        recorder.forget(target)
    recorder.wrote(target, "copy")


@translates("fill_", "zero_", "fill", "zero", "normal_", "uniform_", "bernoulli_")
def _fill(recorder: Recorder, call: Call) -> None:
    if call.name.endswith("_"):
        recorder.forget(call.args[0])
        recorder.wrote(call.args[0], "fill")


@translates(
    "view", "_unsafe_view", "reshape", "squeeze", "unsqueeze", "flatten", "_reshape_alias",
    "unflatten", "squeeze_", "unsqueeze_",
)  # fmt: skip
def _reshape(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    if call.name == "view" and call.overload == "dtype":
        recorder.alias(call.out, recorder.operand(source))
        return
    recorder.emit(call.out, op.Reshape(), [recorder.operand(source)], call.name.strip("_"))


@translates("as_strided", "as_strided_")
def _restrided(recorder: Recorder, call: Call) -> None:
    """Other strides over the same elements; anything else is not understood."""
    source, size, stride = call.args[:3]
    long = [(n, step) for n, step in zip(size, stride, strict=True) if n > 1]
    name = recorder.operand(source)
    if recorder.shape(name) == tuple(size) and (not long or long == [(long[0][0], 1)]):
        recorder.alias(call.out, name)
    else:
        unknown(recorder, call)


@translates("permute", "transpose", "t", "transpose_", "movedim", "numpy_T", "adjoint")
def _permute(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    rank = source.dim()
    order = list(range(rank))
    if call.name == "permute":
        order = [dim % rank for dim in call.args[1]]
    elif call.name == "t":
        order.reverse()
    else:
        first, second = (dim % rank for dim in call.args[1:3])
        order[first], order[second] = order[second], order[first]
    kind = "permute" if call.name == "permute" else "transpose"
    recorder.emit(call.out, op.Permute(tuple(order)), [recorder.operand(source)], kind)


@translates("slice", "narrow")
def _slice(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    dim = call.arg(1, "dim", 0) % source.dim()
    size = source.shape[dim]
    start = call.arg(2, "start") or 0
    start = min(max(start + size if start < 0 else start, 0), size)
    step = call.arg(4, "step", 1) if call.name == "slice" else 1
    name = recorder.operand(source)
    if step == 1 and call.out.shape[dim] == size:
        recorder.alias(call.out, name)
    else:
        recorder.emit(call.out, op.Slice(dim, start, step), [name], "slice")


@translates("select")
def _select(recorder: Recorder, call: Call) -> None:
    source, dim, index = call.args[:3]
    dim %= source.dim()
    index = index + source.shape[dim] if index < 0 else index
    recorder.emit(call.out, op.Select(dim, index), [recorder.operand(source)], "select")


@translates(
    "split", "split_with_sizes", "unsafe_split", "unsafe_split_with_sizes", "chunk", "tensor_split",
    "unsafe_chunk",
)  # fmt: skip
def _split(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    dim = call.arg(2, "dim", 0) % source.dim()
    name, start = recorder.operand(source), 0
    for out in call.out:
        recorder.emit(out, op.Slice(dim, start), [name], "split")
        start += out.shape[dim]


@translates("unbind")
def _unbind(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    dim = call.arg(1, "dim", 0) % source.dim()
    name = recorder.operand(source)
    for index, out in enumerate(call.out):
        recorder.emit(out, op.Select(dim, index), [name], "unbind")


@translates("cat", "concat", "concatenate")
def _cat(recorder: Recorder, call: Call) -> None:
    dim = call.arg(1, "dim", 0) % call.out.dim()
    parts = [tensor for tensor in call.args[0] if tensor.shape != (0,)]
    names = [recorder.operand(tensor) for tensor in parts]
    recorder.emit(call.out, op.Concat(dim), names, "cat")


@translates("stack")
def _stack(recorder: Recorder, call: Call) -> None:
    dim = call.arg(1, "dim", 0) % call.out.dim()
    names = []
    for tensor in call.args[0]:
        shape = (*tensor.shape[:dim], 1, *tensor.shape[dim:])
        names.append(recorder.step(op.Reshape(), [recorder.operand(tensor)], shape, "stack"))
    recorder.emit(call.out, op.Concat(dim), names, "stack")


@translates("expand", "broadcast_to", "expand_as")
def _expand(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    name = recorder.operand(source)
    if source.shape == call.out.shape:
        recorder.alias(call.out, name)
    else:
        recorder.emit(call.out, op.Expand(), [name], "expand")


@translates("repeat", "tile")
def _repeat(recorder: Recorder, call: Call) -> None:
    times = tuple(call.args[1])
    times = (1,) * (call.out.dim() - len(times)) + times
    recorder.emit(call.out, op.Repeat(times), [recorder.operand(call.args[0])], "repeat")


@translates("roll")
def _roll(recorder: Recorder, call: Call) -> None:
    source, shifts = call.args[0], _many(call.args[1], 1)
    name, shape = recorder.operand(source), tuple(source.shape)
    dims = tuple(dim % source.dim() for dim in _many(call.arg(2, "dims", []) or [], 0))
    if dims:
        recorder.emit(call.out, op.Roll(dims, shifts), [name], "roll")
        return
    flat = recorder.step(op.Reshape(), [name], (source.numel(),), "roll")
    rolled = recorder.step(op.Roll((0,), shifts), [flat], (source.numel(),), "roll")
    recorder.alias(call.out, recorder.step(op.Reshape(), [rolled], shape, "roll"))


@translates("flip")
def _flip(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    name = recorder.operand(source)
    for dim in call.args[1]:
        place = dim % source.dim()
        operation = op.Slice(place, source.shape[place] - 1, -1)
        name = recorder.step(operation, [name], source.shape, "flip")
    recorder.alias(call.out, name)


@translates(
    "constant_pad_nd", "reflection_pad1d", "reflection_pad2d", "reflection_pad3d",
    "replication_pad1d", "replication_pad2d", "replication_pad3d",
)  # fmt: skip
def _pad(recorder: Recorder, call: Call) -> None:
    source, pads = call.args[:2]
    rank = source.dim()
    before, after = [0] * rank, [0] * rank
    for place in range(len(pads) // 2):
        before[rank - 1 - place], after[rank - 1 - place] = pads[2 * place : 2 * place + 2]
    mode = {"c": "constant", "r": "replicate"}[call.name[0]]
    if call.name.startswith("reflection"):
        mode = "reflect"
    operation = op.Pad(tuple(before), tuple(after), mode)
    recorder.emit(call.out, operation, [recorder.operand(source)], "pad")


@translates("pixel_shuffle", "pixel_unshuffle", "channel_shuffle", "native_channel_shuffle")
def _shuffle(recorder: Recorder, call: Call) -> None:
    """Digits of the channel dimension traded with digits of the positions."""
    source, factor = call.args[:2]
    *lead, channels, height, width = source.shape
    k = len(lead)
    keep = tuple(range(k))
    kind = call.name.removeprefix("native_")
    if kind == "pixel_shuffle":
        split = (*lead, channels // factor**2, factor, factor, height, width)
        order = (*keep, k, k + 3, k + 1, k + 4, k + 2)
    elif kind == "pixel_unshuffle":
        split = (*lead, channels, height // factor, factor, width // factor, factor)
        order = (*keep, k, k + 2, k + 4, k + 1, k + 3)
    else:
        lead, channels, rest = list(source.shape[:1]), source.shape[1], source.shape[2:]
        split = (*lead, factor, channels // factor, *rest)
        order = (0, 2, 1, *range(3, len(split)))
    name = recorder.step(op.Reshape(), [recorder.operand(source)], split, kind)
    shape = tuple(split[dim] for dim in order)
    name = recorder.step(op.Permute(order), [name], shape, kind)
    recorder.alias(call.out, recorder.step(op.Reshape(), [name], call.out.shape, kind))


_MODES = {
    "upsample_nearest": "nearest",
    "_upsample_nearest_exact": "nearest-exact",
    "upsample_linear": "linear",
    "upsample_bilinear": "linear",
    "upsample_trilinear": "linear",
    "upsample_bicubic": "cubic",
    "_upsample_bilinear2d_aa": "antialias-linear",
    "_upsample_bicubic2d_aa": "antialias-cubic",
}


@translates(
    "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", "_upsample_nearest_exact1d",
    "_upsample_nearest_exact2d", "_upsample_nearest_exact3d", "upsample_linear1d",
    "upsample_bilinear2d", "upsample_trilinear3d", "upsample_bicubic2d", "_upsample_bilinear2d_aa",
    "_upsample_bicubic2d_aa",
)  # fmt: skip
def _upsample(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    mode = _MODES.get(call.name) or _MODES[call.name[:-2]]
    nearest = mode.startswith("nearest")
    count = int(call.name.removesuffix("_aa")[-2])
    dims = tuple(range(source.dim() - count, source.dim()))
    align = False if nearest else bool(call.arg(2, "align_corners", False))
    place = 2 if nearest else 3
    if call.overload == "vec":
        scales = call.arg(place, "scale_factors") or ()
    else:
        scales = call.args[place : place + count]
    told = tuple(scales) if len(scales) == count else (None,) * count
    operation = op.Resample(dims, mode, align, told)
    recorder.emit(call.out, operation, [recorder.operand(source)], "interpolate")


@translates("glu")
def _glu(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    dim = call.arg(1, "dim", -1) % source.dim()
    half = source.shape[dim] // 2
    name = recorder.operand(source)
    halves = [
        recorder.step(op.Slice(dim, start), [name], call.out.shape, "glu") for start in (0, half)
    ]
    recorder.emit(call.out, op.Pointwise(), halves, "glu")


@translates("unfold")
def _unfold(recorder: Recorder, call: Call) -> None:
    source, dim, size, step = call.args[:4]
    operation = op.Unfold(dim % source.dim(), size, step)
    recorder.emit(call.out, operation, [recorder.operand(source)], "unfold")


@translates("im2col")
def _im2col(recorder: Recorder, call: Call) -> None:
    """Padding, two sliding windows, and the taps moved beside the channels."""
    source, kernel, dilation, padding, stride = call.args[:5]
    rank = source.dim()
    lead = tuple(source.shape[:-2])
    pads = (0,) * (rank - 2) + tuple(padding)
    sizes = [source.shape[rank - 2 + k] + 2 * padding[k] for k in range(2)]
    name = recorder.operand(source)
    name = recorder.step(op.Pad(pads, pads), [name], (*lead, *sizes), "unfold")
    counts = []
    for k in range(2):
        span = (kernel[k] - 1) * dilation[k] + 1
        counts.append((sizes[k] - span) // stride[k] + 1)
        shape = (*lead, *counts, *sizes[k + 1 :], *kernel[: k + 1])
        operation = op.Unfold(rank - 2 + k, kernel[k], stride[k], dilation[k])
        name = recorder.step(operation, [name], shape, "unfold")
    order = (*range(rank - 2), rank, rank + 1, rank - 2, rank - 1)
    moved = (*lead, *kernel, *counts)
    name = recorder.step(op.Permute(order), [name], moved, "unfold")
    recorder.alias(call.out, recorder.step(op.Reshape(), [name], call.out.shape, "unfold"))


@translates("col2im")
def _col2im(recorder: Recorder, call: Call) -> None:
    """The taps moved behind the positions, two overlapping sums, and the padding cut off."""
    source, size, kernel, dilation, padding, stride = call.args[:6]
    lead = tuple(call.out.shape[:-2])
    rank = len(lead) + 2
    padded = [size[k] + 2 * padding[k] for k in range(2)]
    counts = [(padded[k] - (kernel[k] - 1) * dilation[k] - 1) // stride[k] + 1 for k in range(2)]
    name = recorder.operand(source)
    name = recorder.step(op.Reshape(), [name], (*lead, *kernel, *counts), "fold")
    order = (*range(rank - 2), rank, rank + 1, rank - 2, rank - 1)
    name = recorder.step(op.Permute(order), [name], (*lead, *counts, *kernel), "fold")
    width = op.Fold(rank - 1, rank + 1, stride[1], dilation[1])
    name = recorder.step(width, [name], (*lead, counts[0], padded[1], kernel[0]), "fold")
    height = op.Fold(rank - 2, rank, stride[0], dilation[0])
    name = recorder.step(height, [name], (*lead, *padded), "fold")
    crop = (0,) * (rank - 2) + tuple(-pad for pad in padding)
    recorder.emit(call.out, op.Pad(crop, crop), [name], "fold")


@translates("fft_fft", "_fft_c2c", "_fft_r2c", "_fft_c2r")
def _fourier(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    dims = tuple(dim % source.dim() for dim in call.args[1])
    recorder.emit(call.out, op.Everything(dims), [recorder.operand(source)], "fft")


_SAMPLES = {
    "grid_sampler": "grid_sample reads positions that data decide",
    "grid_sampler_2d": "grid_sample reads positions that data decide",
    "grid_sampler_3d": "grid_sample reads positions that data decide",
    "affine_grid_generator": "an affine grid is computed from data",
    "max_unpool2d": "max_unpool writes where an earlier maximum was found",
    "max_unpool3d": "max_unpool writes where an earlier maximum was found",
    "topk": "top-k chooses positions by their values",
    "sort": "sort orders positions by their values",
    "argsort": "sort orders positions by their values",
    "gather": "gather reads computed indices",
    "scatter": "scatter writes to computed indices",
    "scatter_add": "scatter writes to computed indices",
    "nonzero": "nonzero chooses positions by their values",
    "embedding": "an embedding is looked up by computed indices",
    "torchvision::nms": "non-maximum suppression chooses boxes by their scores",
    "torchvision::roi_align": "RoI align reads boxes that data decide",
    "torchvision::roi_pool": "RoI pooling reads boxes that data decide",
}


@translates(*_SAMPLES)
def _sampled(recorder: Recorder, call: Call) -> None:
    live = [value for value in call.args if recorder.is_live(value)]
    names = [recorder.operand(tensor) for tensor in live]
    outs = call.out if isinstance(call.out, (tuple, list)) else (call.out,)
    for out in outs:
        recorder.emit(out, op.Sample(_SAMPLES[call.name]), names, call.name.rpartition(":")[2])


@translates("torchvision::deform_conv2d")
def _deformable(recorder: Recorder, call: Call) -> None:
    """The regular convolution as a lower bound, marked as sampled."""
    source, weight = call.args[:2]
    stride, padding, dilation = call.args[5:7], call.args[7:9], call.args[9:11]
    groups = call.args[11]
    window = op.Window(
        (2, 3), tuple(weight.shape[2:]), stride, dilation, padding, channel=1, groups=groups
    )
    name = recorder.step(window, [recorder.operand(source)], call.out.shape, "conv")
    macs = call.out.numel() * weight.shape[1] * prod(weight.shape[2:])
    reason = "a deformable convolution reads positions that data decide"
    recorder.emit(call.out, op.Sample(reason), [name], "conv", weighted=True, macs=macs)


@translates("index", "index_select", "_unsafe_index", "take_along_dim")
def _index(recorder: Recorder, call: Call) -> None:
    """Indexing with tensors: a gather where one constant index is known, else sampled."""
    source = call.args[0]
    if call.name == "index_select":
        places = {call.args[1] % source.dim(): call.args[2]}
    else:
        places = {dim: index for dim, index in enumerate(call.args[1]) if index is not None}
    live = [tensor for tensor in (source, *places.values()) if recorder.is_live(tensor)]
    names = [recorder.operand(tensor) for tensor in live]
    if len(places) == 1 and not recorder.is_live(next(iter(places.values()))):
        dim, index = next(iter(places.items()))
        if index.dim() == 1 and index.dtype != torch.bool and not index.is_meta:
            size = source.shape[dim]
            values = tuple(int(value) % size for value in index.tolist())
            recorder.emit(call.out, op.Gather(dim, values), names[:1], "index")
            return
    reason = "indices are computed, their values are not known before the model runs"
    recorder.emit(call.out, op.Sample(reason), names, "index")
