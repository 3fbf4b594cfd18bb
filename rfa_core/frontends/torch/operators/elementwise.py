"""Copies, constants and what is elementwise with more to it."""

from __future__ import annotations

from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import translates
from rfa_core.graph import operations as op


@translates(
    "clone", "contiguous", "detach", "alias", "_to_copy", "lift_fresh", "lift", "to",
    "native_dropout", "dropout", "detach_", "requires_grad_", "_conj", "conj", "resolve_conj",
    "positive", "real", "_neg_view",
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


@translates(
    "fill_", "zero_", "fill", "zero", "normal_", "uniform_", "bernoulli_", "exponential_",
    "geometric_", "cauchy_", "log_normal_", "random_",
)  # fmt: skip
def _fill(recorder: Recorder, call: Call) -> None:
    if call.name.endswith("_"):
        recorder.forget(call.args[0])
        recorder.wrote(call.args[0], "fill")


@translates("log_sigmoid_forward")
def _first_of_two(recorder: Recorder, call: Call) -> None:
    """Elementwise with a second result for the backward pass."""
    recorder.emit(call.out[0], op.Pointwise(), [recorder.operand(call.args[0])], "log_sigmoid")


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
