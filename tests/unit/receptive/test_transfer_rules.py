"""The table of section 2 of the specification in numbers."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import prod

import numpy as np
import pytest
from building import Net

from rfa_core.graph import operations as op
from rfa_core.receptive import affine, tabular
from rfa_core.receptive.claims import claims
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.propagate import Footprint, propagate
from rfa_core.receptive.states import Line

Build = Callable[[Net], object]


def footprint(net: Net) -> Footprint:
    """That of the last tensor."""
    graph = net.graph()
    return propagate(graph)[graph.outputs[0]]


def measure(net: Net) -> Measure:
    return footprint(net).measures[0]


def layer(net: Net) -> Layer:
    return analyse_graph(net.graph())[-1]


@pytest.mark.parametrize(
    ("build", "size", "stride", "positions"),
    [
        (lambda net: net.conv(net.input, 3), 3, 1, 64),
        (lambda net: net.conv(net.input, 3, dilation=4), 9, 1, 64),
        (lambda net: net.conv(net.input, 7, stride=2), 7, 2, 32),
        (lambda net: net.conv(net.input, 4, stride=4, padding=0), 4, 4, 16),
        (lambda net: net.conv(net.conv(net.input, 7, stride=2), 3), 11, 2, 32),
        (lambda net: net.conv(net.pool(net.conv(net.input, 7, 2), 3, 2), 3), 19, 4, 15),
        (lambda net: net.conv(net.conv(net.input, 3, 2), 3, dilation=2), 11, 2, 32),
        (lambda net: net.conv(net.conv(net.input, 1, 4), 1), 1, 4, 16),
        (lambda net: net.pool(net.input, 3, 2), 3, 2, 31),
        (lambda net: net.conv(net.input, 3, groups=2), 3, 1, 64),
        (lambda net: net.conv(net.input, 4, padding=2), 4, 1, 65),
        (lambda net: net.conv(net.input, 1000, padding=500), 1000, 1, 65),
    ],
)
def test_windows_widen_by_their_kernel_times_the_stride(
    build: Build, size: int, stride: int, positions: int
):
    net = Net(64)

    build(net)

    assert measure(net) == Measure(size, size, False, Fraction(stride), positions)


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "size"),
    [
        (2, 2, 1, 4),
        (3, 2, 1, 8),
        (4, 2, 1, 8),
        (5, 2, 1, 12),
        (1, 2, 1, 4),
        (3, 1, 1, 12),
        (5, 3, 1, 8),
        (3, 2, 2, 12),
        (3, 3, 3, 12),
    ],
)
def test_a_transposed_window_reports_its_widest_phase(
    kernel: int, stride: int, dilation: int, size: int
):
    net = Net(64)
    deep = net.conv(net.input, 4, stride=4, padding=0)

    net.transposed(deep, kernel, stride, dilation=dilation)

    found = measure(net)
    assert (found.max, found.stride) == (size, Fraction(4, stride))
    assert found.map == 15 * stride + (kernel - 1) * dilation + 1


@pytest.mark.parametrize(
    ("mode", "scale", "size"),
    [
        ("nearest", 2, 5),
        ("nearest-exact", 2, 5),
        ("linear", 2, 9),
        ("cubic", 2, 17),
        ("linear", 4, 9),
        ("cubic", 4, 17),
    ],
)
def test_interpolation_reads_its_neighbours(mode: str, scale: int, size: int):
    net = Net(64)
    deep = net.conv(net.input, 5, stride=4)

    net.resample(deep, [16 * scale], mode)

    assert measure(net) == Measure(size, size, False, Fraction(4, scale), 16 * scale)


def test_the_nearest_of_all_positions_is_a_single_one():
    net = Net(64)

    net.resample(net.conv(net.input, 3), [1], "nearest")

    assert measure(net) == Measure(3, 3, False, Fraction(64), 1)


def test_a_kernel_after_upsampling_counts_whole_pixels():
    net = Net(64)
    up = net.resample(net.conv(net.input, 4, stride=4, padding=0), [32], "nearest")

    net.conv(up, 3)

    assert measure(net) == Measure(8, 8, False, Fraction(2), 32)


@pytest.mark.parametrize(
    ("sizes", "bins", "size", "stride"),
    [(64, 16, 4, 4), (64, 6, 11, Fraction(32, 3)), (64, 7, 10, Fraction(64, 7)), (63, 9, 7, 7)],
)
def test_adaptive_pooling_counts_its_widest_bin(sizes: int, bins: int, size: int, stride: Fraction):
    net = Net(sizes)

    net.resample(net.input, [bins], "adaptive")

    assert measure(net) == Measure(size, size, False, Fraction(stride), bins)


@pytest.mark.parametrize("plain", [False, True])
def test_adaptive_pooling_to_one_bin_is_global(plain: bool):
    net = Net(64)
    source = net.input if plain else net.roll(net.input, [2], [3])

    net.resample(source, [1], "adaptive")

    assert measure(net) == Measure(None, None, True)


def test_adaptive_pooling_to_one_row_pools_the_columns_too():
    net = Net(12, 16)

    net.resample(net.roll(net.conv(net.input, 3), [3], [1]), [1, 4], "adaptive")

    height, width = footprint(net).measures
    assert height == Measure(None, None, True)
    assert width == Measure(6, 6, False, Fraction(4), 4)


def test_branches_unite_their_views_and_keep_the_shorter_path():
    net = Net(64)
    narrow, wide = net.conv(net.input, 1), net.conv(net.input, 7)

    net.relu(narrow, wide)

    assert measure(net) == Measure(1, 7, False, Fraction(1), 64)


def test_branches_that_look_to_different_sides_unite_to_the_hull():
    net = Net(64)
    left = net.conv(net.input, 3, padding=[2])
    right = net.conv(net.pad(net.input, 2, 0, 2), 3, padding=0)

    net.relu(net.slice(left, 2, 0, 64), right)

    assert measure(net) == Measure(3, 5, False, Fraction(1), 64)


def test_concatenated_channels_are_united_by_the_next_convolution():
    net = Net(64)
    both = net.concat(1, net.conv(net.input, 1), net.conv(net.input, 5))

    net.conv(both, 3)

    assert measure(net) == Measure(3, 7, False, Fraction(1), 64)


def test_channels_cut_off_again_keep_their_own_view():
    net = Net(64)
    both = net.concat(1, net.conv(net.input, 1), net.conv(net.input, 5))

    net.conv(net.slice(both, 1, 2, 4), 3)

    assert measure(net) == Measure(7, 7, False, Fraction(1), 64)


def test_a_grouped_convolution_reads_the_channels_of_its_group_only():
    net = Net(64)
    both = net.concat(1, net.conv(net.input, 1), net.conv(net.input, 5))

    net.slice(net.conv(both, 3, groups=2), 1, 2, 4)

    assert measure(net) == Measure(7, 7, False, Fraction(1), 64)


def test_shuffled_channels_carry_their_views_along():
    net = Net(64)
    both = net.concat(1, net.conv(net.input, 1), net.conv(net.input, 5))
    split = net.reshape(both, 1, 2, 2, 64)

    mixed = net.reshape(net.permute(split, 0, 2, 1, 3), 1, 4, 64)

    net.slice(mixed, 1, 1, 2)
    assert measure(net).max == 5


def test_a_gate_by_squeeze_and_excitation_adds_global_context_only():
    net = Net(64, 64)
    features = net.conv(net.input, 3)
    pooled = net.mean(features, 2, 3, keep=True)
    gate = net.conv(pooled, 1, padding=0)

    net.relu(features, gate)

    assert footprint(net).measures == (Measure(3, 3, True, Fraction(1), 64),) * 2


def test_flattening_into_a_dense_layer_leaves_no_local_path():
    net = Net(8, 8)
    flat = net.reshape(net.conv(net.input, 3), 1, 128)

    net.linear(flat, 10, layer="head")

    head = layer(net)
    assert head.dense
    assert (head.output.min, head.output.max) == ((None, None), (None, None))


def test_a_map_of_one_position_is_global_once_it_is_flattened():
    net = Net(8, 8)
    single = net.conv(net.input, 8, padding=0)

    net.linear(net.reshape(single, 1, 2), 10, layer="head")

    assert layer(net).dense


def test_a_mean_over_one_axis_leaves_the_other_as_it_is():
    net = Net(64, 32)

    net.mean(net.conv(net.input, 3), 2)

    height, width = footprint(net).measures
    assert height == Measure(None, None, True)
    assert width == Measure(3, 3, False, Fraction(1), 32)


def test_channels_that_are_positions_are_positions():
    net = Net(16, 8)
    turned = net.permute(net.input, 0, 2, 1, 3)

    net.conv(turned, 1, padding=0)

    height, width = footprint(net).measures
    assert height == Measure(None, None, True)
    assert width == Measure(1, 1, False, Fraction(1), 8)


@pytest.mark.parametrize(("filters", "stride"), [(8, Fraction(1)), (16, Fraction(1, 2))])
def test_channels_that_are_positions_stay_so_where_each_is_convolved_by_itself(
    filters: int, stride: Fraction
):
    net = Net(8)
    turned = net.permute(net.input, 0, 2, 1)

    net.conv(turned, 1, groups=8, channels=filters)

    assert measure(net) == Measure(1, 1, False, stride, 8)


def test_pixel_shuffle_spreads_channels_and_widens_nothing():
    net = Net(16, 16, channels=4)
    deep = net.conv(net.input, 4, 4, padding=0)
    digits = net.reshape(deep, 1, 1, 2, 2, 4, 4)
    shuffled = net.reshape(net.permute(digits, 0, 1, 4, 2, 5, 3), 1, 1, 8, 8)

    net.conv(shuffled, 3)

    (first, *_) = propagate(net.graph())[shuffled].measures
    assert first == Measure(4, 4, False, Fraction(2), 8)
    assert measure(net).max == 8


def test_focus_slicing_reads_every_second_pixel():
    net = Net(32, 32)
    corners = [
        net.slice(net.slice(net.input, 2, row, 32, 2), 3, column, 32, 2)
        for row in (0, 1)
        for column in (0, 1)
    ]

    net.conv(net.concat(1, *corners), 3)

    found = measure(net)
    assert (found.max, found.stride, found.map) == (6, 2, 16)


def test_a_class_token_put_before_and_cut_off_restores_the_grid():
    net = Net(16, 16)
    patches = net.reshape(net.conv(net.input, 4, 4, padding=0), 1, 2, 16)
    tokens = net.concat(1, net.constant(1, 1, 2), net.permute(patches, 0, 2, 1))
    attended = net.relu(tokens, net.attention(tokens, tokens, tokens))
    grid = net.reshape(net.permute(net.slice(attended, 1, 1, 17), 0, 2, 1), 1, 2, 4, 4)

    net.conv(grid, 3)

    found = footprint(net).measures
    assert found == (Measure(12, 12, True, Fraction(4), 4),) * 2


def test_the_class_token_alone_sees_everything():
    net = Net(16, 16)
    patches = net.reshape(net.conv(net.input, 4, 4, padding=0), 1, 2, 16)
    tokens = net.concat(1, net.constant(1, 1, 2), net.permute(patches, 0, 2, 1))
    attended = net.relu(tokens, net.attention(tokens, tokens, tokens))

    net.linear(net.select(attended, 1, 0), 10, layer="head")

    assert layer(net).dense


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


def test_running_sums_of_channels_see_those_before():
    net = Net(64)
    wide, narrow = net.conv(net.input, 5), net.conv(net.input, 3)
    sums = net.add(op.Recurrent(1), [net.concat(1, wide, narrow)], (1, 4, 64))

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


def test_a_map_with_a_class_token_in_it_can_be_read_beyond_its_end():
    net = Net(64)
    deep = net.conv(net.input, 4, 4, padding=0)
    tokens = net.concat(2, net.constant(1, 2, 1), deep)

    net.conv(tokens, 3)

    found = measure(net)
    assert (found.max, found.stride) == (12, 4)


def test_running_sums_of_channels_keep_the_shortest_path_of_those_before():
    net = Net(64)
    narrow, wide = net.conv(net.input, 3), net.conv(net.input, 5)
    sums = net.add(op.Recurrent(1), [net.concat(1, narrow, wide)], (1, 4, 64))

    net.slice(sums, 1, 2, 4)

    assert measure(net) == Measure(3, 5, False, Fraction(1), 64)


def test_a_map_of_one_row_stays_a_map_while_its_columns_are_split():
    net = Net(4, 6)
    row = net.conv(net.input, [4, 1], padding=0)

    net.reshape(row, 1, 2, 1, 2, 3)

    height, width = footprint(net).measures
    assert height == Measure(4, 4, False, Fraction(1), 1)
    assert (width.min, width.max, width.map) == (1, 1, 6)


@pytest.mark.parametrize(
    ("shape", "stride", "positions"),
    [
        ((1, 64, 2), Fraction(1, 2), 64),
        ((1, 128, 1), Fraction(1, 4), 128),
        ((1, 1, 128), Fraction(1, 4), 128),
        ((1, 4, 16, 2), Fraction(1, 2), 64),
        ((1, 32, 2, 2), Fraction(1), 32),
    ],
)
def test_channels_behind_positions_become_places_between_them(
    shape: tuple[int, ...], stride: Fraction, positions: int
):
    net = Net(32, channels=4)

    net.reshape(net.permute(net.input, 0, 2, 1), *shape)

    assert measure(net) == Measure(1, 1, False, stride, positions)


@pytest.mark.parametrize(
    ("sizes", "channels", "shape"),
    [((32,), 10, (1, 80, 4)), ((5,), 12, (1, 4, 15)), ((4, 4), 2, (1, 32))],
    ids=["channels cut unevenly", "positions cut unevenly", "rows and columns in one"],
)
def test_channels_that_do_not_part_the_places_evenly_leave_them_as_they_are(
    sizes: tuple[int, ...], channels: int, shape: tuple[int, ...]
):
    net = Net(*sizes, channels=channels)
    tokens = net.reshape(net.input, 1, channels, prod(sizes))

    net.reshape(net.permute(tokens, 0, 2, 1), *shape)

    expected = tuple(Measure(1, 1, False, Fraction(1), size) for size in sizes)
    assert footprint(net).measures == expected


@pytest.mark.parametrize("positions", [1, 2])
@pytest.mark.parametrize("channels", [1, 2], ids=["channels first", "channels last"])
@pytest.mark.parametrize("shifted", [False, True], ids=["a line", "a table"])
def test_a_dense_layer_on_a_flattened_map_sees_all_of_it_however_small_it_is(
    positions: int, channels: int, shifted: bool
):
    net = Net(8, 8)
    source = net.roll(net.input, [2, 3], [3, 3]) if shifted else net.input
    deep = net.conv(source, 8 // positions, 8 // positions, padding=0)
    last = net.permute(deep, 0, 2, 3, 1) if channels == 2 else deep

    net.linear(net.reshape(last, 1, 2 * positions**2), 10)

    assert footprint(net).measures == (Measure(None, None, True),) * 2


@pytest.mark.parametrize("positions", [1, 2])
def test_attention_with_heads_is_global_from_one_token_on(positions: int):
    net = Net(8)
    deep = net.conv(net.input, 8 // positions, 8 // positions, padding=0, channels=6)
    tokens = net.reshape(net.permute(deep, 0, 2, 1), 1, positions, 2, 3)
    heads = net.permute(tokens, 0, 2, 1, 3)

    net.attention(heads, heads, heads)

    assert measure(net).context


def test_lines_and_tables_agree_on_what_becomes_of_a_dimension_in_a_reshape():
    line = Line(0, 4, (-1, 1), (-3, 3))
    shapes = [
        shape
        for rank in range(1, 5)
        for shape in itertools.product((1, 2), repeat=rank)
        if prod(shape) <= 4
    ]
    agreed = 0

    for source, shape in itertools.permutations(shapes, 2):
        for dim in range(len(source)) if prod(source) == prod(shape) else ():
            arguments = (op.Reshape(), [replace(line, dim=dim)], [source], shape)
            found = affine.transfer(*arguments)
            if found is not None:
                assert found == tabular.transfer(*arguments), (source, shape, dim)
                agreed += 1

    assert agreed > 400


@pytest.mark.parametrize(
    "shape",
    [(8, 6), (2, 4, 6), (4, 12), (4, 3, 4), (48,), (2, 2, 12), (2, 6, 4, 1), (1, 2, 6, 4)],
)
def test_reshapes_move_every_element_to_where_it_belongs(shape: tuple[int, ...]):
    net = Net(6, 4)
    source = net.conv(net.input, 3)
    net.reshape(source, 1, *shape)
    graph = net.graph()

    for axis, found in enumerate(claims(graph)):
        index = np.indices((2, 6, 4))[1 + axis].reshape(1, *shape)
        low, high = found[graph.outputs[0]].low, found[graph.outputs[0]].high
        np.testing.assert_array_equal(np.broadcast_to(low, index.shape), index - 1)
        np.testing.assert_array_equal(np.broadcast_to(high, index.shape), index + 1)


def test_a_map_added_to_its_own_transpose_sees_both_places():
    net = Net(8, channels=8)
    net.relu(net.input, net.permute(net.input, 0, 2, 1))
    graph = net.graph()

    (found,) = claims(graph)

    rows, columns = np.indices((8, 8))
    claim = found[graph.outputs[0]]
    np.testing.assert_array_equal(claim.low[0], np.minimum(rows, columns))
    np.testing.assert_array_equal(claim.high[0], np.maximum(rows, columns))


def test_constants_beside_what_sees_everything_have_no_local_path():
    net = Net(64)

    net.concat(1, net.constant(1, 2, 1), net.mean(net.input, 2, keep=True))

    assert measure(net) == Measure(None, None, True)


def test_pooling_each_chunk_to_one_position_sees_the_chunk():
    net = Net(64)
    chunks = net.reshape(net.conv(net.input, 3), 1, 2, 8, 8)

    net.add(op.Resample((3,), "adaptive"), [chunks], (1, 2, 8, 1))

    assert measure(net) == Measure(10, 10, False, Fraction(8), 8)


def test_interpolation_along_one_axis_leaves_the_other_as_it_is():
    net = Net(12, 16)
    rolled = net.roll(net.conv(net.input, 3), [2, 3], [2, 2])

    net.resample(rolled, [12, 8], "nearest")

    assert footprint(net).measures == (
        Measure(3, 3, False, Fraction(1), 12),
        Measure(3, 3, False, Fraction(2), 8),
    )


def test_a_constant_filtered_by_what_the_input_says_receives_what_it_makes():
    net = Net(64)
    kernel = net.reshape(net.mean(net.input, 2), 1, 2, 1)
    window = op.Window((2,), (1,), (1,), (1,), (0,), 1, 0)
    net.add(window, [net.constant(1, 2, 9), kernel], (1, 2, 9), layer="hyper", kind="conv")

    hyper = layer(net)

    assert hyper.name == "hyper"
    assert (hyper.input, hyper.input.min) == (hyper.output, (None,))


def test_a_layer_receives_nothing_along_an_axis_that_none_of_its_inputs_runs_along():
    net = Net(8, 8)
    rows = net.add(op.Input((None, None, 0)), (), (1, 2, 8))

    net.relu(rows, rows, layer="sum")

    (found,) = (one for one in analyse_graph(net.graph()) if one.name == "sum")
    assert (found.input.min, found.input.max) == ((1, 0), (1, 0))


def test_one_sample_of_a_rolled_batch_is_a_rolled_map():
    net = Net(64)
    rolled = net.roll(net.conv(net.input, 3), [2], [5])

    net.select(net.expand(rolled, 2, 2, 64), 0, 1)

    assert measure(net) == Measure(3, 3, False, Fraction(1), 64)


def test_windows_with_gaps_advance_by_their_gaps():
    net = Net(64)

    net.add(op.Unfold(2, 3, 4, 2), [net.conv(net.input, 3)], (1, 2, 15, 3))

    assert measure(net) == Measure(3, 3, False, Fraction(2), 31)


def test_positions_that_an_index_repeats_keep_their_stride():
    net = Net(64)
    index = tuple(place // 4 * 4 for place in range(64))

    net.add(op.Gather(2, index), [net.conv(net.input, 3)], (1, 2, 64))

    assert measure(net) == Measure(3, 3, False, Fraction(1), 16)


def test_a_map_without_its_batch_dimension_runs_along_the_last_of_the_sum():
    net = Net(64)
    rolled = net.roll(net.conv(net.input, 3, stride=2), [2], [5])

    net.relu(net.select(rolled, 0, 0), net.constant(1, 2, 32))

    found = footprint(net)
    assert found.measures == (Measure(3, 3, False, Fraction(2), 32),)
    assert found.running == (frozenset({2}),)


def test_the_seam_of_a_map_rolled_by_half_lies_in_the_middle():
    net = Net(64)

    net.conv(net.roll(net.input, [2], [32]), 3)

    assert measure(net) == Measure(64, 64, False, Fraction(1), 64)


def test_the_middle_of_a_map_in_chunks_is_where_its_pixels_lie():
    net = Net(64)
    chunks = net.reshape(net.conv(net.input, 3), 1, 2, 8, 8)
    before = net.add(op.Recurrent(3), [chunks], net.shape(chunks))

    net.permute(before, 0, 1, 3, 2)

    assert measure(net) == Measure(10, 10, False, Fraction(1), 64)


def test_rows_that_a_transposed_window_leaves_out_show_no_columns():
    net = Net(6, 6)
    spread = net.transposed(net.roll(net.input, [3], [2]), 1, 2)

    _, columns = claims(net.graph())

    low, high = (
        np.broadcast_to(ends, (1, 2, 11, 11))
        for ends in (columns[spread].low, columns[spread].high)
    )
    rows, places = np.indices((11, 11))
    read = (rows % 2 == 0) & (places % 2 == 0)
    np.testing.assert_array_equal(low[0, 0], np.where(read, (places // 2 - 2) % 6, np.inf))
    np.testing.assert_array_equal(high[0, 0], np.where(read, (places // 2 - 2) % 6, -np.inf))


def test_a_single_position_between_pixels_is_widened_by_a_kernel():
    net = Net(8)
    doubled = net.resample(net.input, [16], "nearest")

    net.conv(net.slice(doubled, 2, 4, 5), 3)

    assert measure(net) == Measure(2, 2, False, Fraction(1, 2), 1)


def test_a_sum_over_windows_sees_what_the_convolution_does_that_it_is():
    summed, convolved = Net(16), Net(16)
    for net in (summed, convolved):
        narrow, wide = net.conv(net.input, 1), net.conv(net.input, 7)
        value = net.slice(wide, 2, 0, 16, 2)
        turns = [
            net.add(op.Overwrite((0, 0, start), (1, 1, 2)), [narrow, value], (1, 2, 16))
            for start in (0, 1)
        ]
        both = net.concat(1, *turns)
        if net is convolved:
            net.conv(both, 2, stride=2, padding=0)
        else:
            net.mean(net.reshape(both, 1, 4, 8, 2), 1, 3)

    assert measure(summed) == measure(convolved) == Measure(7, 7, False, Fraction(2), 8)


def test_a_single_position_spread_by_a_product_is_no_map():
    spread, product = Net(4), Net(4)
    for net in (spread, product):
        row, weight = net.conv(net.input, 4, padding=0), net.constant(1, 2, 5)
        if net is product:
            net.add(op.Contract(((0, 1, 2), (0, 1, 2)), (0, 2)), [row, weight], (1, 5))
        else:
            net.mean(net.relu(row, weight), 1)

    assert measure(product) == measure(spread) == Measure(4, 4, False)


def test_samples_that_lie_differently_are_each_measured_where_they_lie():
    net = Net(8, channels=8)
    nothing = net.constant(1, 8, 8)
    upright = net.concat(0, net.input, nothing)
    turned = net.concat(0, nothing, net.permute(net.input, 0, 2, 1))
    both = net.relu(upright, turned)

    (found,) = claims(net.graph())

    rows, columns = np.indices((8, 8))
    low, high = (np.broadcast_to(ends, (2, 8, 8)) for ends in (found[both].low, found[both].high))
    np.testing.assert_array_equal(low, [columns, rows])
    np.testing.assert_array_equal(high, [columns, rows])
    assert measure(net) == Measure(1, 1, False, Fraction(1), 8)


def test_what_sees_everything_does_so_beside_a_map_that_lies_two_ways():
    net = Net(8, channels=8)
    crossed = net.relu(net.input, net.permute(net.input, 0, 2, 1))
    seen = net.expand(net.mean(net.input, 2, keep=True), 1, 8, 8)

    net.select(net.concat(0, crossed, seen), 0, 1)

    assert measure(net) == Measure(None, None, True)


def test_a_map_written_into_zeros_is_a_map():
    net = Net(64)
    rolled = net.roll(net.conv(net.input, 3), [2], [3])
    part = net.slice(rolled, 2, 8, 56)

    net.add(op.Overwrite((0, 0, 8), (1, 1, 1)), [net.constant(1, 2, 64), part], (1, 2, 64))

    found = measure(net)
    assert (found.min, found.max, found.stride) == (3, 3, 1)


def test_a_map_repeated_in_a_new_dimension_does_not_run_along_it():
    net = Net(64)
    rolled = net.roll(net.conv(net.input, 3), [2], [3])

    net.repeat(rolled, 3, 1, 1, 1)

    assert footprint(net).running == (frozenset({3}),)
    assert measure(net) == Measure(3, 3, False, Fraction(1), 64)
