"""Slices, splits and lookups whose places are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rfa_core.frontends.phrases import expanded, sliced
from rfa_core.frontends.tensorflow.folding import index_of, shape_of
from rfa_core.frontends.tensorflow.operators.layouts import attribute
from rfa_core.frontends.tensorflow.operators.rearranging import gathered
from rfa_core.frontends.tensorflow.reading import Reading, sampled
from rfa_core.frontends.tensorflow.registry import translates
from rfa_core.graph import operations as op

_COMPUTED = "computed indices say what is read"


@translates("StridedSlice")
def _strided_slice(reading: Reading, operation: Any) -> None:
    source = operation.inputs[0]
    values = [reading.value(tensor) for tensor in operation.inputs[1:]]
    known = [value for value in values if value is not None]
    if len(known) < 3 or not reading.is_live(source):
        sampled(reading, operation, _COMPUTED)
        return
    shape = shape_of(source) or ()
    name = sliced(reading.draft, reading.operand(source), ranges_of(operation, known, shape))
    reading.bind(operation.outputs[0], reading.reshaped(name, shape_of(operation.outputs[0]) or ()))


def ranges_of(operation: Any, values: Sequence[Any], shape: Sequence[int]) -> dict[int, range]:
    """The indices that a StridedSlice reads, by dimension."""
    index = index_of(operation, *values)
    taken = sum(part is not None and part is not Ellipsis for part in index)
    ranges: dict[int, range] = {}
    dim = 0
    for part in index:
        if part is Ellipsis:
            dim += len(shape) - taken
        elif isinstance(part, slice):
            ranges[dim] = range(*part.indices(shape[dim]))
            dim += 1
        elif part is not None:
            at = part % shape[dim]
            ranges[dim] = range(at, at + 1)
            dim += 1
    return ranges


@translates("Slice")
def _slice(reading: Reading, operation: Any) -> None:
    source, begin, _ = operation.inputs
    starts, sizes = reading.value(begin), shape_of(operation.outputs[0]) or ()
    if starts is None or not reading.is_live(source):
        sampled(reading, operation, _COMPUTED)
        return
    ranges = {
        dim: range(int(start), int(start) + size)
        for dim, (start, size) in enumerate(zip(starts, sizes, strict=True))
    }
    reading.bind(operation.outputs[0], sliced(reading.draft, reading.operand(source), ranges))


@translates("Split", "SplitV")
def _split(reading: Reading, operation: Any) -> None:
    even = operation.type == "Split"
    source, axis = operation.inputs[int(even)], operation.inputs[0 if even else 2]
    dim = int(reading.known(axis, op.Sample(_COMPUTED))) % len(shape_of(source) or ())
    name, at = reading.operand(source), 0
    for out in operation.outputs:
        size = (shape_of(out) or ())[dim]
        reading.bind(out, sliced(reading.draft, name, {dim: range(at, at + size)}, "split"))
        at += size


@translates("Unpack")
def _unpack(reading: Reading, operation: Any) -> None:
    source = operation.inputs[0]
    name = reading.operand(source)
    dim = attribute(operation, "axis") % len(shape_of(source) or ())
    for at, out in enumerate(operation.outputs):
        one = sliced(reading.draft, name, {dim: range(at, at + 1)}, "unstack")
        reading.bind(out, reading.reshaped(one, shape_of(out) or ()))


@translates("ReverseV2")
def _reverse(reading: Reading, operation: Any) -> None:
    source, axes = operation.inputs
    value, shape = reading.known(axes, op.Sample(_COMPUTED)), shape_of(source) or ()
    dims = [int(dim) % len(shape) for dim in np.atleast_1d(value)]
    ranges = {dim: range(shape[dim] - 1, -1, -1) for dim in dims}
    name = sliced(reading.draft, reading.operand(source), ranges, "flip")
    reading.bind(operation.outputs[0], name)


@translates("GatherV2")
def _gather(reading: Reading, operation: Any) -> None:
    source, indices, axis = operation.inputs
    places, along = reading.value(indices), reading.value(axis)
    if not reading.is_live(source):
        _looked_up(reading, operation, indices, 0 if along is None else int(along))
    elif places is None or along is None or attribute(operation, "batch_dims"):
        sampled(reading, operation, _COMPUTED)
    else:
        dim = int(along) % len(shape_of(source) or ())
        flat = [int(place) for place in places.reshape(-1)]
        name = gathered(reading, reading.operand(source), dim, flat, "gather")
        out = operation.outputs[0]
        reading.bind(out, reading.reshaped(name, shape_of(out) or ()))


@translates("ResourceGather")
def _resource_gather(reading: Reading, operation: Any) -> None:
    _looked_up(reading, operation, operation.inputs[1], 0)


@translates("OneHot")
def _one_hot(reading: Reading, operation: Any) -> None:
    axis = attribute(operation, "axis")
    rank = operation.outputs[0].shape.rank
    _looked_up(reading, operation, operation.inputs[0], axis % rank, width=1)


def _looked_up(
    reading: Reading, operation: Any, indices: Any, dim: int, width: int | None = None
) -> None:
    """A table read at computed places: the result has the footprint of the place."""
    out = operation.outputs[0]
    shape, places = shape_of(out) or (), shape_of(indices) or ()
    if not reading.is_live(indices):
        sampled(reading, operation, _COMPUTED)
        return
    rest = len(shape) - len(places) - dim if width is None else 0
    before = [1] * dim if width is None else list(places[:dim])
    middle = places if width is None else (1, *places[dim:])
    name = reading.reshaped(reading.operand(indices), [*before, *middle, *[1] * rest])
    reading.bind(out, expanded(reading.draft, name, shape, "embedding"))
