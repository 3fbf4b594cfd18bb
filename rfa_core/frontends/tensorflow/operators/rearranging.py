"""Views, permutations, padding: the same elements in other places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rfa_core.frontends.phrases import concatenated, expanded, padded, transposed
from rfa_core.frontends.tensorflow.folding import shape_of
from rfa_core.frontends.tensorflow.operators.batches import Batched, batched
from rfa_core.frontends.tensorflow.operators.layouts import attribute, layout_of, padding_of
from rfa_core.frontends.tensorflow.operators.norms import rearranged
from rfa_core.frontends.tensorflow.reading import Reading, unknown
from rfa_core.frontends.tensorflow.registry import translates
from rfa_core.graph import operations as op


@translates("Reshape", "Squeeze", "ExpandDims")
def _reshape(reading: Reading, operation: Any) -> None:
    source, out = operation.inputs[0], operation.outputs[0]
    if not reading.is_live(source):
        unknown(reading, operation, "the input decides a shape")
    elif not rearranged(reading, operation):
        moved = _moved(reading, operation)
        shape = shape_of(out) or ()
        reading.bind(out, moved or reading.reshaped(reading.operand(source), shape))


def _moved(reading: Reading, operation: Any) -> Batched | None:
    """A dimension of size 1 added to, or taken from, a tensor whose space is in its batch."""
    known = batched(reading, operation.inputs[0])
    if known is None or operation.type == "Reshape":
        return None
    source = known.source
    shape = list(reading.draft.shape(source))
    before, after = (list(pads) or [0] * len(shape) for pads in (known.before, known.after))
    if operation.type == "ExpandDims":
        axis = reading.value(operation.inputs[1])
        place = 0 if axis is None else int(axis.reshape(())) % (len(shape) + 1)
        if place == 0:
            return None
        for sizes, one in ((shape, 1), (before, 0), (after, 0)):
            sizes.insert(place, one)
        blocks = {dim + (dim >= place): block for dim, block in known.blocks.items()}
    else:
        dims = sorted(dim % len(shape) for dim in attribute(operation, "squeeze_dims"))
        if not dims or dims[0] == 0 or set(dims) & set(known.blocks):
            return None
        shape, before, after = (
            [size for dim, size in enumerate(sizes) if dim not in dims]
            for sizes in (shape, before, after)
        )
        blocks = {dim - sum(d < dim for d in dims): b for dim, b in known.blocks.items()}
    name = reading.reshaped(source, shape)
    return Batched(name, blocks, tuple(before), tuple(after), known.cropped)


@translates("Transpose", "ConjugateTranspose")
def _transpose(reading: Reading, operation: Any) -> None:
    source, order = operation.inputs
    computed = op.Unknown("the order of dimensions is computed")
    dims = [int(dim) for dim in reading.known(order, computed)]
    reading.bind(operation.outputs[0], transposed(reading.draft, reading.operand(source), dims))


@translates("ConcatV2", "Concat")
def _concat(reading: Reading, operation: Any) -> None:
    first = operation.type == "Concat"
    parts, axis = (
        (operation.inputs[1:], operation.inputs[0]) if first
        else (operation.inputs[:-1], operation.inputs[-1])
    )  # fmt: skip
    dim = int(reading.known(axis))
    names = [reading.operand(tensor) for tensor in parts]
    reading.bind(operation.outputs[0], concatenated(reading.draft, names, dim))


@translates("Pack")
def _pack(reading: Reading, operation: Any) -> None:
    shape = shape_of(operation.outputs[0]) or ()
    axis = attribute(operation, "axis") % len(shape)
    single = [1 if dim == axis else size for dim, size in enumerate(shape)]
    names = [reading.reshaped(reading.operand(tensor), single) for tensor in operation.inputs]
    reading.bind(operation.outputs[0], concatenated(reading.draft, names, axis, "stack"))


@translates("Tile")
def _tile(reading: Reading, operation: Any) -> None:
    source, multiples = operation.inputs
    times = tuple(int(number) for number in reading.known(multiples))
    name, shape = reading.operand(source), shape_of(operation.outputs[0]) or ()
    if max(times, default=1) > 1:
        name = reading.write(op.Repeat(times), [name], shape, "tile")
    reading.bind(operation.outputs[0], name)


@translates("BroadcastTo")
def _broadcast(reading: Reading, operation: Any) -> None:
    if not reading.is_live(operation.inputs[0]):
        unknown(reading, operation, "the input decides a shape")
        return
    name, shape = reading.operand(operation.inputs[0]), shape_of(operation.outputs[0]) or ()
    reading.bind(operation.outputs[0], expanded(reading.draft, name, shape))


@translates("Pad", "PadV2", "MirrorPad")
def _pad(reading: Reading, operation: Any) -> None:
    paddings = reading.value(operation.inputs[1])
    mode = attribute(operation, "mode", "constant").lower()
    if paddings is None or not reading.is_live(operation.inputs[0]):
        unknown(reading, operation, "padding is computed")
        return
    name = reading.operand(operation.inputs[0])
    before, after = ([int(size) for size in paddings[:, end]] for end in (0, 1))
    if mode == "symmetric":
        reading.bind(operation.outputs[0], _mirrored(reading, name, before, after))
    else:
        made = padded(reading.draft, name, before, after, mode)
        reading.bind(operation.outputs[0], made)


def _mirrored(reading: Reading, name: str, before: Sequence[int], after: Sequence[int]) -> str:
    """Padding that repeats the outermost element, too."""
    for dim, (low, high) in enumerate(zip(before, after, strict=True)):
        size = reading.draft.shape(name)[dim]
        if low or high:
            places = np.pad(np.arange(size), (low, high), "symmetric")
            name = gathered(reading, name, dim, [int(place) for place in places], "pad")
    return name


def gathered(reading: Reading, name: str, dim: int, indices: Sequence[int], kind: str) -> str:
    """The elements of ``indices`` along ``dim``."""
    shape = list(reading.draft.shape(name))
    shape[dim] = len(indices)
    return reading.write(op.Gather(dim, tuple(indices)), [name], shape, kind)


@translates("Roll")
def _roll(reading: Reading, operation: Any) -> None:
    source, shift, axis = operation.inputs
    shifts, dims = reading.known(shift), reading.known(axis)
    shape = shape_of(source) or ()
    moved: dict[int, int] = {}
    for dim, by in zip(np.atleast_1d(dims), np.atleast_1d(shifts), strict=True):
        own = int(dim) % len(shape)
        moved[own] = (moved.get(own, 0) + int(by)) % shape[own]
    roll = op.Roll(tuple(moved), tuple(moved.values()))
    name = reading.write(roll, [reading.operand(source)], shape, "roll")
    reading.bind(operation.outputs[0], name)


@translates("DepthToSpace", "SpaceToDepth")
def _shuffle(reading: Reading, operation: Any) -> None:
    """Channels to positions, block by block, and back; the block stands before the channels."""
    source, out = operation.inputs[0], operation.outputs[0]
    shape, made = shape_of(source) or (), shape_of(out) or ()
    if len(shape) != 4:
        unknown(reading, operation)
        return
    block = attribute(operation, "block_size")
    layout = layout_of(operation, 4)
    order = [0, *layout.spatial, layout.channel]
    back = [order.index(dim) for dim in range(4)]
    name = transposed(reading.draft, reading.operand(source), order)
    n, h, w, c = (shape[dim] for dim in order)
    if operation.type == "DepthToSpace":
        split = [n, h, w, block, block, c // block**2]
        name = transposed(reading.draft, reading.reshaped(name, split), [0, 1, 3, 2, 4, 5])
    else:
        split = [n, h // block, block, w // block, block, c]
        name = transposed(reading.draft, reading.reshaped(name, split), [0, 1, 3, 2, 4, 5])
    name = reading.reshaped(name, [made[dim] for dim in order])
    reading.bind(out, transposed(reading.draft, name, back))


@translates("ExtractImagePatches", "ExtractVolumePatches")
def _patches(reading: Reading, operation: Any) -> None:
    """Sliding windows, laid out as channels: the taps first, then the channels."""
    source, out = operation.inputs[0], operation.outputs[0]
    shape, made = shape_of(source) or (), shape_of(out) or ()
    layout = layout_of(operation, len(shape))
    ones = [1] * len(shape)
    kernel, stride, dilation = (
        layout.of(attribute(operation, name, ones)) for name in ("ksizes", "strides", "rates")
    )
    pads = padding_of(operation, layout, layout.of(shape), kernel, stride, dilation)
    before = [0, *(low for low, _ in pads), 0]
    name = reading.operand(source)
    name = padded(reading.draft, name, before, [0, *(high for _, high in pads), 0])
    for dim, size, step, apart in zip(layout.spatial, kernel, stride, dilation, strict=True):
        window = list(reading.draft.shape(name))
        window[dim] = made[dim]
        unfold = op.Unfold(dim, size, step, apart)
        name = reading.write(unfold, [name], [*window, size], "unfold")
    count = len(kernel)
    order = [*range(count + 1), *range(count + 2, 2 * count + 2), count + 1]
    name = transposed(reading.draft, name, order)
    reading.bind(out, reading.reshaped(name, made))
