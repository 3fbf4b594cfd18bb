"""Combinations of edits: a beam over the best trade-offs, the cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from operator import le

from rfa_core.advice.candidates import candidates
from rfa_core.advice.changes import Edit, Kind, UnfitError
from rfa_core.advice.editing import edited
from rfa_core.advice.shortest import lines_of
from rfa_core.advice.state import Measured, State
from rfa_core.graph.model import Graph

DEEPEST = 4
"""How many edits are combined at most."""
WIDTH = 6
"""From how many trade-offs a search goes on."""
MOST_USEFUL = 3
"""How many layers of use may go with one that is not: a bottleneck block has four."""
MOST_NODES = 60_000
"""How many nodes are worked out at most for one goal."""


@dataclass(slots=True)
class Search:
    """The states that were reached so far, by what was changed; ``refused`` edits and why.

    ``price`` is how many times what shortest paths cost it takes to measure a state.
    """

    measured: Measured
    price: int = 1
    known: dict[frozenset[Edit], State | None] = field(default_factory=dict)
    refused: dict[Edit, UnfitError] = field(default_factory=dict)

    def run(self, start: State, kinds: Collection[Kind]) -> list[State]:
        """The states that edits of these ``kinds`` lead to, at most ``DEEPEST`` of them each."""
        found: dict[frozenset[Edit], State] = {}
        front, left = [start], MOST_NODES
        for _ in range(DEEPEST):
            reached: dict[frozenset[Edit], State] = {}
            for state in front:
                for edit in candidates(state):
                    key = frozenset((*state.edits, edit))
                    if edit.kind not in kinds or key in found or left <= 0:
                        continue
                    left -= 0 if key in self.known else self.price * len(start.graph)
                    child = self.step(state, edit)
                    if child is not None:
                        reached[key] = child
            found.update(reached)
            open_ = [child for child in reached.values() if child.unproductive]
            front = _spread(best(open_, _promise), WIDTH)
        return list(found.values())

    def step(self, state: State, edit: Edit) -> State | None:
        """``state`` with one more ``edit``; None if that does not fit, or only takes away."""
        key = frozenset((*state.edits, edit))
        if key not in self.known:
            try:
                self.known[key] = _stepped(state, edit, self.measured)
            except UnfitError as error:
                self.refused.setdefault(edit, error)
                self.known[key] = None
        return self.known[key]


def _stepped(state: State, edit: Edit, measured: Measured) -> State | None:
    graph = edited(state.graph, edit)
    lines = lines_of(graph)
    limits = measured(graph, lines)
    if limits is None:
        return None
    removed = state.limits.keys() - limits.keys()
    useful = len(removed - state.unproductive)
    dead = len(removed) - useful
    if useful > MOST_USEFUL * dead or _undoes(graph, state.edits):
        return None
    child = replace(
        state,
        graph=graph,
        lines=lines,
        limits=limits,
        edits=(*state.edits, edit),
        lost=state.lost + useful,
    )
    if not _keeps_enough(child):
        return None
    better = (
        len(child.unproductive) < len(state.unproductive),
        child.worst < state.worst,
        child.macs < state.macs,
    )
    return child if any(better) else None


def _undoes(graph: Graph, edits: Sequence[Edit]) -> bool:
    """Whether an earlier edit has nothing left to be about."""
    layers = {node.layer for node in graph}
    return any(
        any(one.source not in graph for one in edit.removals)
        or (edit.windows and all(change.layer not in layers for change in edit.windows))
        for edit in edits
    )


def _keeps_enough(state: State) -> bool:
    """Whether a third of the layers that were ever of use are left."""
    left = len(state.limits) - len(state.unproductive)
    return 2 * left >= state.lost


def best(states: Iterable[State], cost: Callable[[State], Sequence[float]]) -> list[State]:
    """Those that no other is at least as good as in every part of ``cost``, cheapest first."""
    kept: list[tuple[Sequence[float], State]] = []
    for state in sorted(states, key=lambda one: (one.macs, *cost(one))):
        own = cost(state)
        if not any(all(map(le, other, own)) for other, _ in kept):
            kept = [(other, one) for other, one in kept if not all(map(le, own, other))]
            kept.append((own, state))
    return [state for _, state in kept]


def _promise(state: State) -> Sequence[float]:
    return len(state.unproductive), state.macs, state.lost, state.worst, len(state.critical)


def _spread(states: Sequence[State], count: int) -> list[State]:
    """``count`` of them from one end to the other."""
    if len(states) <= count:
        return list(states)
    return [states[at * (len(states) - 1) // (count - 1)] for at in range(count)]
