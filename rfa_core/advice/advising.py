"""Proposals for one network at one resolution: searched for, verified, compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeVar

from rfa_core.advice.changes import Edit, Kind, UnfitError
from rfa_core.advice.figures import figures_of
from rfa_core.advice.search import Retraced, Search, best, untraced
from rfa_core.advice.state import State, first_state
from rfa_core.advice.steps import dropping_steps, is_below, steps_of
from rfa_core.errors import InvalidGraphError
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph
from rfa_core.graph.operations import Window
from rfa_core.proposals import GOALS, Figures, Proposal, Step
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy

Choice = TypeVar("Choice")
DROPPING = frozenset({Kind.TAIL, Kind.STAGE})
RAISING = frozenset({Kind.STRIDE, Kind.POOLING, Kind.MOVED_STRIDE, Kind.DILATION})
_KINDS = {
    "efficiency": DROPPING | {Kind.KERNEL},
    "performance": RAISING | {Kind.KERNEL},
    "both": frozenset(Kind),
}
"""The edits that are combined for a goal; a combination is for the goal that it fits best."""
MOST = 3
"""How many proposals are made for one goal."""
_ANALYSED = 8
"""How many combinations are analysed for one goal, before the best of them are chosen."""


@dataclass(frozen=True, slots=True)
class Advised:
    """A proposal and the network that it makes."""

    proposal: Proposal
    graph: Graph


@dataclass(frozen=True, slots=True)
class Tally:
    """How the search for one goal went: how many combinations of edits it ``tried``, why those
    that were ``refused`` do not fit, how many helped and the model did not keep (``unkept``)."""

    goal: str
    tried: int
    refused: tuple[UnfitError, ...] = ()
    unkept: int = 0


@dataclass(frozen=True, slots=True)
class Advice:
    """What a search came to: the network as it is, proposals, how many combinations it ``tried``,
    and how it went for each goal."""

    before: Figures
    found: tuple[Advised, ...]
    tried: int
    tallies: tuple[Tally, ...] = ()


def advise(
    graph: Graph,
    layers: Sequence[Layer],
    resolution: tuple[int, ...],
    policy: Policy,
    root: str,
    goals: Sequence[str] = GOALS,
    applied: Callable[[Graph], str | None] = lambda _: "",
    retraced: Retraced = untraced,
) -> Advice:
    """Proposals that leave fewer layers unproductive, for each of ``goals`` the cheapest first.

    Each was linted and analysed anew. ``applied`` says how the model itself fared with a graph
    that was made, None if it is not what was predicted: that is not proposed. ``retraced`` makes
    the graph of the model with the layers of a draft, where one trace does not tell it.
    """
    before = figures_of(graph, resolution, policy, layers)
    start, measured, price = first_state(graph, layers, resolution, policy)
    if not start.unproductive:
        return Advice(before, (), 0)
    search = Search(measured, price, retraced)
    reached = {goal: search.run(start, _KINDS[goal]) for goal in goals}
    found: list[Advised] = []
    tallies: list[Tally] = []
    for goal in goals:
        own = [state for state in reached[goal] if _serves(state, start, goal)]
        kept, unkept = _kept(_analysed(own, start, before, policy, root), applied)
        found.extend(sorted(kept, key=lambda one: one.proposal.after.macs))
        tallies.append(_tally(goal, search, unkept))
    return Advice(before, tuple(found), len(search.known), tuple(tallies))


def _tally(goal: str, search: Search, unkept: int) -> Tally:
    own = [edits for edits in search.known if _goal(edits) == goal]
    refused = tuple(search.refused[edits] for edits in own if edits in search.refused)
    return Tally(goal, len(own), refused, unkept)


def _serves(state: State, start: State, goal: str) -> bool:
    """Whether it is a combination for ``goal``; what is to save is no dearer."""
    return _goal(state.edits) == goal and (goal != "efficiency" or state.macs <= start.macs)


def _goal(edits: Collection[Edit]) -> str:
    kinds = {edit.kind for edit in edits}
    if kinds & DROPPING:
        return "both" if kinds & RAISING else "efficiency"
    return "performance"


def _analysed(
    states: Sequence[State], start: State, before: Figures, policy: Policy, root: str
) -> Iterator[Advised]:
    """The best trade-offs among those that leave least to repair, by a whole analysis."""
    least = min((len(state.unproductive) for state in states), default=0)
    if least >= len(start.unproductive):
        return
    repaired = [state for state in states if len(state.unproductive) == least]
    made: list[tuple[tuple[float, ...], Advised]] = []
    for state in _varied([(_cost(one), one) for one in best(repaired, _cost)])[:_ANALYSED]:
        after = _verified(state, policy)
        if after is not None and after.unproductive < before.unproductive:
            made.append((_cost(state), Advised(_proposal(start, state, after, root), state.graph)))
    yield from _varied(made)


def _proposal(start: State, state: State, after: Figures, root: str) -> Proposal:
    gone = [layer for layer in start.limits if layer not in state.limits]
    unjudged = tuple(layer for layer in start.unjudged if layer not in state.unjudged)
    border = next((layer for layer in start.limits if layer in start.unproductive), "")
    return Proposal(
        _goal(state.edits),
        _steps(start.graph, state, root),
        after,
        len(gone) + len(unjudged),
        state.lost - len(start.recurrent - state.recurrent),
        unjudged,
        border if border in gone else "",
    )


def _kept(
    made: Iterable[Advised], applied: Callable[[Graph], str | None]
) -> tuple[list[Advised], int]:
    """The first of them that the model bears, and how many before them it does not."""
    kept: list[Advised] = []
    unkept = 0
    for one in made:
        words = applied(one.graph)
        if words is None:
            unkept += 1
            continue
        kept.append(replace(one, proposal=replace(one.proposal, applied=words)))
        if len(kept) == MOST:
            break
    return kept, unkept


def _varied(costs: Sequence[tuple[tuple[float, ...], Choice]]) -> list[Choice]:
    """All of them, in turns the best that is left by each part of the cost."""
    left = list(costs)
    found: list[Choice] = []
    while left:
        part = len(found) % len(left[0][0])
        chosen = min(left, key=lambda pair: (pair[0][part], pair[0]))
        left.remove(chosen)
        found.append(chosen[1])
    return found


def _cost(state: State) -> tuple[float, ...]:
    """What is lost first, and then what it costs."""
    edits, parameters = len(state.edits), state.graph.parameters
    return state.lost, state.macs, edits, len(state.critical), parameters


def _verified(state: State, policy: Policy) -> Figures | None:
    try:
        lint(state.graph)
    except InvalidGraphError:
        return None
    after = figures_of(state.graph, state.resolution, policy)
    return after if after.unproductive == len(state.unproductive) else None


def _steps(start: Graph, state: State, root: str) -> tuple[Step, ...]:
    """What is left to do in the source once all edits are made: not what a later one undoes."""
    steps: list[Step] = []
    dropped: list[tuple[Kind, set[str]]] = []
    idle = _as_before(start, state.graph)
    for before, after in pairwise(state.history):
        edit = after.edits[-1]
        if edit.kind in DROPPING:
            gone = {node.name for node in before.graph if node.name not in after.graph}
            dropped.append((edit.kind, gone))
            continue
        windows = tuple(change for change in edit.windows if change.layer not in idle)
        steps += steps_of(before.graph, after.graph, replace(edit, windows=windows), root)
    if dropped:
        kind, names = dropped[-1][0], set().union(*(gone for _, gone in dropped))
        steps += dropping_steps(start, state.graph, kind, names, root)
    places = {node.layer: place for place, node in reversed(list(enumerate(start)))}
    return tuple(sorted(steps, key=lambda step: _first_place(step, places)))


def _as_before(start: Graph, end: Graph) -> set[str]:
    """Layers whose window is in the end what it was, or that are gone with whatever it became."""
    windows = [
        {node.layer: node.operation for node in graph if isinstance(node.operation, Window)}
        for graph in (start, end)
    ]
    return {name for name, was in windows[0].items() if windows[1].get(name, was) == was}


def _first_place(step: Step, places: Mapping[str, int]) -> int:
    """Where in the network its first layer stands, a module where its first layer does."""
    first = step.layers[0]
    return min(place for layer, place in places.items() if is_below(layer, first))
