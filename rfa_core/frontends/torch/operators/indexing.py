"""Indexing with tensors: gathers where the indices are constants, else sampling."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import torch
from torch import Tensor

from rfa_core.frontends.torch.calls import Call
from rfa_core.frontends.torch.operators.arguments import sampled
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import translates
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

Places = dict[int, Tensor]

_MASKS = (torch.bool, torch.uint8)
_COMPUTED = "indices are computed, their values are not known before the model runs"


@translates("index", "index_select", "_unsafe_index")
def _index(recorder: Recorder, call: Call) -> None:
    source = call.args[0]
    if call.name == "index_select":
        places: Places = {call.args[1] % source.dim(): call.args[2]}
    else:
        places = _places(call.args[1])
    _read(recorder, call.out, source, places)


@translates("embedding")
def _embedding(recorder: Recorder, call: Call) -> None:
    """A constant table is looked up element by element; a computed one is indexed.

    Only whole numbers are places of it, which PyTorch 2.3 does not ask of the meta device.
    """
    table, indices = call.args[:2]
    if indices.is_floating_point():
        raise RuntimeError(f"embedding: expected indices of whole numbers, found {indices.dtype}")
    if recorder.is_live(table):
        _read(recorder, call.out, table, {0: indices})
        return
    name, shape = recorder.operand(indices), (*indices.shape, 1)
    name = recorder.step(op.Reshape(), [name], shape, "embedding")
    recorder.emit(call.out, op.Expand(), [name], "embedding")


@translates("gather")
def _gather_along(recorder: Recorder, call: Call) -> None:
    """Constant indices that vary along their own dimension alone read whole slices."""
    source, dim, index = call.args[:3]
    dim %= source.dim()
    known = _known(recorder, {dim: index}) if recorder.is_live(source) else None
    others = [place for place in range(index.dim()) if place != dim]
    whole = all(index.shape[place] == source.shape[place] for place in others)
    if known is None or not whole or not index.numel():
        sampled(recorder, call, _COMPUTED)
        return
    low, high = (index.amin(others), index.amax(others)) if others else (index, index)
    if torch.equal(low, high):
        _gather(recorder, call.out, source, {dim: low})
    else:
        sampled(recorder, call, "gather reads other places in every row")


@translates("index_put", "_unsafe_index_put", "_index_put_impl")
def _index_put(recorder: Recorder, call: Call) -> None:
    """A mask that chooses between two values is elementwise; a grid of places is a box."""
    source, indices, value = call.args[:3]
    places = _places(indices)
    accumulate = call.arg(3, "accumulate", False)
    if value.numel() == 1 and len(places) == 1 and next(iter(places.values())).dtype == torch.bool:
        _mask(recorder, call, source, *next(iter(places.items())))
        return
    _write(recorder, call, places, value, accumulate)


@translates("index_fill", "index_copy", "index_add")
def _index_fill(recorder: Recorder, call: Call) -> None:
    source, dim, index, value = call.args[:4]
    places = {dim % source.dim(): index}
    _write(recorder, call, places, value, call.name == "index_add")


def _write(recorder: Recorder, call: Call, places: Places, value: object, accumulate: bool) -> None:
    """A box with other values, if the places are constants with even gaps."""
    source = call.args[0]
    steps = None if accumulate else _steps(_known(recorder, places), source.dim())
    if steps is None:
        live = [item for item in (source, *places.values(), value) if recorder.is_live(item)]
        names = [recorder.operand(tensor) for tensor in live if isinstance(tensor, Tensor)]
        recorder.emit(call.out, op.Sample("values are written to computed places"), names, "index")
        return
    starts, gaps, sizes = steps
    shape = tuple(sizes.get(dim, size) for dim, size in enumerate(source.shape))
    if isinstance(value, Tensor):
        written = recorder.step(op.Expand(), [recorder.operand(value)], shape, "index")
    else:
        written = recorder.step(op.Constant(), [], shape, "constant")
    operation = op.Overwrite(tuple(starts), tuple(gaps))
    recorder.emit(call.out, operation, [recorder.operand(source), written], "index")


def _read(recorder: Recorder, out: Tensor, source: Tensor, places: Places) -> None:
    known = _known(recorder, places) if recorder.is_live(source) else None
    if known is not None:
        _gather(recorder, out, source, known)
        return
    live = [tensor for tensor in (source, *places.values()) if recorder.is_live(tensor)]
    names = [recorder.operand(tensor) for tensor in live]
    recorder.emit(out, op.Sample(_COMPUTED), names, "index")


def _places(indices: Sequence[Tensor | None]) -> Places:
    """By the dimension that they begin at; a mask stands for as many as it has."""
    places: Places = {}
    dim = 0
    for index in indices:
        if index is not None:
            places[dim] = index
        dim += index.dim() if index is not None and index.dtype in _MASKS else 1
    return places


def _known(recorder: Recorder, places: Places) -> Places | None:
    """The indices as integers, if they are constants.

    Constants without values make the recorder ask for a pass with values.
    """
    if any(map(recorder.is_live, places.values())):
        return None
    if any(index.is_meta for index in places.values()):
        recorder.lacks_values = True
        return None
    known: Places = {}
    for dim, index in places.items():
        parts = index.nonzero().unbind(1) if index.dtype in _MASKS else (index,)
        known.update({dim + offset: part for offset, part in enumerate(parts)})
    return known


def _gather(recorder: Recorder, out: Tensor, source: Tensor, places: Places) -> None:
    """One gather along the indexed dimensions, joined to one if they are several; those that are
    not neighbours come first in the result."""
    dims = sorted(places)
    count, first = len(dims), dims[0]
    name, shape = recorder.operand(source), tuple(source.shape)
    if dims[-1] - first != count - 1:
        order = (*dims, *(dim for dim in range(source.dim()) if dim not in places))
        first, shape = 0, tuple(shape[dim] for dim in order)
        name = recorder.step(op.Permute(order), [name], shape, "index")
    lead, tail = shape[:first], shape[first + count :]
    flat = torch.zeros((), dtype=torch.int64)
    for dim in dims:
        flat = flat * source.shape[dim] + places[dim] % source.shape[dim]
    values = tuple(flat.reshape(-1).tolist())
    if count > 1:
        joined = prod(shape[first : first + count])
        name = recorder.step(op.Reshape(), [name], (*lead, joined, *tail), "index")
    name = recorder.step(_along(first, values), [name], (*lead, len(values), *tail), "index")
    recorder.emit(out, op.Reshape(), [name], "index")


def _along(dim: int, values: tuple[int, ...]) -> op.Operation:
    """A slice, if the places are evenly spaced."""
    gaps = {after - before for before, after in pairwise(values)}
    if len(values) > 1 and len(gaps) == 1 and 0 not in gaps:
        return op.Slice(dim, values[0], gaps.pop())
    return op.Gather(dim, values)


def _steps(places: Places | None, rank: int) -> tuple[list[int], list[int], dict[int, int]] | None:
    """Start, step and count of one evenly spaced index."""
    if places is None or len(places) != 1:
        return None
    dim, index = next(iter(places.items()))
    if index.dim() != 1 or not len(index) or int(index.min()) < 0:
        return None
    operation = _along(dim, tuple(index.tolist()))
    starts, gaps = [0] * rank, [1] * rank
    starts[dim] = int(index[0])
    if isinstance(operation, op.Slice) and operation.step > 0:
        gaps[dim] = operation.step
    elif len(index) > 1:
        return None
    return starts, gaps, {dim: len(index)}


def _mask(recorder: Recorder, call: Call, source: Tensor, dim: int, mask: Tensor) -> None:
    names = [recorder.operand(source)]
    if recorder.is_live(mask):
        rest = source.dim() - dim - mask.dim()
        shape: Shape = (*(1,) * dim, *mask.shape, *(1,) * rest)
        names.append(recorder.step(op.Reshape(), [recorder.operand(mask)], shape, "index"))
    if recorder.is_live(call.args[2]):
        names.append(recorder.operand(call.args[2]))
    recorder.emit(call.out, op.Pointwise(), names, "index")
