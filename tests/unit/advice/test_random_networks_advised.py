"""Whatever a network is made of: advice fits it, or there is none."""

from __future__ import annotations

from drafts import Drawn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_graphs import graphs

from rfa_core.advice.advising import advise
from rfa_core.advice.figures import figures_of
from rfa_core.advice.short import short_advice
from rfa_core.graph.lint import lint
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.policy import Policy


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs(most=9), st.integers(1, 6))
def test_advice_for_a_random_network_fits_it(drawn: Drawn, size: int):
    graph = drawn.graph
    sizes, layers = (size,) * graph.axes, analyse_graph(graph)

    advice = advise(graph, layers, sizes, Policy(), "/")
    short = short_advice(graph, layers, sizes, Policy(), "/")

    for one in advice.found:
        lint(one.graph)
        assert one.proposal.after == figures_of(one.graph, sizes, Policy())
        assert one.proposal.after.unproductive < advice.before.unproductive
    assert short is None or short.left < short.unproductive == advice.before.unproductive
