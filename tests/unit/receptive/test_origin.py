"""Where footprints come from: the steps add up, and the path alone gives the same number."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from building import Net
from drafts import Drawn
from hypothesis import HealthCheck, assume, given, settings
from random_graphs import AFFINE, REGULAR, graphs

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.origin import Cause, Origin, Step, origin_of
from rfa_core.receptive.propagate import propagate

always = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@settings(always, max_examples=150)
@given(graphs())
def test_the_steps_of_both_paths_add_up_to_what_is_reported_along_edges_of_the_graph(drawn: Drawn):
    *_, layer = analyse_graph(drawn.graph)

    found = origin_of(drawn.graph, layer.name)

    for axis, origin in enumerate(found):
        for path, size in (
            (origin.shortest, layer.output.min[axis]),
            (origin.widest, layer.output.max[axis]),
        ):
            assert sum(step.added for step in path) == (size or 0)
            assert [step.total for step in path] == running_totals(path)
            assert all(one.node.name in two.node.operands for one, two in pairs(path))
            assert not path or (path[0].total, path[-1].node) == (1, origin.node)


@settings(always, max_examples=150)
@given(graphs(AFFINE))
def test_a_shortest_path_alone_gives_the_number_that_it_explains(drawn: Drawn):
    *_, layer = analyse_graph(drawn.graph)
    for axis, origin in enumerate(origin_of(drawn.graph, layer.name)):
        assume(origin.shortest)
        assume(all(step.cause is not Cause.POSITIONS for step in origin.shortest))

        alone = propagate(only_along(drawn.graph, origin.shortest))

        measure = alone[origin.node.name].measures[axis]
        expected = layer.output.min[axis]
        assert (measure.min, measure.max) == (expected, expected)


@settings(always, max_examples=100)
@given(graphs(REGULAR))
def test_in_regular_networks_kernels_explain_every_step_of_the_shortest_path(drawn: Drawn):
    *_, layer = analyse_graph(drawn.graph)
    for origin in origin_of(drawn.graph, layer.name):
        causes = {step.cause for step in origin.shortest}

        assert causes <= {Cause.KERNEL, Cause.NOTHING}


def test_a_block_with_a_shortcut_is_explained_by_the_shortcut_and_by_the_block():
    net = Net(64)
    stem = net.conv(net.input, 7, 2, layer="stem")
    block = net.conv(net.conv(stem, 3, layer="a"), 3, dilation=2, layer="b")
    net.conv(net.relu(block, stem, layer="add"), 3, layer="head")

    (origin,) = origin_of(net.graph(), "head")

    assert told(origin.shortest) == [
        ("input", 1, 1, "nothing"),
        ("stem", 6, 7, "kernel"),
        ("add", 0, 7, "nothing"),
        ("head", 4, 11, "kernel"),
    ]
    assert told(origin.widest) == [
        ("input", 1, 1, "nothing"),
        ("stem", 6, 7, "kernel"),
        ("a", 4, 11, "kernel"),
        ("b", 8, 19, "kernel"),
        ("add", 0, 19, "nothing"),
        ("head", 4, 23, "kernel"),
    ]
    windows = [(step.kernel, step.dilation, step.stride) for step in origin.widest]
    assert windows == [(1, 1, 1), (7, 1, 2), (3, 1, 1), (3, 2, 1), (1, 1, 1), (3, 1, 1)]
    b = origin.widest[3]
    assert (b.jump, b.by_kernel) == (2, 8)


def test_a_path_follows_the_channels_that_are_read():
    net = Net(64)
    small = net.conv(net.input, 3, layer="small")
    large = net.conv(net.input, 9, layer="large")
    joined = net.concat(1, small, large, layer="join")
    net.conv(net.slice(joined, 1, 2, 4), 1, layer="second half")

    (origin,) = origin_of(net.graph(), "second half")

    assert [step.node.layer for step in origin.shortest if step.added] == ["input", "large"]


def test_of_channels_that_see_as_much_the_path_follows_those_that_are_read():
    net = Net(64)
    left = net.conv(net.pad(net.input, 2, 2, 0), 3, padding=0, layer="left")
    right = net.conv(net.pad(net.input, 2, 0, 2), 3, padding=0, layer="right")
    second = net.slice(net.concat(1, left, right), 1, 2, 4)

    (origin,) = origin_of(net.graph(), second)

    for path in (origin.shortest, origin.widest):
        assert [step.node.layer for step in path if step.added] == ["input", "right"]


@pytest.mark.parametrize("rate", [1, 4])
@pytest.mark.parametrize("turned", [False, True])
def test_a_convolution_of_all_channels_follows_those_that_set_its_size(turned: bool, rate: int):
    net = Net(64)
    branches = [net.conv(net.input, 1, layer="narrow"), net.conv(net.input, 5, layer="wide")]
    joined = net.concat(1, *sorted(branches, reverse=turned), layer="join")
    net.conv(joined, 3, dilation=rate, layer="head")

    (origin,) = origin_of(net.graph(), "head")

    assert told(origin.shortest) == [
        ("input", 1, 1, "nothing"),
        ("narrow", 0, 1, "nothing"),
        ("join", 0, 1, "nothing"),
        ("head", 2 * rate, 1 + 2 * rate, "kernel"),
    ]
    assert told(origin.widest) == [
        ("input", 1, 1, "nothing"),
        ("wide", 4, 5, "kernel"),
        ("join", 0, 5, "nothing"),
        ("head", 2 * rate, 5 + 2 * rate, "kernel"),
    ]


def test_positions_that_are_cut_off_do_not_change_the_channels_that_are_followed():
    net = Net(64)
    branches = [net.conv(net.input, 1, layer="narrow"), net.conv(net.input, 5, layer="wide")]
    last = net.slice(net.permute(net.concat(1, *branches), 0, 2, 1), 1, 4, 60)

    (origin,) = origin_of(net.graph(), last)

    assert "narrow" in [step.node.layer for step in origin.shortest]
    assert "wide" in [step.node.layer for step in origin.widest]


def test_a_path_goes_on_behind_a_token_put_before_the_positions():
    net = Net(64)
    branches = [net.conv(net.input, 1, layer="narrow"), net.conv(net.input, 5, layer="wide")]
    both = net.concat(1, *branches, layer="join")
    net.concat(2, net.constant(1, 4, 1), both, layer="tokens")

    (origin,) = origin_of(net.graph(), "tokens")

    assert told(origin.widest) == [
        ("input", 1, 1, "nothing"),
        ("wide", 4, 5, "kernel"),
        ("join", 0, 5, "nothing"),
        ("tokens", 0, 5, "nothing"),
    ]


def test_where_tables_are_known_the_path_follows_the_numbers_of_its_kind():
    net = Net(64)
    branches = [net.conv(net.input, 1, layer="narrow"), net.conv(net.input, 7, layer="wide")]
    rolled = net.roll(net.relu(*branches, layer="add"), [2], [5])
    net.conv(rolled, 3, layer="head")

    (origin,) = origin_of(net.graph(), "head")

    assert [(step.node.layer, step.total) for step in origin.shortest] == [
        ("input", 1), ("narrow", 1), ("add", 1), (rolled, 1), ("head", 3),
    ]  # fmt: skip
    assert [(step.node.layer, step.total) for step in origin.widest] == [
        ("input", 1), ("wide", 7), ("add", 7), (rolled, 7), ("head", 9),
    ]  # fmt: skip


def test_the_operand_is_followed_that_a_bound_was_taken_from():
    net = Net(64)
    read = net.conv(net.input, 3, layer="read")
    net.add(op.Unknown("my::op"), [read, net.input], (1, 2, 64), layer="odd")

    (origin,) = origin_of(net.graph(), "odd")

    assert [step.node.layer for step in origin.shortest] == ["input", "read", "odd"]


def test_branches_that_reach_to_different_sides_add_what_the_followed_one_lacks():
    net = Net(64)
    left = net.conv(net.input, 3, padding=2, layer="left")
    right = net.conv(net.input, 3, padding=0, layer="right")
    net.relu(net.slice(left, 2, 0, 62), net.slice(right, 2, 0, 62), layer="add")

    (origin,) = origin_of(net.graph(), "add")

    assert told(origin.shortest)[-1] == ("add", 0, 3, "nothing")
    assert told(origin.widest)[-1] == ("add", 2, 5, "branches")


def test_what_sees_everything_is_named_and_has_no_steps():
    net = Net(8, 8)
    gate = net.add(op.Contract(((0, 1, 2, 3),), (0, 1)), [net.input], (1, 2), "pool", kind="mean")
    net.linear(gate, 10, layer="fc")

    found = origin_of(net.graph(), "fc")

    assert [(one.shortest, one.widest, names(one)) for one in found] == [((), (), ["pool"])] * 2


def test_positions_that_differ_are_said_to_be_no_kernel():
    net = Net(24)
    up = net.transposed(net.conv(net.input, 3, layer="conv"), 4, 2)

    (origin,) = origin_of(net.graph(), up)

    assert told(origin.shortest)[-1] == (up, 1, 4, "positions")


def test_the_call_that_is_judged_is_explained():
    net = Net(64)
    once = net.conv(net.input, 3, layer="shared")
    twice = net.conv(net.conv(once, 5), 3, layer="shared", call=1)
    graph = net.graph()

    (origin,) = origin_of(graph, "shared")

    assert (origin.node.name, origin.node.call) == (once, 0)
    assert twice in graph


@pytest.mark.parametrize(("size", "jump"), [(3, Fraction(1)), (64, Fraction(1))])
def test_adaptive_pooling_counts_as_a_kernel_where_bins_are_even(size: int, jump: Fraction):
    net = Net(size * 2)
    pooled = net.resample(net.input, [size], "adaptive")

    (origin,) = origin_of(net.graph(), pooled)

    last = origin.shortest[-1]
    assert (last.added, last.cause, last.kernel, last.stride, last.jump) == (
        1,
        Cause.KERNEL,
        2,
        2,
        jump,
    )


@pytest.mark.parametrize(
    "operation", [op.Unknown("my::op"), op.Sample("grid_sample")], ids=["unknown", "sampled"]
)
def test_a_step_that_is_only_a_bound_is_said_to_be_one(operation: op.Operation):
    net = Net(64)
    conv = net.conv(net.input, 3, layer="conv")
    odd = net.add(operation, [conv], net.shape(conv), layer="odd")
    net.conv(odd, 5, layer="head")

    (origin,) = origin_of(net.graph(), "head")

    assert told(origin.shortest) == [
        ("input", 1, 1, "nothing"),
        ("conv", 2, 3, "kernel"),
        ("odd", 0, 3, str(Cause.BOUND)),
        ("head", 4, 7, "kernel"),
    ]


def told(path: tuple[Step, ...]) -> list[tuple[str, int, int, str]]:
    return [(step.node.layer, step.added, step.total, str(step.cause)) for step in path]


def names(origin: Origin) -> list[str]:
    return [node.layer for node in origin.seers]


def pairs(path: tuple[Step, ...]) -> list[tuple[Step, Step]]:
    return list(pairwise(path))


def running_totals(path: tuple[Step, ...]) -> list[int]:
    return [sum(step.added for step in path[: end + 1]) for end in range(len(path))]


def only_along(graph: Graph, path: tuple[Step, ...]) -> Graph:
    """The graph with a constant for every operand that the path does not come from."""
    before = {two.node.name: one.node.name for one, two in pairs(path)}
    nodes = []
    for step in path:
        node = graph[step.node.name]
        kept = before.get(node.name)
        others = {name: f"constant {name}" for name in node.operands if name != kept}
        nodes += [
            replace(graph[name], name=new, operation=op.Constant(), operands=())
            for name, new in others.items()
        ]
        nodes.append(replace(node, operands=tuple(others.get(n, n) for n in node.operands)))
    unique = {node.name: node for node in nodes}
    return Graph("alone", "none", tuple(unique.values()), (), graph.resolution)
