"""Shortest paths by themselves say what the whole analysis says, or nothing."""

from __future__ import annotations

from math import ceil

from advice_networks import residual, traced
from drafts import Drawn
from hypothesis import HealthCheck, given, settings
from random_graphs import graphs

from rfa_core.advice.shortest import Reach, limits_of, lines_of
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.feasible import dead_up_to
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.propagate import propagate
from rfa_core.receptive.verdict import is_judged


def by_analysis(graph: Graph, policy: Policy) -> dict[str, tuple[float, ...]]:
    layers = analyse_graph(graph)
    return {one.name: dead_up_to(one, policy) for one in layers if is_judged(one, policy)}


def test_all_layers_of_a_residual_network_reach_as_far_as_its_analysis_says():
    for policy in (Policy(), Policy(strict_tie=True), Policy(judge_pointwise=False)):
        graph = traced(residual())
        expected = by_analysis(graph, policy)

        found = limits_of(graph, lines_of(graph), expected, policy)

        assert found is not None
        assert {name: reach.dead for name, reach in found.items()} == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs())
def test_whatever_is_known_of_a_random_graph_is_what_its_analysis_says(drawn: Drawn):
    lines, footprints = lines_of(drawn.graph), propagate(drawn.graph)

    for name, states in lines.items():
        for line, measure in zip(states, footprints[name].measures, strict=True):
            holes = not measure.min  # what reads nothing but padding along another axis
            if line is not None and line.dim is not None and not holes:
                assert (ceil(line.size), line.stride) == seen(measure), name


def seen(measure: Measure) -> tuple[object, object]:
    return measure.min, measure.stride


def test_a_layer_is_as_good_as_the_best_of_its_calls():
    first, second = Reach((40.0, 40.0), (50.0, 50.0)), Reach((20.0, 60.0), (50.0, 70.0))

    assert first.also(second) == Reach((20.0, 40.0), (50.0, 50.0))
    assert first.is_past((40, 40))
    assert not first.is_past((41, 40))
