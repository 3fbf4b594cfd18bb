"""Footprints by plain enumeration, from the definitions of the operations alone.

For one axis, every element of every tensor holds one flag per input coordinate: whether
that coordinate can influence it on a path without a global operation. ``context`` says that
some path did go through one; ``edge`` that the element read a position that does not exist
(padding), so that its footprint is clipped and nothing can be said of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node, Shape

Running = Mapping[str, frozenset[int]]
"""The dimensions of each tensor that run along the axis."""


@dataclass(frozen=True)
class Seen:
    """``flags[*shape, coordinate]``, ``context[*shape]``, ``edge[*shape]``."""

    flags: np.ndarray
    context: np.ndarray
    edge: np.ndarray

    @property
    def shape(self) -> Shape:
        return self.context.shape

    def apply(self, function) -> Seen:  # type: ignore[no-untyped-def]
        """The same rearrangement of all three; ``function`` keeps trailing dimensions."""
        return Seen(
            function(self.flags),
            function(self.context[..., None])[..., 0],
            function(self.edge[..., None])[..., 0],
        )

    def empty(self) -> bool:
        return not self.flags.any() and not self.context.any()

    def low_high(self) -> tuple[np.ndarray, np.ndarray]:
        """The hull of each element; ``(inf, -inf)`` where nothing is seen."""
        n = self.flags.shape[-1]
        some = self.flags.any(axis=-1)
        low = np.where(some, self.flags.argmax(axis=-1), np.inf)
        high = np.where(some, n - 1 - self.flags[..., ::-1].argmax(axis=-1), -np.inf)
        return low, high


def enumerate_footprints(
    graph: Graph, axis: int, running: Running, choices: Mapping[str, int] | None = None
) -> dict[str, Seen]:
    """What every element sees; with ``choices`` a merge reads only that one of its operands."""
    known: dict[str, Seen] = {}
    for node in graph:
        operands = [known[name] for name in node.operands]
        if choices and node.name in choices:
            keep = choices[node.name]
            operands = [
                seen if place == keep else _nothing(seen.shape, graph.resolution[axis])
                for place, seen in enumerate(operands)
            ]
        known[node.name] = _result(node, operands, graph, axis, running)
    return known


def _result(node: Node, seen: list[Seen], graph: Graph, axis: int, running: Running) -> Seen:
    operation, n = node.operation, graph.resolution[axis]
    if isinstance(operation, op.Input):
        return _input(node.shape, operation.axes.index(axis), n)
    if isinstance(operation, op.Constant):
        return _nothing(node.shape, n)
    if isinstance(operation, op.Contract):
        return _contract(operation, seen, [running[name] for name in node.operands], node.shape)
    rule = _SPATIAL.get(type(operation))
    if rule is not None:
        return rule(operation, seen[0], node.shape, running[node.operands[0]])
    return _RULES.get(type(operation), _rearrange)(operation, seen, node.shape)


def _input(shape: Shape, dim: int, n: int) -> Seen:
    flags = np.zeros((*shape, n), bool)
    for c in range(n):
        flags[(slice(None),) * dim + (c,)][..., c] = True
    return Seen(flags, np.zeros(shape, bool), np.zeros(shape, bool))


def _nothing(shape: Shape, n: int) -> Seen:
    return Seen(np.zeros((*shape, n), bool), np.zeros(shape, bool), np.zeros(shape, bool))


def _pointwise(_operation: op.Operation, seen: list[Seen], shape: Shape) -> Seen:
    return _any([_broadcast(one, shape) for one in seen])


def _norm(_operation: op.Operation, seen: list[Seen], _shape: Shape) -> Seen:
    return seen[0]


def _concat(operation: op.Concat, seen: list[Seen], _shape: Shape) -> Seen:
    return _stack(seen, operation.dim)


def _rearrange(operation: op.Operation, seen: list[Seen], shape: Shape) -> Seen:
    return seen[0].apply(lambda a: _rearranged(operation, a, shape))


def _unfold(operation: op.Unfold, seen: list[Seen], shape: Shape) -> Seen:
    dim = operation.dim
    windows = []
    for q in range(shape[dim]):
        taps = [q * operation.step + t * operation.dilation for t in range(operation.size)]
        one = seen[0].apply(lambda a, taps=taps: _take(a, dim, taps))
        windows.append(one.apply(lambda a: np.moveaxis(a, dim, -2)))
    return _restack(windows, dim)


def _broadcast(seen: Seen, shape: Shape) -> Seen:
    return seen.apply(lambda a: np.broadcast_to(a, (*shape, a.shape[-1])))


def _any(many: list[Seen]) -> Seen:
    return Seen(
        np.logical_or.reduce([one.flags for one in many]),
        np.logical_or.reduce([one.context for one in many]),
        np.logical_or.reduce([one.edge for one in many]),
    )


def _stack(many: list[Seen], dim: int) -> Seen:
    return Seen(
        np.concatenate([one.flags for one in many], dim),
        np.concatenate([one.context for one in many], dim),
        np.concatenate([one.edge for one in many], dim),
    )


def _restack(many: list[Seen], dim: int) -> Seen:
    return Seen(
        np.stack([one.flags for one in many], dim),
        np.stack([one.context for one in many], dim),
        np.stack([one.edge for one in many], dim),
    )


def _rearranged(operation: op.Operation, a: np.ndarray, shape: Shape) -> np.ndarray:
    match operation:
        case op.Reshape():
            return a.reshape(*shape, a.shape[-1])
        case op.Permute(order):
            return a.transpose(*order, a.ndim - 1)
        case op.Slice(dim, start, step):
            return _take(a, dim, [start + q * step for q in range(shape[dim])])
        case op.Select(dim, index):
            return np.take(a, index, axis=dim)
        case op.Gather(dim, indices):
            return _take(a, dim, list(indices))
        case op.Roll(dims, shifts):
            for dim, shift in zip(dims, shifts, strict=True):
                size = a.shape[dim]
                a = _take(a, dim, [(q - shift) % size for q in range(size)])
            return a
        case op.Repeat(times):
            return np.tile(a, (*times, 1))
    raise NotImplementedError(operation)


def _take(a: np.ndarray, dim: int, index: list[int]) -> np.ndarray:
    return np.take(a, index, axis=dim)


def _gathered(seen: Seen, dim: int, reads: list[list[int]]) -> Seen:
    """Output ``q`` along ``dim`` reads the indices ``reads[q]``; those outside are edges."""
    size = seen.shape[dim]
    outputs = []
    for taps in reads:
        inside = [tap for tap in taps if 0 <= tap < size]
        one = seen.apply(lambda a, inside=inside: _take(a, dim, inside).any(axis=dim))
        edge = one.edge | (len(inside) < len(taps))
        outputs.append(Seen(one.flags, one.context, edge))
    return _restack(outputs, dim)


def _window(operation: op.Window, seen: Seen, shape: Shape, running: frozenset[int]) -> Seen:
    for dim, k, s, d, p in zip(
        operation.dims,
        operation.kernel,
        operation.stride,
        operation.dilation,
        operation.padding,
        strict=True,
    ):
        if operation.transposed:
            far = range(-k * d - p, shape[dim] + p + k * d)
            reads = [
                [i for i in far for t in range(k) if i * s - p + t * d == q]
                for q in range(shape[dim])
            ]
        else:
            reads = [[q * s - p + t * d for t in range(k)] for q in range(shape[dim])]
        seen = _gathered(seen, dim, reads)
        if dim not in running:
            seen = _unread(seen, dim, reads)
    if operation.channel is None or operation.groups == 0:
        return seen
    dim, groups = operation.channel, operation.groups
    if groups == 1 and running == {dim}:
        seen = _globally(seen)
    many, out = seen.shape[dim] // groups, shape[dim] // groups
    reads = [list(range(c // out * many, c // out * many + many)) for c in range(shape[dim])]
    return _gathered(seen, dim, reads)


def _unread(seen: Seen, dim: int, reads: list[list[int]]) -> Seen:
    """Along other axes, outputs that read nothing are edges: no number depends on them."""
    edge = seen.edge.copy()
    for q, taps in enumerate(reads):
        if not taps:
            edge[(slice(None),) * dim + (q,)] = True
    return Seen(seen.flags, seen.context, edge)


def _contract(
    operation: op.Contract, seen: list[Seen], running: list[frozenset[int]], shape: Shape
) -> Seen:
    results = []
    for one, labels, runs in zip(seen, operation.labels, running, strict=True):
        gone = [dim for dim, label in enumerate(labels) if label not in operation.output]
        left = [label for label in labels if label in operation.output]
        summed = one.apply(lambda a, gone=gone: a.any(axis=tuple(gone)))
        if runs and runs <= set(gone):
            summed = _globally(summed)
        wanted = [label for label in operation.output if label in left]
        order = [left.index(label) for label in wanted]
        placed = summed.apply(lambda a, order=order: a.transpose(*order, a.ndim - 1))
        for place, label in enumerate(operation.output):
            if label not in left:
                placed = placed.apply(lambda a, place=place: np.expand_dims(a, place))
        results.append(_broadcast(placed, shape))
    return _any(results)


def _globally(seen: Seen) -> Seen:
    blind = seen.flags.any(axis=-1) | seen.context
    return Seen(np.zeros_like(seen.flags), blind, seen.edge)


def _resample(operation: op.Resample, seen: list[Seen], shape: Shape) -> Seen:
    one = seen[0]
    for dim in operation.dims:
        n, m = one.shape[dim], shape[dim]
        one = _gathered(one, dim, [_neighbours(operation, q, n, m) for q in range(m)])
    return one


def _neighbours(operation: op.Resample, q: int, n: int, m: int) -> list[int]:
    ratio = Fraction(n, m)
    if operation.mode == "adaptive":
        return list(range(q * n // m, -(-(q + 1) * n // m)))
    if operation.mode == "nearest":
        return [floor(q * ratio)]
    if operation.mode == "nearest-exact":
        return [floor((q + Fraction(1, 2)) * ratio)]
    half = Fraction(1, 2)
    centre = q * Fraction(n - 1, m - 1) if operation.align_corners else (q + half) * ratio - half
    first = floor(centre)
    return {"linear": [first, first + 1], "cubic": list(range(first - 1, first + 3))}[
        operation.mode
    ]


def _pad(operation: op.Pad, seen: Seen, _shape: Shape, spatial: frozenset[int]) -> Seen:
    modes = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}
    for dim, (before, after) in enumerate(zip(operation.before, operation.after, strict=True)):
        size = seen.shape[dim]
        seen = seen.apply(
            lambda a, d=dim, b=before, e=after, s=size: _take(
                a, d, list(range(max(0, -b), s - max(0, -e)))
            )
        )
        widths = [(0, 0)] * len(seen.shape)
        widths[dim] = (max(0, before), max(0, after))
        mode = modes[operation.mode]
        seen = seen.apply(lambda a, w=widths, m=mode: np.pad(a, [*w, (0, 0)], m))
        if dim in spatial and mode != "wrap":
            edge = np.ones(seen.shape, bool)
            core = slice(widths[dim][0], seen.shape[dim] - widths[dim][1])
            edge[(slice(None),) * dim + (core,)] = False
            seen = Seen(seen.flags, seen.context, seen.edge | edge)
    return seen


def _fold(operation: op.Fold, seen: Seen, shape: Shape, running: frozenset[int]) -> Seen:
    dim, window_dim = operation.dim, operation.window_dim
    total = _nothing(shape, seen.flags.shape[-1])
    reads: list[list[int]] = [[] for _ in range(shape[dim])]
    for q in range(seen.shape[dim]):
        for t in range(seen.shape[window_dim]):
            one = seen.apply(lambda a, t=t: np.take(a, t, axis=window_dim))
            one = one.apply(lambda a, q=q: np.take(a, q, axis=dim))
            place = q * operation.step + t * operation.dilation
            where = (slice(None),) * dim + (place,)
            reads[place].append(q)
            total.flags[where] |= one.flags
            total.context[where] |= one.context
            total.edge[where] |= one.edge
    return total if dim in running else _unread(total, dim, reads)


def _overwrite(operation: op.Overwrite, seen: list[Seen], _shape: Shape) -> Seen:
    base, value = seen
    box = tuple(
        slice(start, start + (size - 1) * step + 1, step)
        for start, size, step in zip(operation.starts, value.shape, operation.steps, strict=True)
    )
    flags, context, edge = base.flags.copy(), base.context.copy(), base.edge.copy()
    flags[box], context[box], edge[box] = value.flags, value.context, value.edge
    return Seen(flags, context, edge)


_SPATIAL: dict[type, Callable[..., Seen]] = {op.Window: _window, op.Pad: _pad, op.Fold: _fold}

_RULES: dict[type, Callable[..., Seen]] = {
    op.Pointwise: _pointwise,
    op.Expand: _pointwise,
    op.Norm: _norm,
    op.Concat: _concat,
    op.Resample: _resample,
    op.Unfold: _unfold,
    op.Overwrite: _overwrite,
}
