"""Sequences of tensors whose length is known: their parts are followed one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import Call, UndecidedError
from rfa_core.frontends.onnx.values import Value, constant
from rfa_core.frontends.phrases import concatenated, reshaped, sliced

_Handler = Callable[[Draft, Call], list[Value]]


def _parts(call: Call, place: int = 0) -> tuple[Value, ...]:
    value = call.value(place)
    if value is None or value.parts is None:
        raise UndecidedError(f"data decide which tensors {call.name} takes")
    return value.parts


def _sequence(*parts: Value) -> list[Value]:
    return [Value(None, parts=parts)]


def _construct(_draft: Draft, call: Call) -> list[Value]:
    return _sequence(*(value for value in call.inputs if value is not None))


def _at(_draft: Draft, call: Call) -> list[Value]:
    return [_parts(call)[int(call.numbers(1)[0])]]


def _insert(_draft: Draft, call: Call) -> list[Value]:
    parts, new = list(_parts(call)), call.value(1)
    place = int(call.numbers(2, default=[len(parts)])[0])
    if new is not None:
        parts.insert(place if place >= 0 else place + len(parts), new)
    return _sequence(*parts)


def _erase(_draft: Draft, call: Call) -> list[Value]:
    parts = list(_parts(call))
    del parts[int(call.numbers(1, default=[-1])[0])]
    return _sequence(*parts)


def _length(_draft: Draft, call: Call) -> list[Value]:
    return [constant(np.array(len(_parts(call)), dtype=np.int64))]


def _split(draft: Draft, call: Call) -> list[Value]:
    """Pieces of the given sizes; of 1 without its dimension, if no size is given."""
    source, shape, value = call.operand(draft, 0), call.shape_of(0), call.value(0)
    axis = call.attr("axis", 0) % len(shape)
    given = call.value(1)
    sizes = [1] * shape[axis] if given is None else [int(size) for size in call.numbers(1)]
    if given is not None and given.shape == ():
        each = sizes[0]
        sizes = [min(each, shape[axis] - start) for start in range(0, shape[axis], each)]
    if value is None or not value.is_live or min(sizes, default=0) < 1 or sum(sizes) != shape[axis]:
        raise UndecidedError("SplitToSequence of a constant, or into sizes that do not fit")
    parts, start = [], 0
    for size in sizes:
        part = sliced(draft, source, {axis: range(start, start + size)}, "split")
        if given is None and not call.attr("keepdims", 1):
            own = draft.shape(part)
            part = reshaped(draft, part, (*own[:axis], *own[axis + 1 :]))
        parts.append(replace(value, shape=draft.shape(part), node=part))
        start += size
    return _sequence(*parts)


def _concat(draft: Draft, call: Call) -> list[Value]:
    parts, axis = _parts(call), call.attr("axis")
    if not any(part.is_live for part in parts) or any(part.shape is None for part in parts):
        raise UndecidedError("ConcatFromSequence of constants")
    names = [part.node or draft.constant(part.shape or ()) for part in parts]
    if call.attr("new_axis", 0):
        axis %= len(draft.shape(names[0])) + 1
        names = [
            reshaped(draft, name, (*draft.shape(name)[:axis], 1, *draft.shape(name)[axis:]))
            for name in names
        ]
    made = concatenated(draft, names, axis)
    return [Value(draft.shape(made), parts[0].type, made)]


SEQUENCES: dict[str, _Handler] = {
    "SequenceConstruct": _construct,
    "SequenceEmpty": _construct,
    "SequenceAt": _at,
    "SequenceInsert": _insert,
    "SequenceErase": _erase,
    "SequenceLength": _length,
    "SplitToSequence": _split,
    "ConcatFromSequence": _concat,
}
