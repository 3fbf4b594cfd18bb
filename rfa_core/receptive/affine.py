"""Transfer rules on lines and parts: integers only, no arrays.

Each rule returns the state of the result, or None where it is not affine; the caller then
takes the general way (``tabular``), which gives the same answer wherever both apply.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import accumulate, takewhile
from math import prod
from operator import mul

from rfa_core.graph import operations as op
from rfa_core.graph.model import Shape
from rfa_core.receptive.states import (
    EVERYTHING,
    Everything,
    Line,
    Nothing,
    Parts,
    Simple,
    merge,
    parts,
)
from rfa_core.receptive.striding import share_read

Fast = Simple | Parts


def transfer(
    operation: op.Operation, states: list[Fast], shapes: list[Shape], shape: Shape
) -> Fast | None:
    """The state of the result of ``operation``, or None if it is not affine."""
    rule = _MANY.get(type(operation))
    if rule is not None:
        return rule(operation, states, shapes, shape)
    if len(states) > 1:
        return None
    first = states[0]
    if isinstance(first, Parts):
        return _on_parts(operation, first, shapes[0], shape)
    return _on_simple(operation, first, shapes[0], shape)


def _on_simple(operation: op.Operation, state: Simple, source: Shape, shape: Shape) -> Fast | None:
    if not isinstance(state, Line):
        return state
    rule = _ONE.get(type(operation))
    return rule(operation, state, source, shape) if rule is not None else None


def _on_parts(operation: op.Operation, state: Parts, source: Shape, shape: Shape) -> Fast | None:
    special = _PARTS.get(type(operation))
    if special is not None:
        return special(operation, state, source, shape)
    return _each(operation, state, source, shape, state.dim)


def _each(
    operation: op.Operation, state: Parts, source: Shape, shape: Shape, dim: int
) -> Fast | None:
    """The rule applied to every run; the runs stay where they are, along ``dim``."""
    runs = []
    for length, run in state.runs:
        result = _on_simple(operation, run, source, shape)
        if result is None or isinstance(result, Parts):
            return None
        runs.append((length, result))
    return parts(dim, runs)


def window_reach(operation: op.Window, place: int, stride: int) -> tuple[int, int, int]:
    """Pixels from the line's index 0 to the first and the last tap of output 0, and the stride."""
    dilation = operation.dilation[place]
    span = (operation.kernel[place] - 1) * dilation
    first = operation.padding[place] - span if operation.transposed else -operation.padding[place]
    return first * stride, (first + span) * stride, operation.stride[place] * stride


def _window(operation: op.Window, line: Line, _source: Shape, _shape: Shape) -> Line | None:
    if line.dim == operation.channel and operation.groups:
        return None
    if operation.transposed and _leaves_holes(operation):
        return None
    if line.dim not in operation.dims:
        return line
    place = operation.dims.index(line.dim)
    if operation.transposed and operation.stride[place] != 1:
        return None
    return line.widened(*window_reach(operation, place, line.stride))


def _leaves_holes(operation: op.Window) -> bool:
    """Whether the taps miss a phase of the stride, so that outputs there read nothing."""
    sizes = zip(operation.kernel, operation.dilation, operation.stride, strict=True)
    return any(share_read(kernel, stride, gap) < 1 for kernel, gap, stride in sizes)


def _window_parts(operation: op.Window, state: Parts, source: Shape, shape: Shape) -> Fast | None:
    if state.dim != operation.channel:
        return (
            None
            if state.dim in operation.dims
            else _each(operation, state, source, shape, state.dim)
        )
    channels = source[state.dim]
    if operation.groups == 1:
        united = contracted(state)
        return None if united is None else _on_simple(operation, united, source, shape)
    if operation.groups in (0, channels) and shape[state.dim] == channels:
        return _each(operation, state, source, shape, state.dim)
    return None


def contracted(state: Parts) -> Simple | None:
    """All runs as one: the union of what they see, the smallest of their shortest paths."""
    return merge([run for _, run in state.runs])


def _same(_operation: op.Operation, line: Line, _source: Shape, _shape: Shape) -> Line:
    return line


def _permute(operation: op.Permute, line: Line, _source: Shape, _shape: Shape) -> Line:
    return replace(line, dim=operation.order.index(line.dim))


def _permute_parts(operation: op.Permute, state: Parts, source: Shape, shape: Shape) -> Fast | None:
    return _each(operation, state, source, shape, operation.order.index(state.dim))


