"""The rules of transfer in numbers: windows, branches, channels."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from building import Net, footprint, layer, measure

from rfa_core.receptive.measure import Measure
from rfa_core.receptive.propagate import propagate

Build = Callable[[Net], object]


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
