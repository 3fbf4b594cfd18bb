"""Shortest paths through regular networks: what a search can afford to ask of every candidate.

Where every layer is a window over positions, elementwise or global, footprints along the shortest
path are one number and one stride per axis. What is not so regular is ``None`` here, and so is what
depends on it. Whether that is enough for a network is not assumed: ``limits_of`` of the
network as it is must say the same as its analysis.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, inf
from operator import ge
from typing import Any

from rfa_core.advice.regrouping import regrouped
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive.policy import Policy


@dataclass(frozen=True, slots=True)
class Line:
    """A tensor along one axis: the dimension that runs along it, the size of the footprints and
    the input pixels from one index to the next.

    ``dim`` is None where no dimension does: everything is seen (``size`` is infinite), or
    nothing (0). ``mixed``: that is the smallest of several, which differ from channel to channel.
    """

    dim: int | None
    size: float
    stride: int | Fraction
    mixed: bool = False


EVERYTHING = Line(None, inf, 1)
NOTHING = Line(None, 0, 1)
State = Line | None
States = tuple[State, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """Per axis the largest sizes at which a layer is past the border, and at which its own
    footprint passes the image (0: none)."""

    dead: tuple[float, ...]
    own: tuple[float, ...]

    def is_past(self, resolution: tuple[int, ...]) -> bool:
        """Whether the layer is unproductive there."""
        return all(map(ge, self.dead, resolution))

    def also(self, other: Reach) -> Reach:
        """Another call of the layer, which is as good as the best of them."""
        dead = tuple(map(min, self.dead, other.dead))
        return Reach(dead, tuple(map(min, self.own, other.own)))


Limits = Mapping[str, Reach]


def lines_of(graph: Graph) -> Mapping[str, States]:
    """The states of every node's result, one per axis."""
    known: dict[str, States] = {}
    for node in graph:
        rule = _RULES.get(type(node.operation))
        if rule is None:
            known[node.name] = (None,) * graph.axes
            continue
        operands = [known[name] for name in node.operands]
        known[node.name] = tuple(
            [
                rule(graph, node, axis, [states[axis] for states in operands])
                for axis in range(graph.axes)
            ]
        )
    return known


def limits_of(
    graph: Graph, lines: Mapping[str, States], judged: Collection[str], policy: Policy
) -> Limits | None:
    """How far every judged layer reaches; None if one of them is not regular.

    See ``receptive.feasible.dead_up_to``.
    """
    slack = 1 if policy.strict_tie else 0
    found: dict[str, Reach] = {}
    for node in graph:
        if not node.weighted or node.layer not in judged:
            continue
        reach = _reach(node, lines, slack)
        if reach is None:
            return None
        known = found.get(node.layer)
        found[node.layer] = reach if known is None else known.also(reach)
    return found


def _reach(node: Node, lines: Mapping[str, States], slack: int) -> Reach | None:
    data = node.operands[:1] if isinstance(node.operation, op.Window) else node.operands
    dead, own = [], []
    for axis, made in enumerate(lines[node.name]):
        states = [lines[name][axis] for name in data]
        if made is None or None in states or not made.size:
            return None
        seen = min((state.size for state in states if state and state.size), default=0)
        own.append(_whole(made.size) - 1)
        dead.append(max(0.0, min(_whole(seen) - slack, own[-1])))
    return Reach(tuple(dead), tuple(own))


def _whole(size: float) -> float:
    return size if size == inf else ceil(size)


def _input(graph: Graph, node: Node, axis: int, _: Sequence[State]) -> State:
    del graph
    assert isinstance(node.operation, op.Input)
    axes = node.operation.axes
    return Line(axes.index(axis), 1, 1) if axis in axes else NOTHING


def _constant(*_: Any) -> State:
    return NOTHING


def _same(_graph: Graph, _node: Node, _axis: int, states: Sequence[State]) -> State:
    return states[0]


def _merged(graph: Graph, node: Node, _axis: int, states: Sequence[State]) -> State:
    """The smaller of several that run in step; what sees everything adds nothing shorter."""
    if len(states) == 1:
        return _shifted(states[0], len(node.shape) - len(graph[node.operands[0]].shape))
    rank = len(node.shape)
    known = [
        _shifted(state, rank - len(graph[name].shape))
        for state, name in zip(states, node.operands, strict=True)
    ]
    return _shortest(known)


def _shortest(states: Sequence[State]) -> State:
    if any(state is None for state in states):
        return None
    running = [state for state in states if state is not None and state.dim is not None]
    if not running:
        return EVERYTHING if EVERYTHING in states else NOTHING
    first = running[0]
    if any((one.dim, one.stride) != (first.dim, first.stride) for one in running):
        return None
    least = min(running, key=lambda one: one.size)
    mixed = any(one.mixed for one in running)
    return least if least.mixed == mixed else replace(least, mixed=mixed)


