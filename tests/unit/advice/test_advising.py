"""What a search proposes, and that each proposal keeps what it promises."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from advice_networks import residual, traced

import rfa_core as rfa
from rfa_core.advice.advising import Advice, advise
from rfa_core.advice.candidates import candidates
from rfa_core.advice.changes import Edit, Kind, UnfitError
from rfa_core.advice.editing import edited
from rfa_core.advice.figures import figures_of
from rfa_core.advice.short import short_advice
from rfa_core.advice.state import first_state
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph
from rfa_core.proposals import GOALS, Figures
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.policy import Policy

NETS = {
    "global pooling": residual(),
    "a dense head": residual(head="flat"),
    "a small stem": residual(stem=3, stride=1),
}
SIZES = (16, 32)


def advised(graph: Graph, goals: Sequence[str] = GOALS, **more: object) -> Advice:
    layers, policy = analyse_graph(graph), Policy(**more)  # type: ignore[arg-type]
    return advise(graph, layers, graph.resolution, policy, "/", goals)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_each_proposal_is_what_a_new_analysis_of_its_network_says(net: rfa.Graph, size: int):
    graph = traced(net, size)

    advice = advised(graph)

    assert advice.before == figures_of(graph, (size, size), Policy())
    for one in advice.found:
        lint(one.graph)
        assert one.proposal.after == figures_of(one.graph, (size, size), Policy())
        assert one.proposal.after.unproductive < advice.before.unproductive


@pytest.mark.parametrize("strides", [(1, 2, 1, 2, 1, 1, 1, 1), (2, 2, 2, 1, 1, 1)], ids=str)
def test_steps_are_about_what_is_left_and_do_not_undo_each_other(strides: Sequence[int]):
    net = rfa.Graph("net")
    for number, stride in enumerate(strides):
        net.conv(f"conv{number}", filters=8, kernel=3, stride=stride)
    net.global_pool("gather")

    found = advised(traced(net, 16)).found

    assert found
    for one in found:
        kept = {node.layer for node in one.graph}
        changes = [step for step in one.proposal.steps if step.after]
        made = {(step.layers, step.before, step.after) for step in changes}
        assert all(kept.issuperset(step.layers) for step in changes)
        assert made.isdisjoint((step.layers, step.after, step.before) for step in changes)


def test_goals_say_what_is_touched():
    found = advised(traced(residual())).found

    by_goal = {goal: [one for one in found if one.proposal.goal == goal] for goal in GOALS}

    assert all(by_goal.values())
    assert all(one.proposal.after.macs <= 10_000_000 for one in by_goal["efficiency"])
    assert all(not one.proposal.dropped for one in by_goal["performance"])
    assert all(one.proposal.dropped for one in by_goal["both"])


def test_the_proposals_for_one_goal_are_all_repairs_and_the_cheapest_comes_first():
    found = advised(traced(residual()), ["performance"]).found

    costs = [one.proposal.after.macs for one in found]

    assert costs == sorted(costs)
    assert {one.proposal.after.unproductive for one in found} == {0}


def test_a_network_without_unproductive_layers_is_left_alone():
    advice = advised(traced(residual(), size=224))

    assert (advice.before.unproductive, advice.found, advice.tried) == (0, (), 0)


def test_proposals_that_the_model_does_not_keep_are_not_made():
    graph = traced(residual())

    advice = advise(
        graph, analyse_graph(graph), graph.resolution, Policy(), "/", GOALS, lambda _: None
    )

    assert advice.found == ()


def test_strict_ties_are_judged_strictly():
    graph = traced(residual(), size=32)

    usual, strict = advised(graph), advised(graph, strict_tie=True)

    assert strict.before == figures_of(graph, (32, 32), Policy(strict_tie=True))
    assert strict.before.unproductive <= usual.before.unproductive


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("net", NETS.values(), ids=NETS)
def test_the_short_advice_is_the_best_single_stride_and_says_what_it_costs(
    net: rfa.Graph, size: int
):
    graph = traced(net, size)
    before = figures_of(graph, (size, size), Policy())
    possible = [
        (after.unproductive, after.macs / before.macs)
        for edit in _strides(graph, size)
        for after in _figures(graph, edit, size)
        if after.unproductive < before.unproductive
    ]

    found = short_advice(graph, analyse_graph(graph), (size, size), Policy(), "/")

    assert (found and (found.left, found.macs)) == min(possible, default=None)
    assert found is None or found.unproductive == before.unproductive


def _strides(graph: Graph, size: int) -> list[Edit]:
    state = first_state(graph, analyse_graph(graph), (size, size), Policy())[0]
    return [one for one in candidates(state) if one.kind in (Kind.STRIDE, Kind.POOLING)]


def _figures(graph: Graph, edit: Edit, size: int) -> list[Figures]:
    try:
        return [figures_of(edited(graph, edit), (size, size), Policy())]
    except UnfitError:
        return []


def test_figures_count_verdicts_and_costs():
    net = rfa.Graph("net")
    net.conv("stem", filters=4, kernel=5, stride=2)
    net.conv("body", filters=4, kernel=3)
    graph = traced(net, 4)

    figures = figures_of(graph, (4, 4), Policy())

    assert figures == Figures(2, 1, 1, 452, 1776, (2, 2), 6)
