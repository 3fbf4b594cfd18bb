"""Reductions, softmax, products, attention and norms: what sees along a dimension."""

from __future__ import annotations

from torch import Tensor

from rfa_core.frontends.phrases import contraction
from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.operators.arguments import many
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import translates
from rfa_core.graph import operations as op


@translates(
    "mean", "sum", "amax", "amin", "max", "min", "prod", "var", "std", "var_mean", "std_mean",
    "norm", "linalg_vector_norm", "logsumexp", "argmax", "argmin", "all", "any", "median",
    "nansum", "nanmean", "count_nonzero", "mode", "aminmax", "kthvalue",
)  # fmt: skip
def _reduction(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    outs = call.out if isinstance(call.out, tuple) else (call.out,)
    if len(call.args) > 1 and isinstance(call.args[1], Tensor):
        _elementwise(recorder, call, call.name)
        return
    rank = source.dim()
    place = 2 if call.name in ("norm", "linalg_vector_norm", "kthvalue") else 1
    dims = call.arg(place, "dim")
    if dims is None or dims == []:
        dims = range(rank)
    reduced = [dim % rank for dim in many(dims if not isinstance(dims, range) else list(dims), 1)]
    keep = outs[0].dim() == rank and rank > 0 and len(reduced) > 0
    operation = contraction(rank, reduced, keep and outs[0].dim() == rank)
    name = recorder.step(operation, [recorder.operand(source)], outs[0].shape, call.name)
    recorder.alias(call.out, name)


def _elementwise(recorder: Recorder, call: Call, kind: str) -> None:
    live = [value for value in call.args if recorder.is_live(value)]
    recorder.emit(call.out, op.Pointwise(), [recorder.operand(t) for t in live], kind)


@translates("_softmax", "_safe_softmax", "_log_softmax", "softmax", "log_softmax")
def _softmax(recorder: Recorder, call: Call) -> None:
    source, dim = call.args[:2]
    rank = source.dim()
    operation = contraction(rank, [dim % rank], keep=True)
    kind = call.name.strip("_").removeprefix("safe_")
    name = recorder.step(operation, [recorder.operand(source)], source.shape, kind)
    recorder.emit(call.out, op.Pointwise(), [name], kind)


@translates("cumsum", "cumprod", "logcumsumexp", "cummax", "cummin")
def _cumulative(recorder: Recorder, call: Call) -> None:
    source, dim = call.args[:2]
    operands = [recorder.operand(source)]
    name = recorder.step(op.Recurrent(dim % source.dim()), operands, source.shape, call.name)
    recorder.alias(call.out, name)


@translates("histc", "histogram", "bincount")
def _histogram(recorder: Recorder, call: Call) -> None:
    """Every count depends on every element."""
    live = [tensor for tensor in call.args[:2] if recorder.is_live(tensor)]
    labels = tuple(tuple(range(tensor.dim())) for tensor in live)
    fresh = max(map(len, labels))
    names = [recorder.operand(tensor) for tensor in live]
    out = call.out[0] if isinstance(call.out, tuple) else call.out
    name = recorder.step(op.Contract(labels, (fresh,)), names, out.shape, call.name)
    recorder.alias(call.out, name)


@translates("mse_loss", "smooth_l1_loss", "huber_loss", "soft_margin_loss", "binary_cross_entropy")
def _loss(recorder: Recorder, call: Call) -> None:
    live = [tensor for tensor in call.args[:2] if recorder.is_live(tensor)]
    names, shape = [recorder.operand(tensor) for tensor in live], call.args[0].shape
    name = recorder.step(op.Pointwise(), names, shape, call.name)
    if call.out.shape != shape:
        whole = contraction(len(shape), range(len(shape)), keep=False)
        name = recorder.step(whole, [name], call.out.shape, call.name)
    recorder.alias(call.out, name)


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


@translates("fft_fft", "_fft_c2c", "_fft_r2c", "_fft_c2r")
def _fourier(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    dims = tuple(dim % source.dim() for dim in call.args[1])
    recorder.emit(call.out, op.Everything(dims), [recorder.operand(source)], "fft")
