"""Rearrangements: the same elements under other indices."""

from __future__ import annotations

from torch import Tensor

from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.operators.arguments import many
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import translates, unknown
from rfa_core.graph import operations as op


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
    """Other strides over the same elements, or overlapping frames of the last dimension (as in
    a short-time Fourier transform); anything else is not understood."""
    source, size, stride = call.args[:3]
    long = [(n, step) for n, step in zip(size, stride, strict=True) if n > 1]
    name = recorder.operand(source)
    if recorder.shape(name) == tuple(size) and (not long or long == [(long[0][0], 1)]):
        recorder.alias(call.out, name)
    elif _are_frames(source, call.out):
        frames = op.Unfold(source.dim() - 1, size[-1], stride[-2], stride[-1])
        recorder.emit(call.out, frames, [name], "frames")
    else:
        unknown(recorder, call)


def _are_frames(source: Tensor, out: Tensor) -> bool:
    lead = source.dim() - 1
    if not source.is_contiguous() or out.dim() != lead + 2 or 0 in out.stride()[lead:]:
        return False
    before = source.shape[:lead], source.stride()[:lead], source.storage_offset()
    return before == (out.shape[:lead], out.stride()[:lead], out.storage_offset())


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


@translates("cat", "concat", "concatenate", "quantized::cat", "quantized::cat_relu")
def _cat(recorder: Recorder, call: Call) -> None:
    dim = call.arg(1, "dim", 0) % call.out.dim()
    parts = [tensor for tensor in call.args[0] if tensor.shape != (0,)] or call.args[0][:1]
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
    source, shifts = call.args[0], many(call.args[1], 1)
    name, shape = recorder.operand(source), tuple(source.shape)
    dims = tuple(dim % source.dim() for dim in call.arg(2, "dims") or ())
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


@translates("rot90")
def _rotate(recorder: Recorder, call: Call) -> None:
    """Quarter turns: a flip and a transposition, or two flips."""
    source, turns = call.args[0], call.arg(1, "k", 1) % 4
    first, second = (dim % source.dim() for dim in call.arg(2, "dims", (0, 1)))
    name, shape = recorder.operand(source), list(source.shape)
    for dim in {0: (), 1: (second,), 2: (first, second), 3: (first,)}[turns]:
        name = recorder.step(op.Slice(dim, shape[dim] - 1, -1), [name], shape, "rot90")
    if turns % 2:
        order = list(range(source.dim()))
        order[first], order[second] = second, first
        name = recorder.step(op.Permute(tuple(order)), [name], call.out.shape, "rot90")
    recorder.alias(call.out, name)


@translates("slice_scatter", "select_scatter")
def _scatter_box(recorder: Recorder, call: Call) -> None:
    """A copy of the first tensor with a slice of it replaced by the second."""
    source, value = call.args[:2]
    rank = source.dim()
    place = call.arg(2, "dim", 0) % rank
    start, size = call.arg(3, "start", 0) or 0, source.shape[place]
    starts, steps = [0] * rank, [1] * rank
    starts[place] = min(max(start + size if start < 0 else start, 0), size)
    name = recorder.operand(value)
    if call.name == "select_scatter":
        shape = (*value.shape[:place], 1, *value.shape[place:])
        name = recorder.step(op.Reshape(), [name], shape, "scatter")
    else:
        steps[place] = call.arg(5, "step", 1)
    operation = op.Overwrite(tuple(starts), tuple(steps))
    recorder.emit(call.out, operation, [recorder.operand(source), name], "scatter")


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
