"""Convolutions and pooling, whatever stands where and is dilated."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.reading import Reader
from rfa_core.frontends.jax.registry import translates
from rfa_core.frontends.phrases import concatenated, reshaped, sliced, transposed
from rfa_core.graph import operations as op


@translates("conv_general_dilated")
def _convolution(reader: Reader, eqn: Equation) -> Value:
    """Output ``q`` reads ``i`` with ``q*stride - before + t*dilation = i*spread`` for some tap."""
    source, kernel = eqn.inputs
    if not isinstance(source, str) or isinstance(kernel, str):
        return reader.unknown(eqn, "a convolution whose kernel is computed from the input")[0]
    numbers, params = eqn.params["dimension_numbers"], eqn.params
    groups, batches = params["feature_group_count"], params["batch_group_count"]
    if batches > 1:
        source = _batches_to_channels(reader, source, numbers.lhs_spec[:2], batches)
        groups = batches
    window = _window(eqn, kernel.shape, groups)
    if not window.transposed:
        for dim, spread in zip(window.dims, params["lhs_dilation"], strict=True):
            source = spread_out(reader, source, dim, spread)
    shape = [0] * len(eqn.shape)
    for own, out in zip(numbers.lhs_spec, numbers.out_spec, strict=True):
        shape[own] = eqn.shape[out]
    positions = reader.shape(source) if window.transposed else shape
    macs = prod(positions[dim] for dim in (numbers.lhs_spec[0], *window.dims)) * prod(kernel.shape)
    name = reader.draft.add(window, [source], shape, "conv", weighted=True, macs=macs)
    places = dict(zip(numbers.out_spec, numbers.lhs_spec, strict=True))
    return transposed(reader.draft, name, [places[dim] for dim in range(len(shape))], "conv")


def _window(eqn: Equation, kernel: Sequence[int], groups: int) -> op.Window:
    """The window of a convolution with a kernel of this shape.

    With stride 1, a convolution of positions spread apart is a transposed window of stride
    ``spread``, whose taps count the other way round. With both, the caller writes out the zeros
    between the positions.
    """
    numbers, params = eqn.params["dimension_numbers"], eqn.params
    strides, spreads = params["window_strides"], params["lhs_dilation"]
    sizes = tuple(kernel[dim] for dim in numbers.rhs_spec[2:])
    before = tuple(low for low, _ in params["padding"])
    is_transposed = max(spreads) > 1 and max(strides) == 1
    if is_transposed:
        reach = zip(sizes, params["rhs_dilation"], before, strict=True)
        before = tuple((size - 1) * step - low for size, step, low in reach)
    return op.Window(
        tuple(numbers.lhs_spec[2:]),
        sizes,
        tuple(spreads if is_transposed else strides),
        tuple(params["rhs_dilation"]),
        before,
        channel=numbers.lhs_spec[1],
        groups=groups,
        transposed=is_transposed,
    )


def _batches_to_channels(reader: Reader, name: str, spec: Sequence[int], groups: int) -> str:
    """Groups of the batch as groups of channels: ``[g*n, c]`` to ``[n, g*c]``."""
    draft, (batch, channel) = reader.draft, spec
    shape = list(draft.shape(name))
    split = [*shape[:batch], groups, shape[batch] // groups, *shape[batch + 1 :]]
    name = reshaped(draft, name, split, "conv")
    at = channel + (channel > batch)
    order = [dim for dim in range(len(split)) if dim != batch]
    order.insert(order.index(at), batch)
    name = transposed(draft, name, order, "conv")
    shape[batch], shape[channel] = shape[batch] // groups, shape[channel] * groups
    return reshaped(draft, name, shape, "conv")


def spread_out(reader: Reader, name: str, dim: int, spread: int, kind: str = "dilate") -> str:
    """``spread - 1`` zeros between the positions of ``dim``."""
    if spread == 1:
        return name
    draft = reader.draft
    shape = draft.shape(name)
    count = shape[dim]
    apart = reshaped(draft, name, [*shape[: dim + 1], 1, *shape[dim + 1 :]], kind)
    zeros = draft.constant([*shape[: dim + 1], spread - 1, *shape[dim + 1 :]])
    mixed = concatenated(draft, [apart, zeros], dim + 1, kind)
    joined = reshaped(draft, mixed, [*shape[:dim], count * spread, *shape[dim + 1 :]], kind)
    return sliced(draft, joined, {dim: range((count - 1) * spread + 1)}, kind)


_POOLS = {
    "reduce_window_max": "max_pool",
    "reduce_window_min": "min_pool",
    "reduce_window_sum": "avg_pool",
}


@translates(*_POOLS)
def _pool(reader: Reader, eqn: Equation) -> Value:
    (name,) = eqn.live
    return _pooled(reader, eqn, name, _POOLS[eqn.name])


@translates("reduce_window")
def _any_pool(reader: Reader, eqn: Equation) -> Sequence[Value]:
    """Each result reads all arrays in the window; where it starts is no array."""
    arrays = [name for name in eqn.live if len(reader.shape(name)) == len(eqn.shape)]
    if not arrays or len(arrays) < len(eqn.live):
        return reader.unknown(eqn)
    parts = [_pooled(reader, eqn, name, "pool") for name in arrays]
    return [reader.draft.add(op.Pointwise(), parts, out.shape, "pool") for out in eqn.outs]


@translates("select_and_gather_add")
def _chosen(reader: Reader, eqn: Equation) -> Value:
    """The tangent at the largest value of each window: it reads both in all of it."""
    parts = [_pooled(reader, eqn, name, "pool") for name in eqn.live]
    return reader.draft.add(op.Pointwise(), parts, eqn.shape, "pool")


def _pooled(reader: Reader, eqn: Equation, name: str, kind: str) -> str:
    params, rank = eqn.params, len(eqn.shape)
    kernel, strides = params["window_dimensions"], params["window_strides"]
    spreads = params.get("base_dilation", (1,) * rank)
    steps = params.get("window_dilation", (1,) * rank)
    for dim, spread in enumerate(spreads):
        name = spread_out(reader, name, dim, spread, kind)
    moved = tuple(
        dim
        for dim in range(rank)
        if (kernel[dim], strides[dim], *params["padding"][dim]) != (1, 1, 0, 0)
    )
    if not moved:
        return name
    window = op.Window(
        moved,
        tuple(kernel[dim] for dim in moved),
        tuple(strides[dim] for dim in moved),
        tuple(steps[dim] for dim in moved),
        tuple(params["padding"][dim][0] for dim in moved),
        groups=0,
    )
    return reader.draft.add(window, [name], eqn.shape, kind)
