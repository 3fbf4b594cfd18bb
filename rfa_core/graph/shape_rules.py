"""What each operation asks of the shapes it reads and makes.

A rule yields one text per violation: what was expected and what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import prod
from typing import Any

from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape

Shapes = Sequence[Shape]
PAD_MODES = ("constant", "reflect", "replicate", "circular")
RESAMPLE_MODES = (
    "nearest",
    "nearest-exact",
    "linear",
    "cubic",
    "antialias-linear",
    "antialias-cubic",
    "adaptive",
)


def violations(operation: op.Operation, sources: Shapes, shape: Shape) -> Iterator[str]:
    """Whatever is wrong with ``operation`` from operands of ``sources`` to ``shape``."""
    dims = _dims(operation)
    rank = len(sources[0]) if sources else len(shape)
    outside = [dim for dim in dims if not 0 <= dim < rank]
    if outside:
        yield f"dimension {outside[0]} of a tensor with {rank} dimensions"
    elif len(set(dims)) < len(dims):
        yield f"a dimension is named twice in {dims}"
    else:
        names, of = _COUNTED.get(type(operation), ("", _dims))
        yield from _entries(operation, names, len(of(operation, sources, shape)))
        rule = _RULES.get(type(operation))
        if rule is not None and 0 not in shape and all(0 not in source for source in sources):
            yield from rule(operation, sources, shape)


def _dims(operation: op.Operation, *_: object) -> tuple[int, ...]:
    dims: tuple[int, ...] | None = getattr(operation, "dims", None)
    if dims is not None:
        channel = getattr(operation, "channel", None)
        return dims if channel is None else (*dims, channel)
    if isinstance(operation, op.Fold):
        return (operation.dim, operation.window_dim)
    return (operation.dim,) if hasattr(operation, "dim") else ()


def _made(expected: Shape, found: Shape) -> Iterator[str]:
    if expected != found:
        yield f"expected the shape {list(expected)}, found {list(found)}"


def _along(operation: Any, *_: object) -> Sequence[int]:
    dims: Sequence[int] = operation.dims
    return dims


def _read_from(_operation: op.Operation, sources: Shapes, _shape: Shape) -> Shape:
    return sources[0]


def _made_to(_operation: op.Operation, _sources: Shapes, shape: Shape) -> Shape:
    return shape


def _entries(operation: op.Operation, names: str, count: int) -> Iterator[str]:
    for name in names.split():
        found = len(getattr(operation, name))
        if found != count:
            yield f"{count} dimensions, but {name} has {found} entries"


def _resized(source: Shape, shape: Shape, dims: Sequence[int]) -> Iterator[str]:
    """All dimensions but ``dims`` as they were."""
    if len(shape) != len(source):
        yield f"expected {len(source)} dimensions, found {len(shape)}"
    for dim, (before, after) in enumerate(zip(source, shape, strict=False)):
        if before != after and dim not in dims:
            yield f"dimension {dim} goes from {before} to {after}"


def _input(operation: op.Input, _sources: Shapes, _shape: Shape) -> Iterator[str]:
    known = [axis for axis in operation.axes if axis is not None]
    if len(set(known)) < len(known):
        yield f"an axis is named twice in {operation.axes}"


def _broadcast(_operation: op.Operation, sources: Shapes, shape: Shape) -> Iterator[str]:
    for source in sources:
        aligned = shape[len(shape) - len(source) :] if len(source) <= len(shape) else ()
        if len(aligned) != len(source) or any(
            size not in (1, wide) for size, wide in zip(source, aligned, strict=True)
        ):
            yield f"{list(source)} cannot be broadcast to {list(shape)}"


def _same(_operation: op.Operation, sources: Shapes, shape: Shape) -> Iterator[str]:
    yield from _made(sources[0], shape)


def _window(operation: op.Window, sources: Shapes, shape: Shape) -> Iterator[str]:
    channel, groups = operation.channel, operation.groups
    mixed = () if channel is None or groups == 0 else (channel,)
    yield from _resized(sources[0], shape, (*operation.dims, *mixed))
    for dim in mixed:
        for size in (sources[0][dim], *shape[dim : dim + 1]):
            if size % groups:
                yield f"{size} channels do not make {groups} groups"


def _contract(operation: op.Contract, sources: Shapes, shape: Shape) -> Iterator[str]:
    sizes = dict(zip(operation.output, shape, strict=False))
    for labels, found in [*zip(operation.labels, sources, strict=True), (operation.output, shape)]:
        if len(labels) != len(found):
            yield f"{len(labels)} labels for {len(found)} dimensions"
        if len(set(labels)) < len(labels):
            yield f"a label is used twice in {labels}"
        for label, size in zip(labels, found, strict=False):
            if size not in (1, sizes.get(label, size)):
                yield f"the dimension of label {label} goes from {size} to {sizes[label]}"


def _reshape(_operation: op.Reshape, sources: Shapes, shape: Shape) -> Iterator[str]:
    if prod(sources[0]) != prod(shape):
        yield (
            f"{list(sources[0])} has {prod(sources[0])} elements, "
            f"{list(shape)} has {prod(shape)}"
        )  # fmt: skip


def _permute(operation: op.Permute, sources: Shapes, shape: Shape) -> Iterator[str]:
    rank = len(sources[0])
    if sorted(operation.order) != list(range(rank)):
        yield f"{operation.order} is no order of {rank} dimensions"
    else:
        yield from _made(tuple(sources[0][dim] for dim in operation.order), shape)


def _read(operation: Any, source: Shape, first: int, last: int) -> Iterator[str]:
    size = source[operation.dim]
    for index in (first, last):
        if not 0 <= index < size:
            yield f"reads index {index} of dimension {operation.dim}, which has {size}"


def _slice(operation: op.Slice, sources: Shapes, shape: Shape) -> Iterator[str]:
    if operation.step == 0:
        yield "a step of 0"
    yield from _resized(sources[0], shape, (operation.dim,))
    last = operation.start + (shape[operation.dim : operation.dim + 1] or (1,))[0] - 1
    if operation.step != 1:
        last = operation.start + (last - operation.start) * operation.step
    yield from _read(operation, sources[0], operation.start, last)


def _select(operation: op.Select, sources: Shapes, shape: Shape) -> Iterator[str]:
    dim = operation.dim
    yield from _read(operation, sources[0], operation.index, operation.index)
    yield from _made(sources[0][:dim] + sources[0][dim + 1 :], shape)


def _gather(operation: op.Gather, sources: Shapes, shape: Shape) -> Iterator[str]:
    dim, indices = operation.dim, operation.indices
    yield from _read(operation, sources[0], min(indices, default=0), max(indices, default=0))
    yield from _made(_sized(sources[0], dim, len(indices)), shape)


def _concat(operation: op.Concat, sources: Shapes, shape: Shape) -> Iterator[str]:
    ranks = sorted({len(source) for source in sources})
    if len(ranks) > 1:
        yield f"operands of {ranks[0]} and {ranks[-1]} dimensions"
        return
    for source in sources:
        yield from _resized(source, shape, (operation.dim,))
    total = sum(source[operation.dim] for source in sources)
    yield from _made(_sized(sources[0], operation.dim, total), shape)


def _overwrite(operation: op.Overwrite, sources: Shapes, shape: Shape) -> Iterator[str]:
    base, value = sources
    yield from _made(base, shape)
    if len(value) != len(base):
        yield f"operands of {len(base)} and {len(value)} dimensions"
    boxes = zip(base, value, operation.starts, operation.steps, strict=False)
    for dim, (size, count, start, step) in enumerate(boxes):
        if start + (count - 1) * step >= size:
            yield f"writes beyond dimension {dim}, which has {size}"


def _pad(operation: op.Pad, sources: Shapes, shape: Shape) -> Iterator[str]:
    sizes = zip(operation.before, sources[0], operation.after, strict=False)
    yield from _made(tuple(map(sum, sizes)), shape)
    yield from _mode(operation.mode, PAD_MODES)


def _repeat(operation: op.Repeat, sources: Shapes, shape: Shape) -> Iterator[str]:
    wide = (1,) * (len(shape) - len(sources[0])) + tuple(sources[0])
    yield from _made(tuple(map(_product, wide, operation.times)), shape)


def _unfold(operation: op.Unfold, sources: Shapes, shape: Shape) -> Iterator[str]:
    dim, count = operation.dim, (shape[operation.dim : operation.dim + 1] or (1,))[0]
    if operation.step < 1:
        yield f"a step of {operation.step}"
    yield from _made((*_sized(sources[0], dim, count), operation.size), shape)
    last = (count - 1) * operation.step + (operation.size - 1) * operation.dilation
    yield from _read(operation, sources[0], 0, last)


def _fold(operation: op.Fold, sources: Shapes, shape: Shape) -> Iterator[str]:
    source, dim, window = sources[0], operation.dim, operation.window_dim
    if operation.step < 1:
        yield f"a step of {operation.step}"
    if window < dim:
        yield f"the windows' dimension {window} comes before dimension {dim}"
    yield from _resized(source[:window] + source[window + 1 :], shape, (dim,))


def _resample(operation: op.Resample, sources: Shapes, shape: Shape) -> Iterator[str]:
    yield from _resized(sources[0], shape, operation.dims)
    yield from _mode(operation.mode, RESAMPLE_MODES)
    if operation.scale:
        yield from _entries(operation, "scale", len(operation.dims))
    if any(scale is not None and scale <= 0 for scale in operation.scale):
        yield f"a scale that is not positive in {operation.scale}"
    if operation.first:
        yield from _entries(operation, "first", len(operation.dims))
    for dim, indices in zip(operation.dims, operation.first, strict=False):
        if len(indices) != shape[dim]:
            yield f"{len(indices)} first indices for dimension {dim}, which has {shape[dim]}"


def _ranked(_operation: op.Operation, sources: Shapes, shape: Shape) -> Iterator[str]:
    if len(sources[0]) != len(shape):
        yield f"expected {len(sources[0])} dimensions, found {len(shape)}"


def _everything(operation: op.Everything, sources: Shapes, shape: Shape) -> Iterator[str]:
    if operation.dims:
        yield from _resized(sources[0], shape, operation.dims)


def _mode(found: str, known: Sequence[str]) -> Iterator[str]:
    if found not in known:
        yield f"expected one of the modes {', '.join(known)}, found {found!r}"


def _product(size: int, times: int) -> int:
    return size * times


def _sized(shape: Shape, dim: int, size: int) -> Shape:
    return (*shape[:dim], size, *shape[dim + 1 :])


_RULES: dict[type, Callable[..., Iterator[str]]] = {
    op.Input: _input,
    op.Pointwise: _broadcast,
    op.Expand: _broadcast,
    op.Norm: _same,
    op.Window: _window,
    op.Contract: _contract,
    op.Reshape: _reshape,
    op.Permute: _permute,
    op.Slice: _slice,
    op.Select: _select,
    op.Gather: _gather,
    op.Concat: _concat,
    op.Overwrite: _overwrite,
    op.Roll: _same,
    op.Pad: _pad,
    op.Repeat: _repeat,
    op.Unfold: _unfold,
    op.Fold: _fold,
    op.Resample: _resample,
    op.Recurrent: _ranked,
    op.Everything: _everything,
}
_COUNTED: dict[type, tuple[str, Callable[..., Sequence[object]]]] = {
    op.Input: ("axes", _made_to),
    op.Window: ("kernel stride dilation padding", _along),
    op.Overwrite: ("starts steps", _read_from),
    op.Roll: ("shifts", _along),
    op.Pad: ("before after", _read_from),
    op.Repeat: ("times", _made_to),
}
"""Fields with an entry for each of some dimensions, be the tensors empty or not."""
