"""Rearrangements: the same elements under other indices."""

from __future__ import annotations

from math import prod

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import (
    MICROSOFT,
    Call,
    RefusedError,
    Results,
    not_understood,
    translates,
)
from rfa_core.frontends.phrases import (
    concatenated,
    expanded,
    padded,
    reshaped,
    sliced,
    transposed,
)
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape


@translates("Reshape")
def _reshape(draft: Draft, call: Call) -> Results:
    """0 keeps a dimension (unless ``allowzero``), -1 takes what is left."""
    source = call.shape_of(0)
    asked = [int(size) for size in call.numbers(1, "shape")]
    if not call.attr("allowzero", 0):
        asked = [
            source[dim] if size == 0 and dim < len(source) else size
            for dim, size in enumerate(asked)
        ]
    if -1 in asked:
        rest = prod(size for size in asked if size != -1)
        if asked.count(-1) > 1 or rest == 0 or prod(source) % rest:
            raise _does_not_fit(source, asked)
        asked[asked.index(-1)] = prod(source) // rest
    if prod(asked) != prod(source) or any(size < 0 for size in asked):
        raise _does_not_fit(source, asked)
    return reshaped(draft, call.operand(draft, 0), asked)


def _does_not_fit(source: Shape, asked: list[int]) -> RefusedError:
    return RefusedError(
        f"a tensor of {list(source)} ({prod(source)} elements) cannot be reshaped to {asked}, "
        "which the file fixes"
    )


@translates("Flatten")
def _flatten(draft: Draft, call: Call) -> Results:
    source = call.shape_of(0)
    axis = call.attr("axis", 1)
    axis = axis + len(source) if axis < 0 else axis
    shape = prod(source[:axis]), prod(source[axis:])
    return reshaped(draft, call.operand(draft, 0), shape, "flatten")


@translates("Squeeze", "Unsqueeze")
def _squeeze(draft: Draft, call: Call) -> Results:
    source = call.shape_of(0)
    axes = call.numbers(1, "axes")
    kind = call.name.lower()
    if call.name == "Squeeze":
        given = [dim for dim, size in enumerate(source) if size == 1] if axes is None else axes
        gone = {axis % len(source) for axis in given}
        if any(source[dim] != 1 for dim in gone):
            raise RefusedError(f"dimensions {sorted(gone)} of {list(source)} are not all 1")
        kept = [size for dim, size in enumerate(source) if dim not in gone]
        return reshaped(draft, call.operand(draft, 0), kept, kind)
    rank = len(source) + len(axes)
    fresh = {axis % rank for axis in axes}
    left = iter(source)
    shape = [1 if dim in fresh else next(left) for dim in range(rank)]
    return reshaped(draft, call.operand(draft, 0), shape, kind)


@translates("Transpose")
def _transpose(draft: Draft, call: Call) -> Results:
    rank = len(call.shape_of(0))
    order = call.attr("perm") or range(rank - 1, -1, -1)
    return transposed(draft, call.operand(draft, 0), list(order))


@translates("Slice")
def _slice(draft: Draft, call: Call) -> Results:
    source = call.shape_of(0)
    starts, ends = call.numbers(1, "starts"), call.numbers(2, "ends")
    axes = call.numbers(3, "axes") or range(len(starts))
    steps = call.numbers(4) or [1] * len(starts)
    if 0 in steps:
        raise RefusedError("Slice has a step of 0")
    ranges = {
        axis % len(source): range(*slice(start, _end(end, step), step).indices(source[axis]))
        for start, end, axis, step in zip(starts, ends, axes, steps, strict=True)
    }
    return sliced(draft, call.operand(draft, 0), ranges)


def _end(end: int, step: int) -> int | None:
    """Far below 0 means to the very beginning, for a negative step."""
    return None if step < 0 and end <= -(2**31) + 1 else end


