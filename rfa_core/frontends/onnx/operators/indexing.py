"""Indexing: gathers where the indices are constants, else sampling."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import Call, RefusedError, Results, translates
from rfa_core.frontends.onnx.values import Array
from rfa_core.frontends.phrases import expanded, reshaped, sliced, transposed
from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

_COMPUTED = "indices are computed, their values are not known before the model runs"
_WRITTEN = "values are written to computed places"


@translates("Gather")
def _gather(draft: Draft, call: Call) -> Results:
    source, out = call.shape_of(0), call.shape
    axis = call.attr("axis", 0) % len(source)
    if not call.is_live(0):
        return _looked_up(draft, call, axis)
    indices = call.value(1)
    if indices is None or indices.data is None:
        return draft.add(op.Sample(_COMPUTED), call.live, out, "index")
    places = _inside(indices.data, source[axis])
    return picked(draft, call.operand(draft, 0), axis, places, out)


def _looked_up(draft: Draft, call: Call, axis: int) -> str:
    """A constant table: each result has the footprint of its index."""
    name, shape, rest = call.operand(draft, 1), call.shape_of(1), call.shape_of(0)
    alone = (*(1,) * axis, *shape, *(1,) * (len(rest) - axis - 1))
    return expanded(draft, reshaped(draft, name, alone, "embedding"), call.shape, "embedding")


def picked(draft: Draft, name: str, axis: int, places: Array, shape: Shape) -> str:
    """``places`` along ``axis``: one, a range, or a list of them; several dimensions of places
    are laid out as ``shape`` says."""
    flat = [int(place) for place in places.reshape(-1)]
    if places.ndim == 0:
        return draft.add(op.Select(axis, flat[0]), [name], shape, "select")
    gaps = {after - before for before, after in pairwise(flat)}
    if flat and (len(flat) == 1 or (len(gaps) == 1 and gaps != {0})):
        step = gaps.pop() if gaps else 1
        chosen = sliced(
            draft, name, {axis: range(flat[0], flat[-1] + (1 if step > 0 else -1), step)}
        )
    else:
        source = draft.shape(name)
        size = (*source[:axis], len(flat), *source[axis + 1 :])
        chosen = draft.add(op.Gather(axis, tuple(flat)), [name], size, "index")
    return reshaped(draft, chosen, shape)


def _inside(places: Array, size: int) -> Array:
    """Indices from 0 on."""
    wrapped: Array = np.where(places < 0, places + size, places)
    if ((wrapped < 0) | (wrapped >= size)).any():
        raise RefusedError(f"an index outside of a dimension of {size}")
    return wrapped


@translates("Compress")
def _compress(draft: Draft, call: Call) -> Results:
    source = call.shape_of(0)
    places = np.flatnonzero(call.data(1))
    axis, name = call.attr("axis"), call.operand(draft, 0)
    if axis is None:
        name, axis = reshaped(draft, name, (int(np.prod(source)),)), 0
    shape = list(draft.shape(name))
    shape[axis] = len(places)
    return picked(draft, name, axis % len(shape), places, tuple(shape))


@translates("GatherElements")
def _gather_elements(draft: Draft, call: Call) -> Results:
    """Constant indices that vary along their own dimension alone read whole slices."""
    source, shape, indices = call.shape_of(0), call.shape_of(1), call.value(1)
    axis = call.attr("axis", 0) % len(source)
    whole = all(shape[dim] == source[dim] for dim in range(len(shape)) if dim != axis)
    if indices is not None and indices.data is not None and whole and indices.data.size:
        rows = np.moveaxis(_inside(indices.data, source[axis]), axis, -1).reshape(-1, shape[axis])
        if (rows == rows[0]).all():
            return picked(draft, call.operand(draft, 0), axis, rows[0], shape)
    if not call.is_live(0):
        return draft.add(op.Pointwise(), call.live, shape, "embedding")
    return draft.add(op.Sample(_COMPUTED), call.live, shape, "index")


@translates("GatherND")
def _gather_nd(draft: Draft, call: Call) -> Results:
    """Constant tuples of places in the first dimensions; anything else is sampling."""
    indices, source = call.value(1), call.shape_of(0)
    known = None if indices is None else indices.data
    if not call.is_live(0) or known is None or call.attr("batch_dims", 0) or not known.size:
        return draft.add(op.Sample(_COMPUTED), call.live, call.shape, "index")
    count = known.shape[-1]
    places = [_inside(known[..., dim], source[dim]) for dim in range(count)]
    if count == 1:
        return picked(draft, call.operand(draft, 0), 0, places[0], call.shape)
    grid = _grid(places)
    if grid is not None:
        return _picked_in_turn(draft, call.operand(draft, 0), places, grid, call.shape)
    joined = np.asarray(np.ravel_multi_index(tuple(places), source[:count]))
    flat = (int(np.prod(source[:count])), *source[count:])
    return picked(draft, reshaped(draft, call.operand(draft, 0), flat), 0, joined, call.shape)


def _grid(places: Sequence[Array]) -> list[tuple[int, ...]] | None:
    """Per indexed dimension the dimensions of its places that it varies along, if no two share
    one: together they then read a box of rows and columns."""
    rank = places[0].ndim
    along = [
        tuple(dim for dim in range(rank) if (one != one.take([0], axis=dim)).any())
        for one in places
    ]
    used = [dim for dims in along for dim in dims]
    return along if len(used) == len(set(used)) else None


def _picked_in_turn(
    draft: Draft, name: str, places: Sequence[Array], along: Sequence[tuple[int, ...]], shape: Shape
) -> str:
    """One gather per dimension, so that each keeps running along its own axes."""
    rank, rest = places[0].ndim, draft.shape(name)[len(places) :]
    free = [dim for dim in range(rank) if all(dim not in dims for dims in along)]
    sizes = places[0].shape
    for dim, (one, kept) in enumerate(zip(places, along, strict=True)):
        alone = one[tuple(slice(None) if each in kept else 0 for each in range(rank))]
        size = (*draft.shape(name)[:dim], alone.size, *draft.shape(name)[dim + 1 :])
        name = picked(draft, name, dim, alone.reshape(-1), size)
    order = [dim for dims in along for dim in dims]
    name = reshaped(draft, name, (*(1 for _ in free), *(sizes[dim] for dim in order), *rest))
    laid = [*free, *order]
    name = transposed(draft, name, [*np.argsort(laid), *range(rank, rank + len(rest))])
    return expanded(draft, name, shape)


@translates("ScatterND")
def _scatter_nd(draft: Draft, call: Call) -> Results:
    """A box with other values, if the places are constants that make one."""
    source, places = call.shape_of(0), call.value(1)
    known = None if places is None else places.data
    box = None if known is None or call.attr("reduction", "none") != "none" else _box(known, source)
    if box is None:
        return draft.add(op.Sample(_WRITTEN), call.live, source, "scatter")
    starts, steps, sizes = box
    written = reshaped(draft, call.operand(draft, 2), sizes)
    operands = [call.operand(draft, 0), written]
    return draft.add(op.Overwrite(starts, steps), operands, source, "scatter")


_Box = tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def _box(places: Array, source: Shape) -> _Box | None:
    """The starts, steps and sizes of the box that index tuples make, in their order."""
    count = places.shape[-1]
    flat = places.reshape(-1, count)
    if not flat.size:
        return None
    columns = [np.unique(_inside(flat[:, dim], source[dim])) for dim in range(count)]
    grid = np.stack(np.meshgrid(*columns, indexing="ij"), axis=-1).reshape(-1, count)
    inside = np.stack([_inside(flat[:, dim], source[dim]) for dim in range(count)], axis=-1)
    gaps = [np.unique(np.diff(column)) for column in columns]
    if grid.shape != inside.shape or (grid != inside).any() or any(len(gap) > 1 for gap in gaps):
        return None
    rest = source[count:]
    starts = (*(int(column[0]) for column in columns), *(0 for _ in rest))
    steps = (*(int(gap[0]) if len(gap) else 1 for gap in gaps), *(1 for _ in rest))
    return starts, steps, (*map(len, columns), *rest)


@translates("Scatter", "ScatterElements")
def _scatter(draft: Draft, call: Call) -> Results:
    """Constant places along one dimension, the same everywhere else, are a box."""
    source, shape, places = call.shape_of(0), call.shape_of(1), call.value(1)
    axis = call.attr("axis", 0) % len(source)
    known = None if places is None else places.data
    if known is not None and known.size and call.attr("reduction", "none") == "none":
        rows = np.moveaxis(_inside(known, source[axis]), axis, -1).reshape(-1, shape[axis])
        gaps = np.unique(np.diff(rows[0]))
        if (rows == rows[0]).all() and (len(gaps) == 0 or (len(gaps) == 1 and gaps[0] > 0)):
            starts = tuple(int(rows[0][0]) if dim == axis else 0 for dim in range(len(source)))
            step = int(gaps[0]) if len(gaps) else 1
            steps = tuple(step if dim == axis else 1 for dim in range(len(source)))
            operands = [call.operand(draft, 0), call.operand(draft, 2)]
            return draft.add(op.Overwrite(starts, steps), operands, source, "scatter")
    return draft.add(op.Sample(_WRITTEN), call.live, source, "scatter")


@translates("ReverseSequence")
def _reversed(draft: Draft, call: Call) -> Results:
    """Turned round whole, if all lengths are known and are that of the sequence."""
    source, lengths = call.shape_of(0), call.value(1)
    time = call.attr("time_axis", 0)
    known = None if lengths is None else lengths.data
    if known is not None and (known == source[time]).all():
        turned = {time: range(source[time] - 1, -1, -1)}
        return sliced(draft, call.operand(draft, 0), turned, "flip")
    return draft.add(op.Sample(_COMPUTED), call.live, source, "flip")