def kept_dim(dim: int, source: Shape, shape: Shape) -> int | None:
    """The dimension of ``shape`` that is the whole of dimension ``dim`` after a reshape.

    Between the same neighbours, dimensions of size 1 meet in order, and the last of ``shape``
    takes what is left. A batch of one that stays takes none: maps of one position flattened into
    channels have no dimension of their own then, just as in a batch of two.
    """
    batch = int(source[:1] == shape[:1])
    if dim < batch:
        return dim
    before = prod(source[:dim])
    starts = accumulate(shape, mul, initial=1)
    fitting = [
        candidate
        for candidate, (start, size) in enumerate(zip(starts, shape, strict=False))
        if candidate >= batch and start == before and size == source[dim]
    ]
    ones = takewhile((1).__eq__, reversed(source[batch:dim]))
    return fitting[min(sum(ones), len(fitting) - 1)] if fitting else None


def _reshape(_operation: op.Reshape, line: Line, source: Shape, shape: Shape) -> Simple | None:
    dim = kept_dim(line.dim, source, shape)
    if dim is not None:
        return replace(line, dim=dim)
    return EVERYTHING if source[line.dim] == 1 else None


def _reshape_parts(operation: op.Reshape, state: Parts, source: Shape, shape: Shape) -> Fast | None:
    dim = kept_dim(state.dim, source, shape)
    return None if dim is None else _each(operation, state, source, shape, dim)


def _slice(operation: op.Slice, line: Line, _source: Shape, _shape: Shape) -> Line | None:
    if line.dim != operation.dim:
        return line
    if operation.step < 1:
        return None
    return line.moved(operation.start * line.stride, line.stride * operation.step)


def _slice_parts(operation: op.Slice, state: Parts, source: Shape, shape: Shape) -> Fast | None:
    if state.dim != operation.dim:
        return _each(operation, state, source, shape, state.dim)
    if operation.step != 1:
        return None
    start, end = operation.start, operation.start + shape[operation.dim]
    runs, at = [], 0
    for length, run in state.runs:
        runs.append((max(0, min(at + length, end) - max(at, start)), run))
        at += length
    return parts(state.dim, [(length, run) for length, run in runs if length])


def _select(operation: op.Select, line: Line, _source: Shape, _shape: Shape) -> Line | None:
    if line.dim == operation.dim:
        return None
    return replace(line, dim=line.dim - (line.dim > operation.dim))


def _pad(operation: op.Pad, line: Line, source: Shape, shape: Shape) -> Fast | None:
    before, after = operation.before, operation.after
    if operation.mode == "circular" and (before[line.dim] or after[line.dim]):
        return None
    moved = line.moved(-before[line.dim] * line.stride)
    padded = [
        dim
        for dim in range(len(shape))
        if dim != line.dim and max(before[dim], after[dim]) > 0 and operation.mode == "constant"
    ]
    if not padded:
        return moved
    dim, *more = padded
    if more or min(before[dim], after[dim]) < 0:
        return None
    return parts(dim, [(before[dim], Nothing()), (source[dim], moved), (after[dim], Nothing())])


def _pad_parts(operation: op.Pad, state: Parts, source: Shape, shape: Shape) -> Fast | None:
    if operation.before[state.dim] or operation.after[state.dim]:
        return None
    return _each(operation, state, source, shape, state.dim)


def _repeat(operation: op.Repeat, line: Line, source: Shape, shape: Shape) -> Line | None:
    dim = line.dim + len(shape) - len(source)
    return replace(line, dim=dim) if operation.times[dim] == 1 else None


def _resample(operation: op.Resample, line: Line, source: Shape, shape: Shape) -> Simple | None:
    if line.dim in operation.dims and operation.mode == "adaptive" and shape[line.dim] == 1:
        return EVERYTHING
    if line.dim not in operation.dims or operation.copies(source[line.dim], shape[line.dim]):
        return line
    size, bins = source[line.dim], shape[line.dim]
    if operation.mode != "adaptive" or size % bins:
        return None
    kernel = size // bins
    return line.widened(0, (kernel - 1) * line.stride, kernel * line.stride)


def _aligned(state: Fast, source: Shape, shape: Shape) -> Fast | None:
    """An operand of a broadcast, seen from the result's dimensions."""
    offset = len(shape) - len(source)
    if isinstance(state, (Nothing, Everything)):
        return state
    if source[state.dim] != shape[state.dim + offset]:
        return None
    if isinstance(state, Line):
        return replace(state, dim=state.dim + offset) if offset else state
    runs = [(length, _aligned(run, source, shape)) for length, run in state.runs]
    if any(run is None for _, run in runs):
        return None
    return parts(state.dim + offset, runs)  # type: ignore[arg-type]