@translates("Concat")
def _concat(draft: Draft, call: Call) -> Results:
    shapes = [call.shape_of(place) for place in range(len(call.inputs))]
    axis = call.attr("axis", 1) % len(shapes[0])
    rests = {(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}
    if len(rests) > 1:
        listed = " and ".join(str(list(shape)) for shape in shapes[:4])
        raise RefusedError(f"tensors of {listed} cannot be joined along dimension {axis}")
    names = [call.operand(draft, place) for place in range(len(call.inputs)) if shapes[place][axis]]
    return names[0] if len(names) == 1 else concatenated(draft, names, axis)


@translates("QLinearConcat", domain=MICROSOFT)
def _concat_quantised(draft: Draft, call: Call) -> Results:
    """A scale and a zero point of the result, then a tensor, scale and zero point each."""
    places = range(2, len(call.inputs), 3)
    names = [call.operand(draft, place) for place in places]
    return concatenated(draft, names, call.attr("axis", 1))


@translates("Split")
def _split(draft: Draft, call: Call) -> Results:
    source = call.shape_of(0)
    axis = call.attr("axis", 0) % len(source)
    count = call.attr("num_outputs", len(call.shapes))
    each = -(-source[axis] // max(count, 1))
    sizes = call.numbers(1, "split") or [
        max(min(each, source[axis] - each * part), 0) for part in range(count)
    ]
    if sum(sizes) != source[axis] or len(sizes) != len(call.shapes):
        raise RefusedError(f"dimension {axis} of {list(source)} cannot be split into {sizes}")
    name = call.operand(draft, 0)
    starts = [sum(sizes[:part]) for part in range(len(sizes))]
    return [
        sliced(draft, name, {axis: range(start, start + size)}, "split")
        for start, size in zip(starts, sizes, strict=True)
    ]


_PAD_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}


@translates("Pad")
def _pad(draft: Draft, call: Call) -> Results:
    rank = len(call.shape_of(0))
    pads = call.numbers(1, "pads") if call.opset > 1 else call.attr("paddings")
    axes = [axis % rank for axis in call.numbers(3) or range(rank)]
    if len(pads) != 2 * len(axes):
        raise RefusedError(f"Pad has {len(pads)} numbers for {len(axes)} dimensions")
    before, after = [0] * rank, [0] * rank
    for place, axis in enumerate(axes):
        before[axis], after[axis] = int(pads[place]), int(pads[place + len(axes)])
    mode = _PAD_MODES.get(call.attr("mode", "constant"))
    if mode is None:
        return not_understood(draft, call)
    sizes = zip(before, call.shape_of(0), after, strict=True)
    if any(not 0 < low + size + high < 2**24 for low, size, high in sizes):
        raise RefusedError(f"Pad cannot put {pads} around {list(call.shape_of(0))}")
    return padded(draft, call.operand(draft, 0), before, after, mode)


@translates("CenterCropPad")
def _centred(draft: Draft, call: Call) -> Results:
    """Odd rests go behind what is cut off or added."""
    source = call.shape_of(0)
    axes = [axis % len(source) for axis in call.attr("axes") or range(len(source))]
    before, after = [0] * len(source), [0] * len(source)
    for axis, size in zip(axes, call.numbers(1), strict=True):
        more = int(size) - source[axis]
        before[axis] = more // 2 if more > 0 else -(-more // 2)
        after[axis] = more - before[axis]
    return padded(draft, call.operand(draft, 0), before, after)


@translates("Expand")
def _expand(draft: Draft, call: Call) -> Results:
    return expanded(draft, call.operand(draft, 0), call.shape)


@translates("Tile")
def _tile(draft: Draft, call: Call) -> Results:
    source = call.shape_of(0)
    times = call.numbers(1)
    if call.opset < 6:
        axis = call.numbers(2)[0]
        times = [times[0] if dim == axis else 1 for dim in range(len(source))]
    if len(times) != len(source) or not all(0 < time < 2**24 for time in times):
        raise RefusedError(f"Tile has repeats {times} for a tensor of {list(source)}")
    if all(time == 1 for time in times):
        return call.operand(draft, 0)
    out = [size * time for size, time in zip(source, times, strict=True)]
    return draft.add(op.Repeat(tuple(times)), [call.operand(draft, 0)], out, "tile")


@translates("DepthToSpace")
def _depth_to_space(draft: Draft, call: Call) -> Results:
    n, c, h, w = call.shape_of(0)
    block = call.attr("blocksize")
    if c % (block * block):
        raise RefusedError(f"{c} channels do not make blocks of {block}x{block}")
    depth = c // (block * block)
    first = call.attr("mode", "DCR") == "DCR"
    split = (n, block, block, depth, h, w) if first else (n, depth, block, block, h, w)
    order = (0, 3, 4, 1, 5, 2) if first else (0, 1, 4, 2, 5, 3)
    name = reshaped(draft, call.operand(draft, 0), split, "pixel_shuffle")
    name = transposed(draft, name, order, "pixel_shuffle")
    return reshaped(draft, name, (n, depth, h * block, w * block), "pixel_shuffle")


@translates("SpaceToDepth")
def _space_to_depth(draft: Draft, call: Call) -> Results:
    n, c, h, w = call.shape_of(0)
    block = call.attr("blocksize")
    if h % block or w % block:
        raise RefusedError(f"a map of {h}x{w} does not make blocks of {block}x{block}")
    split = (n, c, h // block, block, w // block, block)
    order = (0, 3, 5, 1, 2, 4) if call.attr("mode", "DCR") == "DCR" else (0, 1, 3, 5, 2, 4)
    name = reshaped(draft, call.operand(draft, 0), split, "pixel_unshuffle")
    name = transposed(draft, name, order, "pixel_unshuffle")
    shape = (n, c * block * block, h // block, w // block)
    return reshaped(draft, name, shape, "pixel_unshuffle")


@translates("Col2Im")
def _col2im(draft: Draft, call: Call) -> Results:
    """The taps moved behind the positions, one overlapping sum per dimension, the padding cut."""
    size, block = call.numbers(1), call.numbers(2)
    count = len(size)
    stride = tuple(call.attr("strides") or (1,) * count)
    dilation = tuple(call.attr("dilations") or (1,) * count)
    pads = tuple(call.attr("pads") or (0,) * (2 * count))
    whole = [size[k] + pads[k] + pads[k + count] for k in range(count)]
    counts = [(whole[k] - (block[k] - 1) * dilation[k] - 1) // stride[k] + 1 for k in range(count)]
    n, taps, length = call.shape_of(0)
    if min(counts) < 1 or prod(counts) != length or taps % prod(block):
        raise RefusedError(f"{length} windows of {block} do not make {size}")
    channels = taps // prod(block)
    name = reshaped(draft, call.operand(draft, 0), (n, channels, *block, *counts), "fold")
    order = (0, 1, *range(2 + count, 2 + 2 * count), *range(2, 2 + count))
    name = transposed(draft, name, order, "fold")
    for k in reversed(range(count)):
        folded = op.Fold(2 + k, 2 + count + k, stride[k], dilation[k])
        shape = (n, channels, *counts[:k], *whole[k:], *block[:k])
        name = draft.add(folded, [name], shape, "fold")
    cut = tuple(-pad for pad in pads)
    return padded(draft, name, (0, 0, *cut[:count]), (0, 0, *cut[count:]), kind="fold")
