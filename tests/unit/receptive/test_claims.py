"""What is claimed of every element, against enumeration, and where a claim holds."""

from __future__ import annotations

import numpy as np
import pytest
from building import Net
from drafts import Drawn
from hypothesis import HealthCheck, given, settings
from oracle import enumerate_footprints
from random_graphs import STEPS, graphs
from random_steps import full_attention

from rfa_core.graph import operations as op
from rfa_core.receptive.claims import Claim, claims

WITHOUT_CUTS = tuple(step for step in STEPS if step is not full_attention)
"""A claim leaves a query without its own path where its keys are everywhere; enumeration not."""


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(graphs(WITHOUT_CUTS))
def test_what_is_claimed_of_every_element_is_what_enumeration_finds(drawn: Drawn):
    found = claims(drawn.graph)

    for axis in range(drawn.graph.axes):
        for name, seen in enumerate_footprints(drawn.graph, axis, drawn.running(axis)).items():
            claim = found[axis][name]
            free = ~seen.edge & (seen.flags.any(axis=-1) | seen.context)
            low, high = seen.low_high()
            np.testing.assert_array_equal(np.broadcast_to(claim.low, low.shape)[free], low[free])
            np.testing.assert_array_equal(np.broadcast_to(claim.high, low.shape)[free], high[free])
            blind = np.broadcast_to(claim.blind, low.shape)
            nothing_local = seen.context & ~seen.flags.any(axis=-1)
            np.testing.assert_array_equal(blind[free], nothing_local[free], name)


def last(net: Net) -> tuple[Claim, ...]:
    """The claims about the last tensor, per axis."""
    graph = net.graph()
    return tuple(one[graph.outputs[0]] for one in claims(graph))


def edges(claim: Claim) -> dict[int, list[int]]:
    return {dim: list(indices) for dim, indices in claim.edges}


def test_outputs_that_read_beyond_the_end_are_edges():
    net = Net(8)

    net.conv(net.input, 5, stride=2, padding=2)

    assert edges(last(net)[0]) == {2: [0, 3]}


def test_along_the_other_axis_only_outputs_that_read_nothing_are_edges():
    net = Net(8, 6)

    net.conv(net.input, 3, padding=[1, 3])

    height, width = last(net)
    assert edges(height) == {2: [0, 7], 3: [0, 9]}
    assert edges(width) == {2: [], 3: [0, 1, 2, 7, 8, 9]}


def test_where_footprints_differ_along_channels_a_window_over_them_has_edges_too():
    net = Net(8)
    both = net.concat(1, net.conv(net.input, 1), net.conv(net.input, 5))

    net.add(op.Window((1,), (3,), (1,), (1,), (1,), None, 1), [both], (1, 4, 8), kind="conv")

    assert edges(last(net)[0]) == {1: [0, 3]}


def test_a_window_that_is_wider_than_a_map_of_one_position_has_an_edge_there():
    net = Net(1)
    kernel = net.constant(2, 2, 3)

    net.add(op.Window((2,), (3,), (1,), (1,), (1,), 1, 1), [net.input, kernel], (1, 2, 1))

    assert edges(last(net)[0]) == {2: [0]}


def test_a_transposed_window_has_edges_where_a_tap_falls_outside():
    net = Net(4)

    net.transposed(net.input, 3, 2)

    assert edges(last(net)[0]) == {2: [0, 8]}


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("constant", {2: [0, 1, 9]}),
        ("replicate", {2: [0, 1, 9]}),
        ("circular", {}),
    ],
)
def test_padded_positions_are_edges_unless_they_wrap(mode: str, expected: dict[int, list[int]]):
    net = Net(7)

    net.pad(net.input, 2, 2, 1, mode)

    assert edges(last(net)[0]) == expected


def test_zeros_along_other_axes_continue_the_image_and_are_no_edges():
    net = Net(7, 5)

    net.pad(net.input, 3, 2, 1)

    height, width = last(net)
    assert (height.continued, edges(height)) == (((3, 2, 1),), {2: []})
    assert (width.continued, edges(width)) == (((2, 0, 0),), {3: [0, 1, 7]})


def test_positions_cut_off_are_neither_edges_nor_zeros():
    net = Net(7, 5)

    net.pad(net.input, 3, -1, -2)

    height, width = last(net)
    assert height.continued == ((3, 0, 0),)
    assert edges(width) == {3: []}


@pytest.mark.parametrize(
    ("mode", "outputs", "expected"),
    [
        ("linear", 8, {2: [0, 7]}),
        ("cubic", 8, {2: [0, 1, 2, 5, 6, 7]}),
        ("nearest", 8, {2: []}),
        ("adaptive", 3, {2: []}),
        ("linear", 4, {}),
    ],
)
def test_interpolation_has_edges_where_a_neighbour_is_missing(
    mode: str, outputs: int, expected: dict[int, list[int]]
):
    net = Net(4)

    net.resample(net.input, [outputs], mode)

    assert edges(last(net)[0]) == expected


def test_a_constant_sees_nothing_and_a_global_mean_only_globally():
    net = Net(6)
    mean = net.mean(net.conv(net.input, 3), 2, keep=True)
    weight = net.constant(1, 2, 1)
    net.relu(mean, weight)

    (found,) = claims(net.graph())

    shown = {
        name: (found[name].low.item(), found[name].high.item(), found[name].blind.item())
        for name in (mean, weight)
    }
    assert shown == {mean: (np.inf, -np.inf, True), weight: (np.inf, -np.inf, False)}


def test_attention_to_all_positions_leaves_the_query_nothing_local():
    net = Net(6)
    tokens = net.permute(net.conv(net.input, 3), 0, 2, 1)

    net.attention(tokens, tokens, tokens)

    assert last(net)[0].blind.all()


def test_behind_what_the_data_decide_only_a_bound_is_claimed():
    net = Net(6, 6)
    exact = net.conv(net.input, 3)
    sampled = net.add(op.Sample("grid_sample"), [exact, net.input], (1, 2, 6, 6))
    behind = net.conv(sampled, 3)

    found = claims(net.graph())

    for axis in range(2):
        told = [found[axis][name].exact for name in (exact, sampled, behind)]
        assert told == [True, False, False]


def test_one_position_behind_an_upsampled_map_begins_the_next_pair():
    net = Net(16)
    pairs = net.resample(net.conv(net.input, 4, 4, padding=0), [8], "nearest")

    net.pad(pairs, 2, 0, 1)

    (claim,) = last(net)
    assert claim.low.ravel().tolist() == [0, 0, 4, 4, 8, 8, 12, 12, 16]
    assert claim.high.ravel().tolist() == [3, 3, 7, 7, 11, 11, 15, 15, 19]