def pointwise(
    _operation: op.Operation, states: list[Fast], shapes: list[Shape], shape: Shape
) -> Fast | None:
    """Elementwise with broadcasting: union, the smaller, or."""
    aligned = []
    for state, source in zip(states, shapes, strict=True):
        result = _aligned(state, source, shape)
        if result is None:
            return None
        aligned.append(result)
    dims = {state.dim for state in aligned if isinstance(state, Parts)}
    if not dims:
        return merge(aligned)  # type: ignore[arg-type]
    if len(dims) > 1:
        return None
    return _merge_parts(dims.pop(), aligned, shape)


def _merge_parts(dim: int, states: list[Fast], shape: Shape) -> Fast | None:
    runs_of = [
        list(state.runs) if isinstance(state, Parts) else [(shape[dim], state)] for state in states
    ]
    cuts = sorted({cut for runs in runs_of for cut in accumulate(length for length, _ in runs)})
    merged: list[tuple[int, Simple]] = []
    start = 0
    for end in cuts:
        total = merge([_run_at(runs, start) for runs in runs_of])
        if total is None:
            return None
        merged.append((end - start, total))
        start = end
    return parts(dim, merged)


def _run_at(runs: list[tuple[int, Simple]], index: int) -> Simple:
    for length, run in runs:
        if index < length:
            return run
        index -= length
    raise IndexError(index)


def _concat(
    operation: op.Concat, states: list[Fast], shapes: list[Shape], _shape: Shape
) -> Fast | None:
    runs: list[tuple[int, Simple]] = []
    for state, source in zip(states, shapes, strict=True):
        if isinstance(state, Line) and state.dim == operation.dim:
            return None
        if isinstance(state, Parts):
            if state.dim != operation.dim:
                return None
            runs.extend(state.runs)
        else:
            runs.append((source[operation.dim], state))
    return parts(operation.dim, runs)


def _contract(
    operation: op.Contract, states: list[Fast], shapes: list[Shape], shape: Shape
) -> Fast | None:
    results = []
    for state, labels, source in zip(states, operation.labels, shapes, strict=True):
        result = _contract_one(state, labels, operation.output, source, shape)
        if result is None:
            return None
        results.append(result)
    if any(isinstance(result, Parts) for result in results):
        return pointwise(operation, results, [shape] * len(results), shape)
    return merge(results)  # type: ignore[arg-type]


def _contract_one(
    state: Fast, labels: tuple[int, ...], output: tuple[int, ...], source: Shape, shape: Shape
) -> Fast | None:
    if isinstance(state, Parts):
        if labels[state.dim] not in output:
            united = contracted(state)
            return None if united is None else _contract_one(united, labels, output, source, shape)
        runs = [
            (length, _contract_one(run, labels, output, source, shape))
            for length, run in state.runs
        ]
        if any(run is None for _, run in runs):
            return None
        return parts(output.index(labels[state.dim]), runs)  # type: ignore[arg-type]
    if not isinstance(state, Line):
        return state
    label = labels[state.dim]
    if label not in output:
        return EVERYTHING
    dim = output.index(label)
    return replace(state, dim=dim) if source[state.dim] == shape[dim] else None


def _expand(
    operation: op.Expand, states: list[Fast], shapes: list[Shape], shape: Shape
) -> Fast | None:
    return pointwise(operation, states, shapes, shape)


_ONE: dict[type, Callable[..., Fast | None]] = {
    op.Window: _window,
    op.Norm: _same,
    op.Permute: _permute,
    op.Reshape: _reshape,
    op.Slice: _slice,
    op.Select: _select,
    op.Pad: _pad,
    op.Repeat: _repeat,
    op.Resample: _resample,
}

_PARTS: dict[type, Callable[..., Fast | None]] = {
    op.Window: _window_parts,
    op.Permute: _permute_parts,
    op.Reshape: _reshape_parts,
    op.Slice: _slice_parts,
    op.Select: lambda *_: None,
    op.Repeat: lambda *_: None,
    op.Pad: _pad_parts,
    op.Resample: lambda *_: None,
}

_MANY: dict[type, Callable[..., Fast | None]] = {
    op.Pointwise: pointwise,
    op.Concat: _concat,
    op.Contract: _contract,
    op.Expand: _expand,
}
