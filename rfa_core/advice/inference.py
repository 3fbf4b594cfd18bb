"""The shapes that a changed network makes, worked out from those that it made before.

A rule gets a node whose operands, or whose operation, have changed, and says what it is now:
operation, shape, parameters and multiply-accumulates. What one trace cannot tell (a reshape that
splits positions, an up-sampling to a size that something else had) is not guessed:
UnfollowedError.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from rfa_core.advice.changes import UnfitError, UnfollowedError
from rfa_core.advice.regrouping import regrouped
from rfa_core.advice.windows import resized
from rfa_core.graph import operations as op
from rfa_core.graph.model import Node, Shape

Dims = frozenset[int]
NONE: Dims = frozenset()
Rule = Callable[["Case"], tuple[Node, "Tensor"]]


@dataclass(frozen=True, slots=True)
class Tensor:
    """A result: its shape, and the dimensions that changed because layers before it are gone,
    so that weights along them are made to fit."""

    shape: Shape
    fitted: Dims = NONE


@dataclass(frozen=True, slots=True)
class Case:
    """A node to be worked out: as it was, with its operands as they were and as they are.

    ``pooled`` says of each operand that its positions were pooled away on purpose, ``written``
    that the size of some operand may have been taken from another tensor, which left a number,
    ``refilled`` that a padding in front of it may follow the size of the map, and would change.
    """

    node: Node
    operation: Any
    before: tuple[Shape, ...]
    after: tuple[Tensor, ...]
    pooled: Callable[[], tuple[bool, ...]]
    written: Callable[[], bool]
    refilled: Callable[[], bool]

    @property
    def source(self) -> Tensor:
        return self.after[0]

    def changed(self) -> Dims:
        """The dimensions of the first operand whose size is another."""
        pairs = zip(self.before[0], self.source.shape, strict=True)
        return frozenset(dim for dim, (old, new) in enumerate(pairs) if old != new)

    def unfit(self, reason: str) -> UnfitError:
        return UnfitError(self.node.layer, reason)

    def unfollowed(self, reason: str) -> UnfollowedError:
        return UnfollowedError(self.node.layer, reason)

    def clash(self, reason: str) -> UnfitError:
        """Operands that do not go together, unless one of them would have followed the other."""
        return self.unfollowed(reason) if self.written() else self.unfit(reason)


def drafted(case: Case) -> tuple[Node, Tensor]:
    """What ``inferred`` says; where it says nothing, the node as it was.

    Raises UnfitError where channels are another, so that the node may want other weights.
    """
    try:
        return inferred(case)
    except UnfitError:
        if any(_fitted(case)):
            raise
        return replace(case.node, operation=case.operation), Tensor(case.node.shape)


def inferred(case: Case) -> tuple[Node, Tensor]:
    """The node as it is now, and what it makes. Raises UnfitError."""
    ranks = zip(case.before, case.after, strict=True)
    if any(len(old) != len(new.shape) for old, new in ranks):
        raise case.unfit("it is given another number of dimensions")
    if 0 in case.node.shape:
        raise case.unfollowed("what it makes is empty")
    rule = _RULES.get(type(case.operation))
    if rule is None:
        raise case.unfollowed("what it makes of a map of another size is not known")
    return rule(case)


def _made(case: Case, tensor: Tensor, **more: Any) -> tuple[Node, Tensor]:
    node = case.node
    size = node.bytes * prod(tensor.shape) // prod(node.shape)
    return replace(node, shape=tensor.shape, bytes=size, **more), tensor


def _pointwise(case: Case) -> tuple[Node, Tensor]:
    node, rank = case.node, len(case.node.shape)
    shape, fitted = [], set()
    for dim, old in enumerate(node.shape):
        sizes = _aligned(case, dim, rank, old)
        if len(sizes) > 1:
            raise case.clash(f"it merges maps of {' and '.join(map(str, sorted(sizes)))}")
        shape.append(sizes.pop() if sizes else old)
        if shape[-1] != old and _fits(case.after, dim - rank):
            fitted.add(dim)
    _require_own_weights(case, shape)
    return _made(case, Tensor(tuple(shape), frozenset(fitted)))


def _aligned(case: Case, dim: int, rank: int, old: int) -> set[int]:
    """The sizes along ``dim`` of the operands that are not broadcast along it."""
    found: dict[int, int] = {}
    for place, (before, after) in enumerate(zip(case.before, case.after, strict=True)):
        own = dim - rank + len(before)
        if own >= 0 and before[own] == old:
            found[place] = after.shape[own]
    sizes = set(found.values())
    if old > 1 or len(sizes) == 1:
        return sizes
    gates = case.pooled()
    return {size for place, size in found.items() if size > 1 or not gates[place]}


def _fits(tensors: Sequence[Tensor], end: int) -> bool:
    """Whether the dimension ``end`` (from the end) was fitted in some operand."""
    return any(len(one.shape) + end in one.fitted for one in tensors)


def _require_own_weights(case: Case, shape: Sequence[int]) -> None:
    """Weights that are added or multiplied must not run along what has changed."""
    node = case.node
    kept = prod(old for old, new in zip(node.shape, shape, strict=True) if old == new)
    if node.parameters and (kept % node.parameters or any(_fitted(case))):
        raise case.unfit(f"its {node.parameters} weights belong to a map of the size it had")


def _fitted(case: Case) -> list[Dims]:
    return [one.fitted for one in case.after if one.fitted]


def _norm(case: Case) -> tuple[Node, Tensor]:
    node, source, changed = case.node, case.source, case.changed()
    over = changed.intersection(case.operation.dims) - source.fitted
    if over and node.parameters and "layer_norm" in node.kind:
        raise case.unfit("it has a weight for every position")
    parameters = node.parameters
    for dim in source.fitted & changed:
        parameters = parameters * source.shape[dim] // case.before[0][dim]
    return _made(case, source, parameters=parameters)


def _window(case: Case) -> tuple[Node, Tensor]:
    node, window = case.node, case.operation
    if len(case.after) > 1:
        raise case.unfollowed("its weights are computed")
    if case.refilled():
        raise case.unfollowed("the padding in front of it may follow the size of its map")
    shape = list(node.shape)
    operation = window
    old = node.operation
    assert isinstance(old, op.Window)
    for place, dim in enumerate(window.dims):
        before, after = case.before[0][dim], case.source.shape[dim]
        size, padding = resized(old, window, place, before, after, node.shape[dim])
        if size is None:
            raise case.unfollowed("how it rounds the size of its map is not known")
        if size < 1:
            raise case.unfit("nothing is left of its map")
        shape[dim] = size
        if padding != operation.padding[place]:
            pads = (*operation.padding[:place], padding, *operation.padding[place + 1 :])
            operation = replace(operation, padding=pads)
    return _with_channels(case, operation, shape)


def _with_channels(case: Case, window: op.Window, shape: list[int]) -> tuple[Node, Tensor]:
    node, channel, source = case.node, window.channel, case.source
    fitted, share = NONE, (1, 1)
    if channel is not None and channel in case.changed():
        if channel not in source.fitted or window.groups > 1:
            raise case.unfit(f"it wants {case.before[0][channel]} channels")
        if window.groups == 0:
            fitted, shape[channel] = frozenset((channel,)), source.shape[channel]
        else:
            share = source.shape[channel], case.before[0][channel]
    old = node.operation
    assert isinstance(old, op.Window)
    share = (share[0] * prod(window.kernel), share[1] * prod(old.kernel))
    made = Tensor(tuple(shape), fitted)
    if not node.macs:
        return _made(case, made, operation=window)
    then, now = node.shape, made.shape
    if window.transposed:
        then, now = case.before[0], source.shape
    weights = node.macs // _positions(then, channel)
    macs = weights * share[0] // share[1] * _positions(now, channel)
    parameters = node.parameters if share[0] == share[1] else _reweighted(case, weights, share)
    return _made(case, made, operation=window, macs=macs, parameters=parameters)


def _positions(shape: Shape, channel: int | None) -> int:
    return prod(size for dim, size in enumerate(shape) if dim != channel)


def _reweighted(case: Case, weights: int, share: tuple[int, int]) -> int:
    """The parameters where ``weights`` of them are scaled."""
    node = case.node
    if node.parameters < weights:
        if node.call and not node.parameters:
            return 0
        raise case.unfit("its weights are used elsewhere, too")
    return node.parameters - weights + weights * share[0] // share[1]


def _contract(case: Case) -> tuple[Node, Tensor]:
    node, contract = case.node, case.operation
    old, new, fitted = _labels(case)
    gone = {label for labels in contract.labels for label in labels} - set(contract.output)
    for label in gone:
        if node.weighted and old[label] != new[label] and label not in fitted:
            raise case.unfit(f"it takes the {old[label]} features of a map of the size it had")
    fresh = {label for label in contract.output if label not in old}
    for place, label in enumerate(contract.output):
        if label in fresh:
            old[label] = node.shape[place]
            new[label] = _fresh(case, place)
    shape = tuple(new[label] for label in contract.output)
    parameters = node.parameters
    if node.weighted and any(old[label] != new[label] for label in gone):
        weights = prod(old[label] for label in gone | fresh)
        then, now = (prod(sizes[label] for label in gone) for sizes in (old, new))
        parameters = _reweighted(case, weights, (now, then))
    elif node.weighted and node.parameters > prod(old[one] for one in gone | fresh) + prod(
        old[one] for one in fresh
    ):
        raise case.unfit("it has weights for every position")
    kept = frozenset(place for place, label in enumerate(contract.output) if label in fitted)
    macs = node.macs * prod(new.values()) // prod(old.values())
    return _made(case, Tensor(shape, kept), macs=macs, parameters=parameters)


def _labels(case: Case) -> tuple[dict[int, int], dict[int, int], set[int]]:
    """The size of every label of the operands, before and after, and those that were fitted."""
    old: dict[int, int] = {}
    new: dict[int, int] = {}
    fitted: set[int] = set()
    for labels, before, after in zip(case.operation.labels, case.before, case.after, strict=True):
        for place, label in enumerate(labels):
            then, now = before[place], after.shape[place]
            if label in old and then == old[label] and now != new[label]:
                raise case.clash(f"it joins maps of {new[label]} and {now}")
            old[label] = max(then, old.get(label, 1))
            new[label] = max(now, new.get(label, 1))
            if place in after.fitted:
                fitted.add(label)
    return old, new, fitted


def _fresh(case: Case, place: int) -> int:
    """The size of a dimension that no operand has."""
    node, before = case.node, case.before[0]
    size = node.shape[place]
    if node.weighted or len(case.before) > 1 or len(before) != len(node.shape):
        return size
    if "softmax" in node.kind or size == before[place] != 1:
        return case.source.shape[place]
    return size


def _reshape(case: Case) -> tuple[Node, Tensor]:
    made = regrouped(case.before[0], case.node.shape, case.source.shape)
    if made is None:
        raise case.unfollowed("how it splits a map of another size is not known")
    shape, origins = made
    changed, fitted = case.changed(), case.source.fitted
    kept = frozenset(
        dim
        for dim, sources in enumerate(origins)
        if changed & sources and changed & sources <= fitted
    )
    return _made(case, Tensor(shape, kept))


def _permute(case: Case) -> tuple[Node, Tensor]:
    order, source = case.operation.order, case.source
    shape = tuple(source.shape[dim] for dim in order)
    return _made(
        case, Tensor(shape, frozenset(d for d, dim in enumerate(order) if dim in source.fitted))
    )


def _along(case: Case) -> tuple[Node, Tensor]:
    """A slice or a gather: nothing is known if the dimension that it reads has changed."""
    dim = case.operation.dim
    if dim in case.changed():
        raise case.unfollowed("it reads certain positions of the map")
    source = case.source
    shape = (*source.shape[:dim], case.node.shape[dim], *source.shape[dim + 1 :])
    return _made(case, Tensor(shape, source.fitted))


def _select(case: Case) -> tuple[Node, Tensor]:
    dim, source = case.operation.dim, case.source
    if dim in case.changed():
        raise case.unfollowed("it reads a certain position of the map")
    shape = source.shape[:dim] + source.shape[dim + 1 :]
    fitted = frozenset(one - (one > dim) for one in source.fitted)
    return _made(case, Tensor(shape, fitted))


def _concat(case: Case) -> tuple[Node, Tensor]:
    along = case.operation.dim
    shape = list(case.source.shape)
    for one in case.after:
        for dim, size in enumerate(one.shape):
            if dim != along and size != shape[dim]:
                raise case.clash(f"it joins maps of {shape[dim]} and {size}")
    shape[along] = sum(one.shape[along] for one in case.after)
    fitted = set().union(*(one.fitted for one in case.after)) - {along}
    pairs = zip(case.before, case.after, strict=True)
    moved = [after for before, after in pairs if before[along] != after.shape[along]]
    if moved and all(along in one.fitted for one in moved):
        fitted.add(along)
    return _made(case, Tensor(tuple(shape), frozenset(fitted)))


def _pad(case: Case) -> tuple[Node, Tensor]:
    pads = zip(case.operation.before, case.source.shape, case.operation.after, strict=True)
    shape = tuple(map(sum, pads))
    if min(shape) < 1:
        raise case.unfit("nothing is left of its map")
    return _made(case, Tensor(shape, case.source.fitted))


def _expand(case: Case) -> tuple[Node, Tensor]:
    if case.changed():
        raise case.unfollowed("what it repeats has another size")
    return _made(case, Tensor(case.node.shape))


def _resample(case: Case) -> tuple[Node, Tensor]:
    node, resample, source = case.node, case.operation, case.source
    shape = list(source.shape)
    scales: Mapping[int, float | None] = dict(zip(resample.dims, resample.scale, strict=False))
    for dim in resample.dims:
        scale = scales.get(dim)
        same = case.before[0][dim] == source.shape[dim]
        if same or resample.mode == "adaptive":
            shape[dim] = node.shape[dim]
        elif scale is None or resample.first:
            raise case.unfollowed("the size that it makes is not known")
        else:
            shape[dim] = int(source.shape[dim] * scale)
    return _made(case, Tensor(tuple(shape), source.fitted))


_RULES: dict[type, Rule] = {
    op.Pointwise: _pointwise,
    op.Norm: _norm,
    op.Window: _window,
    op.Contract: _contract,
    op.Reshape: _reshape,
    op.Permute: _permute,
    op.Slice: _along,
    op.Gather: _along,
    op.Select: _select,
    op.Concat: _concat,
    op.Roll: lambda case: _made(case, case.source),
    op.Pad: _pad,
    op.Expand: _expand,
    op.Resample: _resample,
}
