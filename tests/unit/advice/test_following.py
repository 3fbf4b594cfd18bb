"""What one trace does not tell is asked of the model, and what is found is said for each goal."""

from __future__ import annotations

from dataclasses import replace

import pytest
from advice_networks import residual, traced
from building import Net

from rfa_core.advice.advising import Advice, Tally, advise
from rfa_core.advice.changes import OutputError, UnfitError, UnfollowedError, WastefulError
from rfa_core.advice.reasons import why, why_of
from rfa_core.advice.renaming import with_names_of
from rfa_core.advice.search import MOST_TRACED
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph
from rfa_core.proposals import Figures
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.policy import Policy


def squeezed(strides: tuple[int, ...] = (2, 2, 2), size: int = 12) -> Graph:
    """Convolutions, each followed by a gate that is repeated over the map it is for."""
    net = Net(size, size)
    last = net.input
    for number, stride in enumerate(strides):
        last = net.conv(last, 3, stride, channels=8, layer=f"conv{number}", weighted=True, macs=64)
        wide = net.expand(net.mean(last, 2, 3, keep=True), *net.shape(last))
        last = net.add(op.Pointwise(), [last, wide], net.shape(last), layer=f"scale{number}")
    last = net.conv(last, 3, channels=8, layer="last", weighted=True, macs=64)
    net.mean(last, 2, 3)
    return net.graph()


class Model:
    """Stands for one that can be changed: it is built anew with the strides of a draft."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, draft: Graph) -> Graph:
        self.runs += 1
        windows = {node.layer: node.operation for node in draft}
        strides = [windows[f"conv{number}"].stride[0] for number in range(3)]  # type: ignore[union-attr]
        return squeezed(tuple(strides))


def advised(graph: Graph, *goals: str, **more: object) -> Advice:
    layers = analyse_graph(graph)
    return advise(graph, layers, graph.resolution, Policy(), "/", goals, **more)  # type: ignore[arg-type]


def test_what_cannot_be_followed_is_counted_as_such_where_there_is_no_model():
    advice = advised(squeezed(), "performance")

    (tally,) = advice.tallies
    assert advice.found == ()
    assert {type(error) for error in tally.refused} == {UnfollowedError}
    assert why_of(advice, tally) == (
        f"of {tally.tried} combinations of edits, {len(tally.refused)} cannot be followed from one "
        "trace (scale0: it merges maps of 6 and 12)"
    )


def test_what_cannot_be_followed_is_asked_of_the_model():
    model = Model()

    advice = advised(squeezed(), "performance", retraced=model)

    assert {one.proposal.after.unproductive for one in advice.found} == {0}
    for one in advice.found:
        steps = {name for step in one.proposal.steps for name in step.layers}
        strides = [1 if f"conv{number}" in steps else 2 for number in range(3)]
        assert one.graph == squeezed(tuple(strides))
        assert all(step.maps and step.maps[0] != step.maps[1] for step in one.proposal.steps)
    assert 0 < model.runs * len(squeezed()) <= MOST_TRACED + len(squeezed())


def test_a_model_that_does_not_run_says_why():
    def failing(_: Graph) -> Graph:
        raise UnfitError("scale0", "it does not run: too large")

    advice = advised(squeezed(), "performance", retraced=failing)

    (tally,) = advice.tallies
    assert why_of(advice, tally).endswith(
        "would break the network (scale0: it does not run: too large)"
    )


def test_a_graph_that_was_traced_again_gets_the_names_that_are_known():
    graph = squeezed()
    again = replace(
        graph,
        nodes=tuple(
            replace(node, name=f"x{node.name}", operands=tuple(f"x{one}" for one in node.operands))
            for node in graph
        ),
        outputs=tuple(f"x{name}" for name in graph.outputs),
        _index={},
    )

    assert with_names_of(again, graph) == graph
    assert with_names_of(again, squeezed((2, 2))) is None


def test_steps_that_a_graph_has_more_get_names_of_their_own():
    long, short = chain("conv", "expand", "relu"), chain("conv", "relu")

    named = with_names_of(long, short)

    assert named is not None
    assert [node.name for node in named] == ["n0", "n1", "n2_new", "n2"]
    assert with_names_of(short, long) is None


def chain(*kinds: str) -> Graph:
    net = Net(8, 8)
    last = net.input
    for kind in kinds:
        last = net.add(op.Pointwise(), [last], net.shape(last), kind, kind=kind)
    return net.graph()


def test_efficiency_never_costs_more_and_the_border_layer_is_named():
    advice = advised(traced(residual()), "both", "performance", "efficiency")

    found = [one.proposal for one in advice.found if one.proposal.goal == "efficiency"]

    assert found
    assert all(one.after.macs <= advice.before.macs for one in found)
    assert all(one.border == "stage2.1.b" for one in found if one.dropped > 2)


BEFORE = Figures(20, 8, 3, 2_000_000, 4_000_000, (2, 2), 76)
UNPROMISING = {
    "nothing to try": (Tally("efficiency", 0), "there are no blocks or layers from the border on"),
    "of several kinds": (
        Tally(
            "efficiency",
            9,
            (
                OutputError("score", "the output has 21 channels"),
                WastefulError("", "it drops 7 layers of use for 1 that are not"),
                UnfollowedError("unpool", "unknown"),
                UnfitError("head", "it takes 32 features"),
                UnfitError("sum", "it merges maps of 4 and 8"),
                UnfitError("head", "it takes 32 features"),
            ),
            2,
        ),
        "of 9 combinations of edits, "
        "1 cannot be followed from one trace (unpool: unknown), "
        "3 would break the network (head: it takes 32 features), "
        "1 would change what the network returns (score: the output has 21 channels), "
        "1 would drop too much that is of use (it drops 7 layers of use for 1 that are not), "
        "2 did not make of the module what was predicted, "
        "1 leaves as many layers unproductive",
    ),
}


@pytest.mark.parametrize(("tally", "words"), UNPROMISING.values(), ids=UNPROMISING)
def test_a_goal_without_proposals_says_what_became_of_all_that_was_tried(tally: Tally, words: str):
    advice = Advice(BEFORE, (), tally.tried, (tally,))

    assert why_of(advice, tally).startswith(words)
    assert why(advice) == "no combination of edits leaves fewer layers unproductive"
