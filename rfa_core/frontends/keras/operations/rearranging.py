"""Rearrangements: reshape, transpose, join, split, repeat, flip, roll, pad."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from rfa_core.frontends.keras.calls import Call, many
from rfa_core.frontends.keras.registry import operation
from rfa_core.frontends.keras.windows import map_of
from rfa_core.frontends.phrases import (
    concatenated,
    expanded,
    padded,
    reshaped,
    sliced,
    transposed,
)
from rfa_core.graph import operations as op

_PAD_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


@operation("Reshape", "Ravel", "ExpandDims", "Squeeze")
def _reshape(call: Call) -> str:
    return reshaped(call.draft, call.source(), call.shape, call.kind)


@operation("Transpose")
def _transpose(call: Call) -> str:
    axes = call.get("axes")
    rank = len(call.shape)
    return transposed(call.draft, call.source(), axes or range(rank - 1, -1, -1))


@operation("Swapaxes")
def _swapaxes(call: Call) -> str:
    order = list(range(len(call.shape)))
    first, second = call.get("axis1"), call.get("axis2")
    order[first], order[second] = order[second], order[first]
    return transposed(call.draft, call.source(), order)


@operation("Moveaxis")
def _moveaxis(call: Call) -> str:
    rank = len(call.shape)
    places = [
        [dim % rank for dim in ([one] if isinstance(one, int) else one)]
        for one in (call.get("source"), call.get("destination"))
    ]
    order = [dim for dim in range(rank) if dim not in places[0]]
    for target, dim in sorted(zip(places[1], places[0], strict=True)):
        order.insert(target, dim)
    return transposed(call.draft, call.source(), order)


@operation("BroadcastTo")
def _broadcast_to(call: Call) -> str:
    return expanded(call.draft, call.source(), call.shape)


@operation("Concatenate")
def _concatenate(call: Call) -> str:
    tensors = call.first()
    if call.get("axis") is None:
        return _joined(call, [_flat(call, one) for one in tensors], 0)
    return _joined(call, [call.recorder.operand(one) for one in tensors], call.get("axis"))


@operation("Append")
def _append(call: Call) -> str:
    tensors = [call.values["x1"], call.values["x2"]]
    if call.get("axis") is None:
        return _joined(call, [_flat(call, one) for one in tensors], 0)
    return _joined(call, [call.recorder.operand(one) for one in tensors], call.get("axis"))


@operation("Stack")
def _stack(call: Call) -> str:
    own = call.get("axis") % len(call.shape)
    names = []
    for one in call.first():
        shape = list(one.shape)
        shape.insert(own, 1)
        names.append(reshaped(call.draft, call.recorder.operand(one), shape, "stack"))
    return _joined(call, names, own)


@operation("Hstack", "Vstack", "Dstack")
def _stacked(call: Call) -> str:
    """Along columns, rows or depth, as numpy does; vectors become what that takes."""
    least = {"Hstack": 1, "Vstack": 2, "Dstack": 3}[type(call.operation).__name__]
    names = []
    for one in call.first():
        shape = tuple(one.shape) or (1,)
        if least > 1 and len(shape) == 1:
            shape = (1, *shape)
        shape = shape + (1,) * max(least - len(shape), 0)
        names.append(reshaped(call.draft, call.recorder.operand(one), shape, "stack"))
    rank = len(call.shape)
    dim = {1: 0 if rank == 1 else 1, 2: 0, 3: 2}[least]
    return _joined(call, names, dim)


@operation("Split", "ArraySplit", "Hsplit", "Vsplit", "Dsplit")
def _split(call: Call) -> Sequence[str]:
    kind = type(call.operation).__name__
    name = call.source()
    rank = len(call.draft.shape(name))
    fixed = {"Hsplit": 0 if rank == 1 else 1, "Vsplit": 0, "Dsplit": 2}
    axis = fixed.get(kind, call.get("axis", 0)) % rank
    ends = list(accumulate((one.shape[axis] for one in call.outs), initial=0))
    return [
        sliced(call.draft, name, {axis: range(start, end)}, "split")
        for start, end in pairwise(ends)
    ]


@operation("Unstack")
def _unstack(call: Call) -> Sequence[str]:
    name = call.source()
    axis = call.get("axis") % len(call.draft.shape(name))
    return [
        call.draft.add(op.Select(axis, index), [name], one.shape, "unstack")
        for index, one in enumerate(call.outs)
    ]


@operation("Flip")
def _flip(call: Call) -> str:
    axis = call.get("axis")
    dims = range(len(call.shape)) if axis is None else many(axis, 1)
    return _flipped(call, call.source(), dims)


@operation("Fliplr", "Flipud")
def _flip_side(call: Call) -> str:
    return _flipped(call, call.source(), [type(call.operation).__name__ == "Fliplr"])


@operation("Rot90")
def _rot90(call: Call) -> str:
    """A quarter turn from the first of two dimensions to the second."""
    first, second = call.get("axes")
    name, turns = call.source(), call.get("k") % 4
    order = list(range(len(call.shape)))
    order[first], order[second] = order[second], order[first]
    if turns == 2:
        return _flipped(call, name, [first, second])
    if turns == 1:
        return transposed(call.draft, _flipped(call, name, [second]), order)
    if turns == 3:
        return _flipped(call, transposed(call.draft, name, order), [second])
    return name


@operation("Roll")
def _roll(call: Call) -> str:
    shift, axis = call.get("shift"), call.get("axis")
    name, shape = call.source(), call.shape
    if axis is None:
        flat = _flat(call, call.first())
        total = call.draft.shape(flat)
        rolled = call.draft.add(op.Roll((0,), (int(shift),)), [flat], total, "roll")
        return reshaped(call.draft, rolled, shape)
    dims = tuple(dim % len(shape) for dim in many(axis, 1))
    return call.draft.add(op.Roll(dims, many(shift, len(dims))), [name], shape, "roll")


@operation("Repeat")
def _repeat(call: Call) -> str:
    """Each index of a dimension so many times, which is up-sampling to the nearest."""
    axis, repeats, name = call.get("axis"), call.get("repeats"), call.source()
    if axis is None:
        name, axis = _flat(call, call.first()), 0
    size = call.draft.shape(name)[axis]
    dim = axis % len(call.shape)
    counts = [int(one) for one in repeats] if hasattr(repeats, "__len__") else [int(repeats)]
    if len(counts) == 1:
        mode = op.Resample((dim,), "nearest", scale=(float(counts[0]),))
        return call.draft.add(mode, [name], call.shape, "repeat")
    indices = [
        index for index, count in zip(range(size), counts, strict=True) for _ in range(count)
    ]
    return call.draft.add(op.Gather(dim, tuple(indices)), [name], call.shape, "repeat")


@operation("Tile")
def _tile(call: Call) -> str:
    repeats = call.get("repeats")
    times = many(repeats, 1)
    rank = len(call.shape)
    full = (1,) * (rank - len(times)) + times
    return call.draft.add(op.Repeat(full), [call.source()], call.shape, "tile")


@operation("Pad")
def _pad(call: Call) -> str:
    """Symmetric padding repeats the edge itself: one more position than a reflection has."""
    width, rank = call.get("pad_width"), len(call.shape)
    pairs = [(width, width)] * rank if isinstance(width, int) else [many(one, 2) for one in width]
    pairs = pairs * rank if len(pairs) == 1 else pairs
    name, mode = call.source(), call.get("mode")
    if mode == "symmetric":
        return _symmetric(call, name, pairs)
    before, after = [low for low, _ in pairs], [high for _, high in pairs]
    if mode not in _PAD_MODES:
        return call.draft.add(
            op.Unknown(f"padding by {mode} is not known"), [name], call.shape, "pad"
        )
    return padded(call.draft, name, before, after, _PAD_MODES[mode])


@operation("DepthToSpace")
def _depth_to_space(call: Call) -> str:
    """Channels split into a square of positions, and what is left of them."""
    block, name = call.get("block_size"), call.source()
    shape = call.draft.shape(name)
    last = call.get("data_format") != "channels_first"
    batch, *_ = shape
    layout = map_of(4, call.get("data_format"))
    height, width = layout.sizes(shape)
    depth = shape[layout.channel] // block**2
    if last:
        split: tuple[int, ...] = (batch, height, width, block, block, depth)
        order = (0, 1, 3, 2, 4, 5)
    else:
        split = (batch, block, block, depth, height, width)
        order = (0, 3, 4, 1, 5, 2)
    made = reshaped(call.draft, name, split, "depth_to_space")
    return reshaped(call.draft, transposed(call.draft, made, order), call.shape, "depth_to_space")


@operation("SpaceToDepth")
def _space_to_depth(call: Call) -> str:
    """Squares of positions become channels, in front of those that there were."""
    block, name = call.get("block_size"), call.source()
    shape = call.draft.shape(name)
    layout = map_of(4, call.get("data_format"))
    height, width = (size // block for size in layout.sizes(shape))
    batch, depth = shape[0], shape[layout.channel]
    if call.get("data_format") != "channels_first":
        split: tuple[int, ...] = (batch, height, block, width, block, depth)
        order = (0, 1, 3, 2, 4, 5)
    else:
        split = (batch, depth, height, block, width, block)
        order = (0, 3, 5, 1, 2, 4)
    made = reshaped(call.draft, name, split, "space_to_depth")
    return reshaped(call.draft, transposed(call.draft, made, order), call.shape, "space_to_depth")


def _joined(call: Call, names: Sequence[str], dim: int) -> str:
    return concatenated(call.draft, names, dim, call.kind)


def _flat(call: Call, tensor: Any) -> str:
    name = call.recorder.operand(tensor)
    total = 1
    for size in call.draft.shape(name):
        total *= size
    return reshaped(call.draft, name, (total,))


def _flipped(call: Call, name: str, dims: Sequence[int]) -> str:
    shape = call.draft.shape(name)
    ranges = {int(dim): range(shape[dim] - 1, -1, -1) for dim in dims}
    return sliced(call.draft, name, ranges, "flip")


def _symmetric(call: Call, name: str, pairs: Sequence[tuple[int, ...]]) -> str:
    for dim, (low, high) in enumerate(pairs):
        if low or high:
            shape = list(call.draft.shape(name))
            size = shape[dim]
            mirrored = [
                *range(low - 1, -1, -1),
                *range(size),
                *range(size - 1, size - 1 - high, -1),
            ]
            shape[dim] = len(mirrored)
            name = call.draft.add(op.Gather(dim, tuple(mirrored)), [name], shape, "pad")
    return name
