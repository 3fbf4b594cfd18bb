"""Subgraphs: the branch that is taken or both, and loops whose rounds are known and few."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping, Sequence
from typing import Protocol

import numpy as np
from onnx import GraphProto, NodeProto

from rfa_core.frontends.draft import Draft
from rfa_core.frontends.onnx.registry import UndecidedError
from rfa_core.frontends.onnx.values import Value, constant
from rfa_core.frontends.phrases import concatenated, elementwise, reshaped, sliced

MOST_ROUNDS = 64
"""Loops of more rounds are not followed."""

Scope = MutableMapping[str, Value]


class Host(Protocol):
    """Who reads subgraphs."""

    @property
    def draft(self) -> Draft: ...

    def enter(self, node: NodeProto, values: Sequence[Value | None]) -> None: ...

    def inside(self, graph: GraphProto, given: dict[str, Value], scope: Scope) -> list[Value]: ...


def _if(host: Host, node: NodeProto, values: Sequence[Value | None], scope: Scope) -> list[Value]:
    """The branch that a known condition takes; else either, which reads the condition, too."""
    condition = values[0]
    branches = {one.name: one.g for one in node.attribute}
    if condition is not None and condition.data is not None:
        taken = "then_branch" if condition.data.reshape(-1)[0] else "else_branch"
        return host.inside(branches[taken], {}, scope)
    both = [host.inside(branches[name], {}, scope) for name in ("then_branch", "else_branch")]
    host.enter(node, values)
    return [_either(host.draft, condition, *pair) for pair in zip(*both, strict=True)]


def _either(draft: Draft, condition: Value | None, one: Value, other: Value) -> Value:
    if one.shape is None or one.shape != other.shape:
        raise UndecidedError(
            "data decide which branch of an If is taken, and how large its result is"
        )
    chooser = [condition] if condition is not None and condition.node is not None else []
    names = [value.node for value in (*chooser, one, other) if value.node is not None]
    if not names:
        return Value(one.shape, one.type)
    if condition is not None and condition.node is not None and condition.shape:
        names[0] = reshaped(draft, names[0], ())
    made = elementwise(draft, names, "where")
    if draft.shape(made) != one.shape:
        made = elementwise(draft, [made, draft.constant(one.shape)], "where")
    return Value(one.shape, one.type, made)


def _loop(host: Host, node: NodeProto, values: Sequence[Value | None], scope: Scope) -> list[Value]:
    """Round after round, as long as it is known whether there is another."""
    body = node.attribute[0].g
    most, condition = values[0], values[1] if len(values) > 1 else None
    rounds = _number(most, "how often a Loop runs") if most is not None else MOST_ROUNDS + 1
    goes_on = bool(_number(condition, "how often a Loop runs")) if condition is not None else True
    carried = [value for value in values[2:] if value is not None]
    stacked: list[list[Value]] = [[] for _ in range(len(body.output) - 1 - len(carried))]
    turn = 0
    while goes_on and turn < rounds:
        if turn == MOST_ROUNDS:
            raise UndecidedError(f"a Loop runs more than {MOST_ROUNDS} times")
        given = [constant(np.array(turn, dtype=np.int64)), constant(np.array(True)), *carried]
        names = [one.name for one in body.input]
        results = host.inside(body, dict(zip(names, given, strict=True)), scope)
        goes_on = bool(_number(results[0], "how often a Loop runs"))
        carried = results[1 : 1 + len(carried)]
        for stack, value in zip(stacked, results[1 + len(carried) :], strict=True):
            stack.append(value)
        turn += 1
    host.enter(node, values)
    return [*carried, *(_stacked(host.draft, stack) for stack in stacked)]


def _scan(host: Host, node: NodeProto, values: Sequence[Value | None], scope: Scope) -> list[Value]:
    """Along the first dimension of its inputs, forwards."""
    attributes = {one.name: one for one in node.attribute}
    body, count = attributes["body"].g, attributes["num_scan_inputs"].i
    others = (
        "scan_input_axes",
        "scan_input_directions",
        "scan_output_axes",
        "scan_output_directions",
    )
    if any(any(attributes[name].ints) for name in others if name in attributes) or any(
        value is None for value in values
    ):
        raise UndecidedError("a Scan along another dimension than the first is not followed")
    given = [value for value in values if value is not None]
    carried, scanned = given[: len(given) - count], given[len(given) - count :]
    steps = {value.shape[0] if value.shape else 0 for value in scanned}
    if len(steps) != 1 or not 0 < min(steps) <= MOST_ROUNDS:
        raise UndecidedError(f"a Scan of more than {MOST_ROUNDS} steps is not followed")
    stacked: list[list[Value]] = [[] for _ in range(len(body.output) - len(carried))]
    names = [one.name for one in body.input]
    for step in range(steps.pop()):
        host.enter(node, values)
        parts = [_at(host.draft, value, step) for value in scanned]
        results = host.inside(body, dict(zip(names, [*carried, *parts], strict=True)), scope)
        carried = results[: len(carried)]
        for stack, value in zip(stacked, results[len(carried) :], strict=True):
            stack.append(value)
    host.enter(node, values)
    return [*carried, *(_stacked(host.draft, stack) for stack in stacked)]


def _at(draft: Draft, value: Value, step: int) -> Value:
    shape = (value.shape or ())[1:]
    if value.node is None:
        data = None if value.data is None else value.data[step]
        return Value(shape, value.type, data=data, sources=value.sources)
    part = sliced(draft, value.node, {0: range(step, step + 1)}, "scan")
    return Value(shape, value.type, reshaped(draft, part, shape, "scan"))


def _stacked(draft: Draft, parts: list[Value]) -> Value:
    """The results of all rounds, one after the other along a new first dimension."""
    known = [part.data for part in parts if part.data is not None]
    if parts and len(known) == len(parts):
        return constant(np.stack(known))
    shapes = {part.shape for part in parts}
    shape = shapes.pop() if len(shapes) == 1 else None
    if shape is None:
        raise UndecidedError("data decide how large the result of a loop is")
    if not any(part.is_live for part in parts):
        return Value((len(parts), *shape), parts[0].type)
    names = [
        reshaped(draft, part.node or draft.constant(shape), (1, *shape), "stack") for part in parts
    ]
    return Value((len(parts), *shape), parts[0].type, concatenated(draft, names, 0, "stack"))


def _number(value: Value | None, what: str) -> int:
    if value is None or value.data is None or value.data.size != 1:
        raise UndecidedError(f"data decide {what}")
    return int(value.data.reshape(-1)[0])


CONTROL: dict[str, Callable[[Host, NodeProto, Sequence[Value | None], Scope], list[Value]]] = {
    "If": _if,
    "Loop": _loop,
    "Scan": _scan,
}
