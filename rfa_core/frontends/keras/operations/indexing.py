"""Reading and writing by index."""

from __future__ import annotations

from typing import Any

import numpy as np

from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.operations.elementwise import elementwise
from rfa_core.frontends.keras.registry import operation
from rfa_core.frontends.phrases import expanded, reshaped, sliced
from rfa_core.graph import operations as op


@operation("GetItem")
def _getitem(call: Call) -> str:
    """Slices and numbers one after the other; constant arrays of indices on one dimension."""
    name = call.node("x")
    key = call.values["key"]
    keys = _spelled(list(key) if isinstance(key, tuple) else [key], len(call.draft.shape(name)))
    if keys is None:
        reason = "an index is computed from the input"
        return call.draft.add(op.Sample(reason), list(call.operands()), call.shape, "getitem")
    dim = 0
    for one in keys:
        if one is None:
            continue
        size = call.draft.shape(name)[dim]
        if isinstance(one, slice):
            name = sliced(call.draft, name, {dim: range(*one.indices(size))}, "getitem")
            dim += 1
        elif isinstance(one, int):
            name = _selected(call, name, dim, one % size)
        else:
            name = _gathered(call, name, dim, [index % size for index in one])
            dim += 1
    return reshaped(call.draft, name, call.shape, "getitem")


@operation("Take")
def _take(call: Call) -> str:
    """Constant indices are known; a constant table looked up at computed places is elementwise."""
    if call.is_live("indices"):
        if not call.is_live("x"):
            return _looked_up(call)
        return _sampled(call, "take reads computed indices")
    indices = np.asarray(call.values["indices"])
    name = call.node("x")
    axis = call.get("axis")
    if axis is None:
        total = int(np.prod(call.draft.shape(name)))
        name, axis = reshaped(call.draft, name, (total,)), 0
    dim = axis % len(call.draft.shape(name))
    size = call.draft.shape(name)[dim]
    name = _gathered(call, name, dim, [int(index) % size for index in indices.reshape(-1)])
    return reshaped(call.draft, name, call.shape, "take")


@operation("TakeAlongAxis")
def _take_along_axis(call: Call) -> str:
    return _sampled(call, "take_along_axis reads computed indices")


@operation("OneHot", "MultiHot")
def _one_hot(call: Call) -> str:
    """Every class sees the number it is compared with."""
    name, out = call.source(), call.shape
    shape = call.draft.shape(name)
    if len(out) != len(shape) + 1:
        return _sampled(call, "a multi-hot encoding counts computed values")
    dim = call.get("axis") % len(out)
    wide = reshaped(call.draft, name, (*shape[:dim], 1, *shape[dim:]))
    return expanded(call.draft, wide, out, "one_hot")


@operation("Slice")
def _slice(call: Call) -> str:
    starts = call.values["start_indices"]
    if call.is_live("start_indices") or any(map(call.recorder.is_live, _each(starts))):
        return _sampled(call, "a slice starts where data decide")
    begins = [int(start) for start in np.asarray(starts)]
    boxes = zip(begins, call.shape, strict=True)
    ranges = {dim: range(start, start + size) for dim, (start, size) in enumerate(boxes)}
    return sliced(call.draft, call.node("inputs"), ranges)


@operation("SliceUpdate")
def _slice_update(call: Call) -> str:
    starts = call.values["start_indices"]
    if call.is_live("start_indices") or any(map(call.recorder.is_live, _each(starts))):
        return _sampled(call, "a slice is written where data decide")
    begins = tuple(int(start) for start in np.asarray(starts))
    names = [call.node("inputs"), call.node("updates")]
    return call.draft.add(op.Overwrite(begins, (1,) * len(begins)), names, call.shape, "update")


@operation("Diagonal", "Diag", "Trace", "Diagflat")
def _diagonal(call: Call) -> str:
    """Positions of two dimensions are mixed: all of them count as seen."""
    return call.draft.add(op.Everything(), [call.source()], call.shape, call.kind)


@operation("Diff")
def _diff(call: Call) -> str:
    """Each result reads two neighbours, ``n`` times."""
    name = call.source()
    dim = call.get("axis") % len(call.shape)
    for _ in range(call.get("n")):
        size = call.draft.shape(name)[dim]
        ends = [sliced(call.draft, name, {dim: range(low, size - 1 + low)}) for low in (0, 1)]
        name = call.draft.add(op.Pointwise(), ends, call.draft.shape(ends[0]), "diff")
    return name


@operation("Digitize", "SearchSorted", "IsIn")
def _compared(call: Call) -> str:
    """Elementwise, as long as the values to compare with are constants."""
    names = list(call.operands())
    if len(names) == 1 and call.draft.shape(names[0]) == call.shape:
        return elementwise(call)
    return _sampled(call, "values are compared with computed ones")


def _spelled(keys: list[Any], rank: int) -> list[Any] | None:
    """One entry per dimension: a slice, a number or a list; None where a dimension is added.

    The result is None if an index is no constant.
    """
    consumed = sum(key is not None and key is not Ellipsis for key in keys)
    full = [slice(None)] * (rank - consumed)
    if not any(key is Ellipsis for key in keys):
        keys = [*keys, Ellipsis]
    at = next(at for at, key in enumerate(keys) if key is Ellipsis)
    spelled: list[Any] = []
    for key in [*keys[:at], *full, *keys[at + 1 :]]:
        if key is None or isinstance(key, slice):
            spelled.append(key)
            continue
        found = _constant_index(key)
        if found is None:
            return None
        spelled.append(found)
    arrays = sum(isinstance(key, list) for key in spelled)
    return spelled if arrays <= 1 else None


def _constant_index(key: Any) -> int | list[int] | None:
    try:
        found = np.asarray(key)
    except (TypeError, ValueError):
        return None
    if found.dtype.kind not in "iu" or found.ndim > 1:
        return None
    return int(found) if found.ndim == 0 else [int(one) for one in found]


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _looked_up(call: Call) -> str:
    """An embedding: the result keeps the place of the index."""
    name = call.node("indices")
    shape = call.draft.shape(name)
    table = tuple(call.values["x"].shape)
    axis = 0 if call.get("axis") is None else call.get("axis") % len(table)
    wide = (*(1,) * axis, *shape, *(1,) * (len(call.shape) - axis - len(shape)))
    made = reshaped(call.draft, name, wide)
    return call.draft.add(
        op.Pointwise(), [made, call.draft.constant(call.shape)], call.shape, "embedding"
    )


def _selected(call: Call, name: str, dim: int, index: int) -> str:
    shape = call.draft.shape(name)
    out = (*shape[:dim], *shape[dim + 1 :])
    return call.draft.add(op.Select(dim, index), [name], out, "getitem")


def _gathered(call: Call, name: str, dim: int, indices: list[int]) -> str:
    shape = call.draft.shape(name)
    out = (*shape[:dim], len(indices), *shape[dim + 1 :])
    return call.draft.add(op.Gather(dim, tuple(indices)), [name], out, "gather")


def _sampled(call: Call, reason: str) -> str:
    return call.draft.add(op.Sample(reason), list(call.operands()), call.shape, call.kind)
