"""Primitives that put the same elements elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.operators.windows import spread_out
from rfa_core.frontends.jax.reading import Reader
from rfa_core.frontends.jax.registry import translates
from rfa_core.frontends.phrases import (
    concatenated,
    expanded,
    padded,
    reshaped,
    sliced,
    transposed,
)
from rfa_core.graph import operations as op


@translates("squeeze")
def _squeeze(reader: Reader, eqn: Equation) -> Value:
    """Of a dimension that was cut to one index, that index; else another shape."""
    (name,) = eqn.live
    draft, rank = reader.draft, len(reader.shape(eqn.live[0]))
    dims = sorted((dim % rank for dim in eqn.params["dimensions"]), reverse=True)
    cut = _cut_dims(reader, name)
    for dim in dims:
        shape = draft.shape(name)
        kept = (*shape[:dim], *shape[dim + 1 :])
        operation = op.Select(dim, 0) if dim in cut else op.Reshape()
        name = draft.add(operation, [name], kept, "index" if dim in cut else "squeeze")
    return name


def _cut_dims(reader: Reader, name: str) -> set[int]:
    """The dimensions that slices just before have cut."""
    found: set[int] = set()
    while isinstance(operation := reader.draft.operation(name), op.Slice):
        found.add(operation.dim)
        name = reader.draft.operands(name)[0]
    return found


@translates("stack")
def _stack(reader: Reader, eqn: Equation) -> Value:
    dim, parts = eqn.params["axis"], []
    for one in eqn.inputs:
        shape = reader.shape(one)
        wide = (*shape[:dim], 1, *shape[dim:])
        if isinstance(one, str):
            parts.append(reshaped(reader.draft, one, wide))
        else:
            parts.append(reader.draft.constant(wide))
    return concatenated(reader.draft, parts, dim, "stack")


@translates("reshape", "expand_dims", "bitcast_convert_type")
def _reshape(reader: Reader, eqn: Equation) -> Value:
    (name,) = eqn.live
    if prod(eqn.shape) != prod(reader.shape(name)):
        return reader.unknown(eqn)[0]
    return reshaped(reader.draft, name, eqn.shape)


@translates("transpose")
def _transpose(reader: Reader, eqn: Equation) -> Value:
    (name,) = eqn.live
    return transposed(reader.draft, name, eqn.params["permutation"])


@translates("broadcast_in_dim")
def _broadcast(reader: Reader, eqn: Equation) -> Value:
    name = eqn.live[0]
    places = eqn.params["broadcast_dimensions"]
    shape = [1] * len(eqn.shape)
    for place, size in zip(places, reader.shape(name), strict=True):
        shape[place] = size
    return expanded(reader.draft, reshaped(reader.draft, name, shape), eqn.shape, "broadcast")


@translates("concatenate")
def _concatenate(reader: Reader, eqn: Equation) -> Value:
    names = [reader.node(one) for one in eqn.inputs]
    return concatenated(reader.draft, names, eqn.params["dimension"])


@translates("pad")
def _pad(reader: Reader, eqn: Equation) -> Value:
    name, value = eqn.inputs
    if not isinstance(name, str):
        return reader.unknown(eqn)[0]
    config = eqn.params["padding_config"]
    for dim, (_, _, between) in enumerate(config):
        name = spread_out(reader, name, dim, between + 1, "pad")
    before, after = [low for low, _, _ in config], [high for _, high, _ in config]
    name = padded(reader.draft, name, before, after)
    if isinstance(value, str):
        name = reader.draft.add(op.Pointwise(), [name, value], eqn.shape, "pad")
    return name


@translates("rev")
def _reverse(reader: Reader, eqn: Equation) -> Value:
    (name,) = eqn.live
    ranges = {dim: range(eqn.shape[dim] - 1, -1, -1) for dim in eqn.params["dimensions"]}
    return sliced(reader.draft, name, ranges, "reverse")


@translates("slice")
def _slice(reader: Reader, eqn: Equation) -> Value:
    (name,) = eqn.live
    starts, limits = eqn.params["start_indices"], eqn.params["limit_indices"]
    steps = eqn.params["strides"] or (1,) * len(starts)
    bounds = zip(starts, limits, steps, strict=True)
    return sliced(reader.draft, name, {dim: range(*own) for dim, own in enumerate(bounds)})


@translates("split")
def _split(reader: Reader, eqn: Equation) -> Sequence[Value]:
    (name,) = eqn.live
    dim, start, found = eqn.params["axis"], 0, []
    for size in eqn.params["sizes"]:
        found.append(sliced(reader.draft, name, {dim: range(start, start + size)}, "split"))
        start += size
    return found


@translates("unstack")
def _unstack(reader: Reader, eqn: Equation) -> Sequence[Value]:
    (name,) = eqn.live
    dim = eqn.params["axis"]
    return [
        reader.draft.add(op.Select(dim, at), [name], out.shape, "unstack")
        for at, out in enumerate(eqn.outs)
    ]


@translates("tile")
def _tile(reader: Reader, eqn: Equation) -> Value:
    (name,) = eqn.live
    return reader.draft.add(op.Repeat(tuple(eqn.params["reps"])), [name], eqn.shape, "tile")
