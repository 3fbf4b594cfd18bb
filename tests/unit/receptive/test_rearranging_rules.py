"""The rules of transfer in numbers: what moves to other places."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import prod

import numpy as np
import pytest
from building import Net, footprint, layer, measure

from rfa_core.graph import operations as op
from rfa_core.receptive import affine, tabular
from rfa_core.receptive.claims import claims
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.states import Line

Build = Callable[[Net], object]


def test_a_map_with_a_class_token_in_it_can_be_read_beyond_its_end():
    net = Net(64)
    deep = net.conv(net.input, 4, 4, padding=0)
    tokens = net.concat(2, net.constant(1, 2, 1), deep)

    net.conv(tokens, 3)

    found = measure(net)
    assert (found.max, found.stride) == (12, 4)


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


@pytest.mark.parametrize(("first", "stride"), [(0, 1), (2, 2)], ids=["the middle", "the whole"])
def test_two_views_of_one_image_side_by_side_keep_a_stride_each(first: int, stride: int):
    net = Net(64)
    middle = net.slice(net.conv(net.input, 3), 2, 16, 48)
    both = net.concat(1, middle, net.conv(net.input, 3, 2))

    net.resample(net.slice(both, 1, first, first + 2), [64], "linear")

    assert measure(net) == Measure(3 + stride, 3 + stride, False, Fraction(stride, 2), 64)


def test_pooling_what_differs_along_another_axis_keeps_the_shortest_path():
    net = Net(12, 16)
    both = net.concat(3, net.conv(net.input, 1), net.conv(net.input, 5))

    net.add(op.Resample((3,), "adaptive"), [both], (1, 2, 12, 1))

    assert footprint(net).measures[0] == Measure(1, 5, False, Fraction(1), 12)


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


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation"), [(1, 2, 1), (4, 2, 2), (2, 3, 2), (3, 3, 2), (2, 4, 2)]
)
def test_rows_that_no_tap_of_a_transposed_window_falls_on_depend_on_nothing(
    kernel: int, stride: int, dilation: int
):
    net = Net(6, 6)
    size = 5 * stride + (kernel - 1) * dilation + 1
    window = op.Window((2,), (kernel,), (stride,), (dilation,), (0,), 1, 1, transposed=True)
    spread = net.add(window, [net.input], (1, 2, size, 6), kind="conv")

    _, columns = claims(net.graph())

    low = np.broadcast_to(columns[spread].low, (1, 2, size, 6))
    rows, places = np.indices((size, 6))
    read = np.isin(rows % stride, [tap * dilation % stride for tap in range(kernel)])
    np.testing.assert_array_equal(low[0, 0], np.where(read, places, np.inf))


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


@pytest.mark.parametrize("times", [(3, 1, 1, 1), (1, 2, 1, 1)])
def test_a_map_repeated_in_a_new_dimension_does_not_run_along_it(times: tuple[int, ...]):
    net = Net(64)
    rolled = net.roll(net.conv(net.input, 3), [2], [3])

    net.repeat(rolled, *times)

    assert footprint(net).running == (frozenset({3}),)
    assert measure(net) == Measure(3, 3, False, Fraction(1), 64)
