"""Reading and writing at indices: exact where they are known, a bound where data decide."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.reading import Reader
from rfa_core.frontends.jax.registry import translates
from rfa_core.frontends.jax.values import array
from rfa_core.frontends.phrases import padded, reshaped, sliced, transposed
from rfa_core.graph import operations as op

_READS = "indices are computed from the input"
_UNKNOWN = "indices are not known before the model runs"
_MOST = 1 << 20
"""Elements that an index is written out for."""


@translates("dynamic_slice")
def _dynamic_slice(reader: Reader, eqn: Equation) -> Value:
    name, *starts = eqn.inputs
    if not isinstance(name, str):
        return reader.sampled(eqn, f"dynamic_slice: {_READS}")[0]
    sizes = eqn.params["slice_sizes"]
    found = _starts(reader, name, starts, sizes)
    if found is None:
        return reader.sampled(eqn, f"dynamic_slice: {_why(starts)}")[0]
    bounds = zip(found, sizes, strict=True)
    ranges = {dim: range(start, start + size) for dim, (start, size) in enumerate(bounds)}
    return sliced(reader.draft, name, ranges)


@translates("dynamic_update_slice")
def _dynamic_update_slice(reader: Reader, eqn: Equation) -> Value:
    base, update, *starts = eqn.inputs
    sizes = reader.shape(update)
    found = _starts(reader, base, starts, sizes)
    if found is None:
        return reader.sampled(eqn, f"dynamic_update_slice: {_why(starts)}")[0]
    return _overwritten(reader, base, update, found)


@translates("scatter", "scatter-add", "scatter-mul", "scatter-min", "scatter-max", "scatter-sub")
def _scatter(reader: Reader, eqn: Equation) -> Value:
    """One box that is written or added to, where it is known; elsewhere a bound."""
    base, indices, update = eqn.inputs
    numbers, found = eqn.params["dimension_numbers"], array(indices)
    rank = len(eqn.shape)
    inserted = tuple(numbers.inserted_window_dims)
    plain = not getattr(numbers, "operand_batching_dims", ())
    if found is None:
        return reader.sampled(eqn, f"scatter: {_why([indices])}")[0]
    if found.ndim != 1 or not plain:
        return reader.unknown(eqn, "scatter to several places is not understood")[0]
    windows = iter(reader.shape(update))
    sizes = [1 if dim in inserted else next(windows) for dim in range(rank)]
    starts = [0] * rank
    for dim, start in zip(numbers.scatter_dims_to_operand_dims, found.tolist(), strict=True):
        starts[dim] = min(max(int(start), 0), eqn.shape[dim] - sizes[dim])
    name = reshaped(reader.draft, reader.node(update), sizes, "scatter")
    if eqn.name == "scatter":
        return _overwritten(reader, base, name, starts)
    rest = [n - start - size for n, start, size in zip(eqn.shape, starts, sizes, strict=True)]
    if isinstance(update, str):
        operands = [padded(reader.draft, name, starts, rest, kind="scatter"), *eqn.live[:1]]
    else:
        operands = eqn.live
    return reader.draft.add(op.Pointwise(), list(dict.fromkeys(operands)), eqn.shape, "scatter")


@translates("gather")
def _gather(reader: Reader, eqn: Equation) -> Value:
    source, indices = eqn.inputs
    if not isinstance(source, str):
        return _looked_up(reader, eqn)
    found = array(indices)
    if found is None:
        return reader.sampled(eqn, f"gather: {_why([indices])}")[0]
    if getattr(eqn.params["dimension_numbers"], "operand_batching_dims", ()):
        return reader.unknown(eqn, "gather with batches is not understood")[0]
    return _gathered(reader, eqn, source, found)


def _gathered(reader: Reader, eqn: Equation, source: str, indices: Any) -> Value:
    """The dimensions that are indexed in front and as one, of which known indices are read."""
    draft, numbers = reader.draft, eqn.params["dimension_numbers"]
    sizes, shape = eqn.params["slice_sizes"], draft.shape(source)
    mapped = tuple(numbers.start_index_map)
    others = [dim for dim in range(len(shape)) if dim not in mapped]
    starts = indices.reshape(-1, len(mapped))
    if len(starts) * prod(sizes[dim] for dim in mapped) > _MOST:
        return reader.unknown(eqn, "gather of very many places is not understood")[0]
    flat = np.zeros((len(starts),), np.int64)
    for at, dim in enumerate(mapped):
        start = np.clip(starts[:, at], 0, shape[dim] - sizes[dim])
        steps = start[:, None] + np.arange(sizes[dim])
        flat = (flat.reshape(len(starts), -1, 1) * shape[dim] + steps[:, None, :]).reshape(
            len(starts), -1
        )
    name = transposed(draft, source, [*mapped, *others], "gather")
    rest = [shape[dim] for dim in others]
    name = reshaped(draft, name, [prod(shape[dim] for dim in mapped), *rest], "gather")
    read = tuple(flat.ravel().tolist())
    name = draft.add(op.Gather(0, read), [name], [len(read), *rest], "gather")
    name = sliced(draft, name, {1 + at: range(sizes[dim]) for at, dim in enumerate(others)})
    batch = indices.shape[:-1]
    window = [sizes[dim] for dim in mapped] + [sizes[dim] for dim in others]
    name = reshaped(draft, name, [*batch, *window], "gather")
    return _placed(reader, eqn, name, len(batch), [*mapped, *others])


def _placed(reader: Reader, eqn: Equation, name: str, batches: int, order: Sequence[int]) -> str:
    """``[*batch, *window]`` (the window's dimensions in ``order``) as the results are laid out."""
    draft, numbers = reader.draft, eqn.params["dimension_numbers"]
    kept = [dim for dim in sorted(order) if dim not in numbers.collapsed_slice_dims]
    gone = [dim for dim in order if dim in numbers.collapsed_slice_dims]
    places = [batches + order.index(dim) for dim in (*kept, *gone)]
    name = transposed(draft, name, [*range(batches), *places], "gather")
    shape = draft.shape(name)[: batches + len(kept)]
    name = reshaped(draft, name, shape, "gather")
    offsets = iter(range(batches, batches + len(kept)))
    leads = iter(range(batches))
    target = [
        next(offsets) if dim in numbers.offset_dims else next(leads)
        for dim in range(len(eqn.shape))
    ]
    return transposed(draft, name, target, "gather")


def _looked_up(reader: Reader, eqn: Equation) -> Value:
    """A constant read at computed places keeps the footprints of the places."""
    (name,) = eqn.live
    rank = len(reader.shape(name))
    numbers = eqn.params["dimension_numbers"]
    if getattr(numbers, "operand_batching_dims", ()):
        return reader.unknown(eqn, "gather with batches is not understood")[0]
    leads = iter(range(rank - 1))
    output = tuple(
        rank + dim if dim in numbers.offset_dims else next(leads) for dim in range(len(eqn.shape))
    )
    labels = (tuple(range(rank)),)
    return reader.draft.add(op.Contract(labels, output), [name], eqn.shape, "embedding")


def _starts(
    reader: Reader, base: Value, starts: Sequence[Value], sizes: Sequence[int]
) -> list[int] | None:
    """Where a box of ``sizes`` starts, moved inside as JAX does; None if that is not known.

    Along a dimension that it fills it starts at 0, whatever the index says.
    """
    found: list[int] = []
    for start, size, whole in zip(starts, sizes, reader.shape(base), strict=True):
        value = np.zeros(()) if size == whole else array(start)
        if value is None:
            return None
        found.append(min(max(int(value), 0), whole - size))
    return found


def _overwritten(reader: Reader, base: Value, update: Value, starts: Sequence[int]) -> str:
    names = [reader.node(base), reader.node(update)]
    box = op.Overwrite(tuple(starts), (1,) * len(starts))
    return reader.draft.add(box, names, reader.shape(base), "update")


def _why(indices: Sequence[Value]) -> str:
    return _READS if any(isinstance(one, str) for one in indices) else _UNKNOWN
