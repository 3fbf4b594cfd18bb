"""The one edit that a message can afford to look for: a stride or a pooling less.

Of the places where the map shrinks, the effect of each is predicted without changing the network:
all that is seen after it grows as many times slower as its stride was. The best is then made, and
measured as in ``search``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
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
    dead, groups = state.unproductive, list(strided(state).values())
    for group in sorted(groups, key=lambda one: _predicted(state, dead, one))[:_TRIES]:
        found = _made(state, without_stride(group), policy, root)
        if found is not None:
            return found
    return None


def _predicted(state: State, dead: Iterable[str], group: Sequence[Node]) -> tuple[int, int]:
    """How many layers stay unproductive, and the multiply-accumulates then."""
    places = {node.name: place for place, node in enumerate(state.graph)}
    last = max(places[node.name] for node in group)
    after = state.graph.nodes[last + 1 :]
    shares = [_share(state, group, axis) for axis in range(state.graph.axes)]
    later = {node.layer for node in after}
    left = 0
    for layer in dead:
        sizes: Iterable[float] = state.limits[layer].dead
        if layer in later:
            pairs = zip(sizes, shares, strict=True)
            sizes = [start + (size - start) / stride for size, (start, stride) in pairs]
        left += all(map(ge, sizes, state.resolution))
    cost = sum([node.macs for node in after])
    return left, state.macs + cost * (prod(stride for _, stride in shares) - 1)


def _share(state: State, group: Sequence[Node], axis: int) -> tuple[float, int]:
    """What is seen where ``group`` shrinks the map, and its stride."""
    window, lines = group[0].operation, [state.lines[node.name][axis] for node in group]
    assert isinstance(window, op.Window)
    dim = lines[0].dim if lines[0] else None
    stride = window.stride[window.dims.index(dim)] if dim in window.dims else 1
    return min(line.size for line in lines if line), stride


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
        macs_of(graph) / state.macs,
    )


def _count(reaches: Iterable[Reach], resolution: tuple[int, ...]) -> int:
    return sum(reach.is_past(resolution) for reach in reaches)
