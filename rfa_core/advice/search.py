"""Combinations of edits: a beam over the best trade-offs, the cheapest first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import le

from rfa_core.advice.candidates import candidates
from rfa_core.advice.changes import (
    Edit,
    Kind,
    OutputError,
    UnfitError,
    UnfollowedError,
    WastefulError,
)
from rfa_core.advice.editing import draft, edited
from rfa_core.advice.shortest import States, lines_of
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
MOST_TRACED = 8_000
"""How many nodes are traced anew at most, of models with edits that one trace does not tell."""
Retraced = Callable[[Graph], Graph]
"""The graph of the model with the layers of a draft; raises UnfollowedError if that cannot be
made, UnfitError if it does not run."""


def untraced(_: Graph) -> Graph:
    """No model is there to be asked."""
    raise UnfollowedError("", "there is no model to be changed")


@dataclass(slots=True)
class Search:
    """The states that were reached so far, by what was changed; what was ``refused`` and why.

    ``price`` is how many times what shortest paths cost it takes to measure a state. What cannot
    be followed is ``retraced``.
    """

    measured: Measured
    price: int = 1
    retraced: Retraced = untraced
    known: dict[frozenset[Edit], State | None] = field(default_factory=dict)
    refused: dict[frozenset[Edit], UnfitError] = field(default_factory=dict)
    traced: int = 0

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
                self.known[key] = _stepped(state, edit, self._made(state, edit), self.measured)
            except UnfitError as error:
                self.refused[key] = error
                self.known[key] = None
        return self.known[key]

    def _made(self, state: State, edit: Edit) -> Graph:
        """The network with one more ``edit``; asked of the model where the graph does not tell."""
        try:
            return edited(state.graph, edit)
        except UnfollowedError as error:
            if self.traced >= MOST_TRACED:
                raise
            asked = draft(state.graph, edit)
            self.traced += len(asked)
            try:
                return self.retraced(asked)
            except UnfollowedError:
                raise error from None


def _stepped(state: State, edit: Edit, graph: Graph, measured: Measured) -> State | None:
    lines = lines_of(graph)
    _require_outputs(state, graph, lines)
    limits = measured(graph, lines)
    if limits is None:
        return None
    child = replace(state, graph=graph, lines=lines, limits=limits, before=state)
    removed = state.limits.keys() - limits.keys()
    useful = len(removed - state.unproductive) + len(state.recurrent - child.recurrent)
    dead = len(removed & state.unproductive)
    if _undoes(graph, state.edits):
        return None
    if useful > MOST_USEFUL * dead:
        raise WastefulError("", f"it drops {useful} layers of use for {dead} that are not")
    child = replace(child, edits=(*state.edits, edit), lost=state.lost + useful)
    if not _keeps_enough(child):
        raise WastefulError("", "it drops most of the layers that are of use")
    better = (
        len(child.unproductive) < len(state.unproductive),
        child.worst < state.worst,
        child.macs < state.macs,
    )
    return child if any(better) else None


def _require_outputs(state: State, graph: Graph, lines: Mapping[str, States]) -> None:
    """The sizes of outputs change along the axes alone."""
    for old, new in zip(state.graph.outputs, graph.outputs, strict=True):
        then, now = state.graph[old], graph[new]
        along = _along(state.lines[old]) & _along(lines[new])
        pairs = enumerate(zip(then.shape, now.shape, strict=False))
        fixed = [dim for dim, (was, size) in pairs if was != size and dim not in along]
        if fixed or len(then.shape) != len(now.shape):
            raise OutputError(then.layer, f"the output has the shape {list(then.shape)}")


def _along(states: States) -> set[int]:
    return {state.dim for state in states if state is not None and state.dim is not None}


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