def _shifted(state: State, by: int) -> State:
    if state is None or state.dim is None or not by:
        return state
    return replace(state, dim=state.dim + by)


def _window(_graph: Graph, node: Node, _axis: int, states: Sequence[State]) -> State:
    window, state = node.operation, states[0]
    assert isinstance(window, op.Window)
    if state is None or state.dim not in window.dims:
        mixed = state is not None and state.dim is not None and state.dim == window.channel
        if mixed and window.groups:
            return None
        return replace(state, mixed=False) if state and window.groups == 1 else state
    place = window.dims.index(state.dim)
    kernel, stride = window.kernel[place], window.stride[place]
    if not window.transposed:
        grown = state.size + (kernel - 1) * window.dilation[place] * state.stride
        mixed = state.mixed and window.groups != 1
        return Line(state.dim, grown, state.stride * stride, mixed)
    if window.dilation[place] > 1 or kernel < stride:
        return None
    taps = -(-kernel // stride)
    grown = state.size + (taps - 1) * state.stride
    mixed = state.mixed and window.groups != 1
    return Line(state.dim, grown, Fraction(state.stride) / stride, mixed)


def _contract(_graph: Graph, node: Node, _axis: int, states: Sequence[State]) -> State:
    contract = node.operation
    assert isinstance(contract, op.Contract)
    moved: list[State] = []
    for labels, state in zip(contract.labels, states, strict=True):
        if state is None or state.dim is None:
            moved.append(state)
        elif labels[state.dim] in contract.output:
            place = contract.output.index(labels[state.dim])
            moved.append(replace(state, dim=place))
        else:
            moved.append(EVERYTHING if len(states) == 1 else None)
    return _shortest(moved)


def _permute(_graph: Graph, node: Node, _axis: int, states: Sequence[State]) -> State:
    (state,) = states
    assert isinstance(node.operation, op.Permute)
    if state is None or state.dim is None:
        return state
    return replace(state, dim=node.operation.order.index(state.dim))


def _reshape(graph: Graph, node: Node, _axis: int, states: Sequence[State]) -> State:
    (state,) = states
    if state is None or state.dim is None:
        return state
    source = graph[node.operands[0]].shape
    made = regrouped(source, node.shape, source)
    alone = [dim for dim, of in enumerate(made[1] if made else ()) if of == {state.dim}]
    return replace(state, dim=alone[0]) if len(alone) == 1 else None


def _elsewhere(_graph: Graph, node: Node, _axis: int, states: Sequence[State]) -> State:
    """What reads another dimension."""
    operation: Any = node.operation
    dims = (operation.dim,) if hasattr(operation, "dim") else operation.dims
    (state,) = states
    if state is None or state.dim is None:
        return state
    if state.dim in dims or (state.mixed and not isinstance(operation, op.Roll)):
        return None
    gone = isinstance(operation, op.Select) and operation.dim < state.dim
    return _shifted(state, -1 if gone else 0)


def _concat(_graph: Graph, node: Node, _axis: int, states: Sequence[State]) -> State:
    merged = _shortest(states)
    assert isinstance(node.operation, op.Concat)
    if merged is None or len(states) == 1:
        return merged
    if merged.dim == node.operation.dim:
        return None
    differs = any(state != states[0] for state in states)
    return replace(merged, mixed=True) if differs else merged


def _resample(graph: Graph, node: Node, _axis: int, states: Sequence[State]) -> State:
    (state,) = states
    resample = node.operation
    assert isinstance(resample, op.Resample)
    if state is None or state.dim is None or state.dim not in resample.dims:
        return state
    before, after = graph[node.operands[0]].shape[state.dim], node.shape[state.dim]
    if resample.copies(before, after):
        return state
    reach = {"nearest": 0, "linear": 1}.get(resample.mode)
    whole = after % before == 0
    if reach is None or resample.first or resample.align_corners or not whole:
        return None
    stride = Fraction(state.stride) * before / after
    return replace(state, size=state.size + reach * state.stride, stride=stride)


_RULES: dict[type, Callable[[Graph, Node, int, Sequence[State]], State]] = {
    op.Input: _input,
    op.Constant: _constant,
    op.Pointwise: _merged,
    op.Expand: _merged,
    op.Norm: _same,
    op.Pad: _same,
    op.Window: _window,
    op.Contract: _contract,
    op.Permute: _permute,
    op.Reshape: _reshape,
    op.Slice: _elsewhere,
    op.Gather: _elsewhere,
    op.Select: _elsewhere,
    op.Roll: _elsewhere,
    op.Concat: _concat,
    op.Resample: _resample,
}
