"""The rules of transfer in numbers: padding, what remembers, the unknown."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from building import Net, footprint, layer, measure

from rfa_core.graph import operations as op
from rfa_core.receptive.claims import claims
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.measure import Measure

Build = Callable[[Net], object]


def test_padding_goes_on_where_the_image_ends():
    net = Net(64)
    padded = net.pad(net.conv(net.input, 4, 4, padding=0), 2, 3, 2)

    net.conv(padded, 3, padding=0)

    assert measure(net) == Measure(12, 12, False, Fraction(4), 19)


def test_zero_channels_add_no_shorter_path():
    net = Net(64)
    padded = net.pad(net.conv(net.input, 3), 1, 2, 2)

    net.conv(padded, 3)

    assert measure(net) == Measure(5, 5, False, Fraction(1), 64)


@pytest.mark.parametrize("shift", [0, 3], ids=["a line", "a table"])
@pytest.mark.parametrize(("before", "after"), [(1, 0), (0, 2), (1, 2), (-1, 2), (1, -1)])
def test_zero_channels_depend_on_nothing(before: int, after: int, shift: int):
    net = Net(8, channels=3)
    source = net.roll(net.input, [2], [shift]) if shift else net.input

    padded = net.pad(source, 1, before, after)

    (found,) = claims(net.graph())
    low = np.broadcast_to(found[padded].low, net.shape(padded))[0]
    assert [bool(np.isinf(row).all()) for row in low] == (
        [True] * max(0, before) + [False] * (3 + min(0, before) + min(0, after))
        + [True] * max(0, after)
    )  # fmt: skip


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_padding_of_any_mode_leaves_the_centre_alone(mode: str):
    net = Net(64)

    net.conv(net.pad(net.conv(net.input, 3), 2, 2, 2, mode), 5, padding=0)

    assert measure(net) == Measure(7, 7, False, Fraction(1), 64)


def test_a_map_that_goes_round_along_one_axis_is_the_same_along_the_other():
    net = Net(12, 16)
    rolled = net.roll(net.conv(net.input, 3), [3], [1])

    net.pad(rolled, 2, 2, 2, "circular")

    assert footprint(net).measures == (
        Measure(3, 3, False, Fraction(1), 16),
        Measure(3, 3, False, Fraction(1), 16),
    )


def test_a_recurrent_layer_is_global_along_its_own_axis():
    net = Net(64, 32)
    source = net.conv(net.input, 3)

    net.add(op.Recurrent(2), [source], net.shape(source))

    along, across = footprint(net).measures
    assert along == Measure(None, None, True)
    assert across == Measure(3, 3, False, Fraction(1), 32)


def test_a_recurrent_layer_over_chunks_sees_what_came_before_in_its_chunk():
    net = Net(64)
    chunks = net.reshape(net.conv(net.input, 3), 1, 2, 8, 8)
    before = net.add(op.Recurrent(3), [chunks], net.shape(chunks))

    net.reshape(net.slice(before, 3, 2, 5), 1, 2, 24)

    assert (measure(net).min, measure(net).max) == (7, 7)


def test_a_recurrent_layer_that_looks_both_ways_sees_its_chunk():
    net = Net(64)
    chunks = net.reshape(net.conv(net.input, 3), 1, 2, 8, 8)
    both = net.add(op.Recurrent(3, bidirectional=True), [chunks], net.shape(chunks))

    net.reshape(net.slice(both, 3, 2, 5), 1, 2, 24)

    assert (measure(net).min, measure(net).max) == (10, 10)


@pytest.mark.parametrize("kernels", [(5, 3), (3, 5)])
def test_running_sums_of_channels_see_those_before(kernels: tuple[int, int]):
    net = Net(64)
    views = [net.conv(net.input, kernel) for kernel in kernels]
    sums = net.add(op.Recurrent(1), [net.concat(1, *views)], (1, 4, 64))

    net.slice(sums, 1, 2, 4)

    assert measure(net) == Measure(3, 5, False, Fraction(1), 64)


def test_positions_taken_one_at_a_time_run_along_what_they_are_joined_to():
    net = Net(12)
    source = net.conv(net.input, 3)
    steps = [net.reshape(net.select(source, 2, index), 1, 2, 1) for index in range(12)]

    net.conv(net.concat(2, *steps), 3, stride=2)

    assert measure(net) == Measure(5, 5, False, Fraction(2), 6)


def test_steps_that_remember_run_along_what_they_are_joined_to():
    net = Net(12)
    source = net.conv(net.input, 3)
    states = [net.reshape(net.select(source, 2, 0), 1, 2, 1)]
    for index in range(1, 12):
        step = net.reshape(net.select(source, 2, index), 1, 2, 1)
        states.append(net.relu(states[-1], step))

    net.slice(net.concat(2, *states), 2, 4, 7)

    assert (measure(net).min, measure(net).max, measure(net).map) == (3, 8, 3)


def test_two_positions_joined_or_pairs_of_them_make_no_map():
    net = Net(12)
    source = net.conv(net.input, 3)
    steps = [net.reshape(net.select(source, 2, index), 1, 2, 1) for index in (2, 3, 4, 5)]

    pairs = [net.concat(2, *steps[:2]), net.concat(2, *steps[2:])]
    pair = measure(net)
    net.concat(2, *pairs)

    assert pair == Measure(3, 4, False)
    assert measure(net) == Measure(3, 6, False)


def test_a_fourier_transform_of_frames_sees_its_frame():
    net = Net(64)
    frames = net.add(op.Unfold(2, 8, 4), [net.conv(net.input, 3)], (1, 2, 15, 8))

    net.add(op.Everything((3,)), [frames], (1, 2, 15, 5))

    assert measure(net) == Measure(10, 10, False, Fraction(4), 15)


def test_a_fourier_transform_is_global_along_its_axes():
    net = Net(64, 32)
    source = net.conv(net.input, 3)

    net.add(op.Everything((3,)), [source], (1, 2, 64, 17))

    across, along = footprint(net).measures
    assert along == Measure(None, None, True)
    assert across == Measure(3, 3, False, Fraction(1), 64)


def test_a_fourier_transform_of_channels_mixes_them():
    net = Net(64)
    both = net.concat(1, net.conv(net.input, 1), net.conv(net.input, 5))
    mixed = net.add(op.Everything((1,)), [both], (1, 3, 64))

    net.slice(mixed, 1, 0, 1)

    assert measure(net) == Measure(1, 5, False, Fraction(1), 64)


def test_sampling_by_data_keeps_a_lower_bound_and_says_so():
    net = Net(64, 64)
    source, offsets = net.conv(net.input, 3), net.conv(net.input, 5)
    sampled = net.add(op.Sample("grid_sample"), [source, offsets], (1, 2, 64, 64))

    net.conv(sampled, 3, layer="behind")

    behind = layer(net)
    assert behind.output.min == (5, 5)
    assert behind.output.global_context
    assert behind.inexact == ("grid_sample",)
    assert not behind.exact


def test_what_is_not_understood_makes_everything_behind_it_inexact():
    net = Net(64)
    clean = net.conv(net.input, 3, layer="before")
    odd = net.add(op.Unknown("my::op"), [clean], net.shape(clean), layer="odd")
    net.relu(net.conv(odd, 3, layer="behind"), clean, layer="sum")
    net.conv(clean, 3, layer="beside")

    layers = {found.name: found for found in analyse_graph(net.graph())}

    assert {name: found.inexact for name, found in layers.items()} == {
        "before": (),
        "odd": ("my::op",),
        "behind": ("my::op",),
        "sum": ("my::op",),
        "beside": (),
    }
    assert [name for name, found in layers.items() if found.causes_inexact] == ["odd"]
    assert layers["behind"].output.global_context


def test_what_is_not_understood_about_constants_harms_nothing():
    net = Net(64)
    weights = net.add(op.Unknown("my::init"), [net.constant(2, 1)], (2, 1))

    net.relu(net.conv(net.input, 3), weights, layer="scaled")

    assert layer(net).exact


def test_norm_statistics_are_global_only_on_demand():
    net = Net(64)
    net.conv(net.norm(net.conv(net.input, 3), 1, 2), 3, layer="behind")

    usual = analyse_graph(net.graph())[-1]
    strict = analyse_graph(net.graph(), global_norms=True)[-1]

    assert not usual.output.global_context
    assert strict.output.global_context
    assert usual.output.max == strict.output.max == (5,)


def test_statistics_over_channels_are_never_global():
    net = Net(64)
    net.conv(net.norm(net.conv(net.input, 3), 1), 3)

    assert not analyse_graph(net.graph(), global_norms=True)[-1].output.global_context


def test_an_empty_tensor_depends_on_nothing():
    net = Net(64)
    nothing = net.slice(net.input, 1, 0, 0)

    net.concat(1, net.conv(net.input, 3), net.reshape(nothing, 1, 0, 64))

    assert measure(net) == Measure(3, 3, False, Fraction(1), 64)


def test_a_sum_of_no_channels_depends_on_nothing():
    net = Net(64)
    nothing = net.slice(net.conv(net.input, 7), 1, 2, 2)

    net.relu(net.conv(net.input, 3), net.mean(nothing, 1, keep=True))

    assert measure(net) == Measure(3, 3, False, Fraction(1), 64)


def test_a_layer_receives_nothing_along_an_axis_that_none_of_its_inputs_runs_along():
    net = Net(8, 8)
    rows = net.add(op.Input((None, None, 0)), (), (1, 2, 8))

    net.relu(rows, rows, layer="sum")

    (found,) = (one for one in analyse_graph(net.graph()) if one.name == "sum")
    assert (found.input.min, found.input.max) == ((1, 0), (1, 0))
