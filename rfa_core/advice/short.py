"""The one edit that a message can afford to look for: a stride or a pooling less.

Of the places where the map shrinks, the effect of each is predicted without changing the network:
all that is seen after it grows as many times slower as its stride was. The best is then made, and
measured as in ``search``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, prod
from operator import ge

from rfa_core.advice.candidates import strided, without_stride
from rfa_core.advice.changes import Edit, UnfitError
from rfa_core.advice.editing import edited
from rfa_core.advice.shortest import Reach, limits_of, lines_of
from rfa_core.advice.state import State, macs_of, regular_state
from rfa_core.advice.steps import steps_of
from rfa_core.findings import Repair
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy

_TRIES = 2
"""How many edits are made at most."""


def short_advice(
    graph: Graph,
    layers: Sequence[Layer],
    resolution: tuple[int, ...],
    policy: Policy,
    root: str,
) -> Repair | None:
    """The cheapest single stride or pooling without which fewest layers are unproductive.

    None if no such edit helps, or the network is not regular enough to tell at once.
    """
    state = regular_state(graph, layers, resolution, policy)
    if state is None or not state.unproductive:
        return None
    dead = state.unproductive
    edits = [without_stride(group) for group in strided(state).values()]
    for edit in sorted(edits, key=lambda one: _predicted(state, dead, one))[:_TRIES]:
        found = _made(state, edit, policy, root)
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True)
class _Slower:
    """What a change does along one axis: what was seen where it is made, ``before`` and
    ``after``, and how many times slower it grows from there on."""

    before: float
    after: float
    times: float

    def of(self, size: float) -> float:
        return self.after + (size - self.before) / self.times


def _predicted(state: State, dead: Iterable[str], edit: Edit) -> tuple[int, float]:
    """How many layers stay unproductive, and the multiply-accumulates then."""
    gone = {one.last for one in edit.removals}
    windows = {change.layer: change.after for change in edit.windows}
    places = [
        place
        for place, node in enumerate(state.graph)
        if node.name in gone or (node.layer in windows and isinstance(node.operation, op.Window))
    ]
    changed = [state.graph.nodes[place] for place in places]
    axes = [_slower(state, changed, windows, axis) for axis in range(state.graph.axes)]
    after = state.graph.nodes[max(places) + 1 :]
    later = {node.layer for node in after}
    left = 0
    for layer in dead:
        sizes: Iterable[float] = state.limits[layer].dead
        if layer in later:
            sizes = [axis.of(size) for size, axis in zip(sizes, axes, strict=True)]
        left += all(map(ge, sizes, state.resolution))
    cost = sum([node.macs for node in after])
    return left, state.macs + cost * (prod(axis.times for axis in axes) - 1)


def _slower(
    state: State, changed: Sequence[Node], windows: Mapping[str, op.Window], axis: int
) -> _Slower:
    before, after, times = inf, inf, 1.0
    for node in changed:
        old, new = node.operation, windows.get(node.layer)
        source, made = state.lines[node.operands[0]][axis], state.lines[node.name][axis]
        assert isinstance(old, op.Window) and source is not None and made is not None
        if source.dim not in old.dims:
            return _Slower(0, 0, 1)
        place = old.dims.index(source.dim)
        reach = (new.kernel[place] - 1) * new.dilation[place] if new else 0
        before = min(before, made.size)
        after = min(after, source.size + reach * float(source.stride))
        times = old.stride[place] / (new.stride[place] if new else 1)
    return _Slower(before, after, times)


def _made(state: State, edit: Edit, policy: Policy, root: str) -> Repair | None:
    """What ``edit`` comes to, measured; None if it does not fit or does not help."""
    try:
        graph = edited(state.graph, edit)
    except UnfitError:
        return None
    limits = limits_of(graph, lines_of(graph), state.limits, policy)
    before = len(state.unproductive)
    after = before if limits is None else _count(limits.values(), state.resolution)
    if after >= before:
        return None
    steps = steps_of(state.graph, graph, edit, root)
    if len({(step.before, step.after) for step in steps}) > 1:
        return None
    places = {(step.file, step.line) for step in steps}
    return Repair(
        tuple(layer for step in steps for layer in step.layers),
        steps[0].before,
        steps[0].after,
        *(places.pop() if len(places) == 1 else (None, None)),
        before,
        after,
        macs_of(graph) / state.macs if state.macs else 1.0,
    )


def _count(reaches: Iterable[Reach], resolution: tuple[int, ...]) -> int:
    return sum(reach.is_past(resolution) for reach in reaches)
