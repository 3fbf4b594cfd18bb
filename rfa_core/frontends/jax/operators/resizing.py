"""Resizing of images: JAX multiplies by matrices of numbers, most of which are zeros."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.reading import Reader
from rfa_core.frontends.jax.values import array
from rfa_core.frontends.phrases import contraction, reshaped, transposed
from rfa_core.graph import operations as op
from rfa_core.receptive.taps import resample_taps


def resized(reader: Reader, eqn: Equation) -> Sequence[Value]:
    """``jax.image.resize``: its products read what their matrices do not multiply by zero."""
    inner = eqn.params["jaxpr"]
    if not any(one.primitive.name == "dot_general" for one in inner.jaxpr.eqns):
        return [_nearest(reader, eqn.live[0], eqn.shape)]
    outer, reader.sparse = reader.sparse, True
    found = reader.inner(inner, eqn.inputs)
    reader.sparse = outer
    return found


def _nearest(reader: Reader, name: str, shape: Sequence[int]) -> str:
    before = reader.shape(name)
    dims = tuple(dim for dim, (a, b) in enumerate(zip(before, shape, strict=True)) if a != b)
    if not dims:
        return name
    return reader.draft.add(op.Resample(dims, "nearest-exact"), [name], shape, "resize")


def multiplied(reader: Reader, eqn: Equation) -> Value | None:
    """A product with a known matrix along one dimension; None if it is anything else."""
    ((left_summed, right_summed), batches) = eqn.params["dimension_numbers"]
    values = dict(zip(eqn.inputs, (left_summed, right_summed), strict=True))
    (name,) = eqn.live if len(eqn.live) == 1 else ("",)
    ((matrix, rows),) = [(one, dims) for one, dims in values.items() if one != name] or [("", ())]
    numbers = array(matrix)
    if not name or numbers is None or numbers.ndim != 2 or len(rows) != 1 or any(batches[0]):
        return None
    (dim,) = values[name]
    weights = numbers if rows[0] == 0 else numbers.T
    made = _along(reader, name, dim, weights)
    others = [own for own in range(len(reader.shape(name))) if own != dim]
    order = [*others, dim] if eqn.inputs[0] == name else [dim, *others]
    return transposed(reader.draft, made, order, "resize")


def _along(reader: Reader, name: str, dim: int, weights: Any) -> str:
    """``dim`` multiplied by ``weights`` (positions before, positions after).

    An interpolation whose neighbours are those that are not multiplied by zero, else the
    positions from the first of these to the last.
    """
    before, after = weights.shape
    used = np.abs(weights) > _ZERO
    first = np.where(used.any(0), used.argmax(0), 0)
    last = np.where(used.any(0), before - 1 - used[::-1].argmax(0), 0)
    shape = list(reader.shape(name))
    shape[dim] = after
    for mode in _MODES:
        taps = resample_taps(op.Resample((0,), mode), 0, before, after)
        found = np.clip(taps.index, 0, before - 1)
        valid = np.ones_like(found, np.bool_) if taps.valid is None else taps.valid
        low, high = np.where(valid, found, before).min(1), np.where(valid, found, -1).max(1)
        if (low == first).all() and (high == last).all():
            return reader.draft.add(op.Resample((dim,), mode), [name], shape, "resize")
    return _banded(reader, name, dim, first, last)


def _banded(reader: Reader, name: str, dim: int, first: Any, last: Any) -> str:
    """Each position reads from ``first`` to ``last``."""
    draft, shape = reader.draft, reader.shape(name)
    width = int((last - first).max()) + 1
    places = np.minimum(first[:, None] + np.arange(width), last[:, None])
    read = tuple(places.ravel().tolist())
    sizes = [*shape[:dim], len(read), *shape[dim + 1 :]]
    name = draft.add(op.Gather(dim, read), [name], sizes, "resize")
    apart = [*shape[:dim], len(first), width, *shape[dim + 1 :]]
    name = reshaped(draft, name, apart, "resize")
    out = [*apart[: dim + 1], *apart[dim + 2 :]]
    return draft.add(contraction(len(apart), (dim + 1,), keep=False), [name], out, "resize")


_MODES = ("nearest-exact", "linear", "antialias-linear", "cubic", "antialias-cubic")
_ZERO = 1e-6
