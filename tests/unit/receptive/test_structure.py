"""Facts about the structure of layers: on graphs written by hand, and against enumeration."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from building import Net
from drafts import Drawn
from hypothesis import HealthCheck, given, settings
from oracle import Seen, enumerate_footprints
from random_graphs import REGULAR, graphs
from random_steps import concatenate, convolution, cut, merge, pad

from rfa_core.graph import operations as op
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.facts import (
    Fact,
    Holes,
    Misalignment,
    SkippedPositions,
    UnevenSamples,
    UnreadBorder,
)
from rfa_core.receptive.propagate import propagate
from rfa_core.receptive.structure import Structure

Build = Callable[[Net], object]

often = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


def facts_of(build: Build, *sizes: int) -> dict[str, tuple[Fact, ...]]:
    """The facts of every layer that has some, by the layer's name."""
    net = Net(*(sizes or (64,)))
    build(net)
    layers = analyse_graph(net.graph(), with_structure=True)
    return {layer.name: layer.structure for layer in layers if layer.structure}


def chain(net: Net, *rates: int, kernel: int = 3) -> str:
    """Convolutions of these dilations, one behind the other."""
    name = net.input
    for place, rate in enumerate(rates):
        name = net.conv(name, kernel, dilation=rate, layer=f"c{place}")
    return name


def holes(read: int, span: int) -> tuple[Fact, ...]:
    return (Holes((read,), (span,)),)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ((1, 2, 5), {}),
        ((1, 2, 4, 8), {}),
        ((2,), {"c0": holes(3, 5)}),
        ((2, 2, 2), {"c0": holes(3, 5), "c1": holes(5, 9), "c2": holes(7, 13)}),
        ((2, 4, 8), {"c0": holes(3, 5), "c1": holes(7, 13), "c2": holes(15, 29)}),
        ((1, 2, 9), {"c2": holes(21, 25)}),
        ((2, 1), {}),
        ((3, 1), {}),
        ((4, 1), {"c0": holes(3, 9)}),
        ((2**19 - 1,), {"c0": holes(3, 2**20 - 1)}),
        ((2**19,), {}),
        ((2**40, 2), {}),
    ],
)
def test_dilations_leave_holes_where_no_later_layer_fills_them(
    rates: tuple[int, ...], expected: dict[str, tuple[Fact, ...]]
):
    assert facts_of(lambda net: chain(net, *rates)) == expected


def test_footprints_wider_than_the_step_between_two_taps_leave_no_hole():
    def build(net: Net, padding: int = 3) -> None:
        name = net.conv(net.conv(net.input, 7, 2, padding=padding), 3, 2, padding=1)
        net.conv(name, 3, dilation=2, layer="narrow")
        net.conv(name, 3, dilation=3, layer="wide")

    assert facts_of(build) == {"wide": holes(33, 35)}


def test_parallel_branches_fill_the_holes_of_a_large_rate():
    def build(net: Net) -> None:
        stem = chain(net, 1)
        branches = [net.conv(stem, 3, dilation=rate) for rate in (1, 2, 3, 4)]
        net.conv(net.concat(1, *branches), 1)

    assert facts_of(build) == {}


def test_a_shortcut_fills_what_it_sees_itself():
    def build(net: Net) -> None:
        stem = net.conv(net.input, 3)
        net.relu(net.conv(stem, 3, dilation=4, layer="a"), stem)

    def without(net: Net) -> None:
        net.conv(net.conv(net.input, 3), 3, dilation=4, layer="a")

    def wider(net: Net) -> None:
        stem = net.conv(net.input, 3)
        net.relu(net.conv(stem, 3, dilation=4, layer="a"), net.conv(net.input, 5))

    assert facts_of(build) == {"a": holes(9, 11)}
    assert facts_of(without) == {"a": holes(9, 11)}
    assert facts_of(wider) == {}


@pytest.mark.parametrize(("bins", "expected"), [(32, {"c0": holes(3, 17)}), (8, {})])
def test_a_pooling_to_a_number_of_bins_fills_the_holes_that_its_bins_cover(
    bins: int, expected: dict[str, tuple[Fact, ...]]
):
    found = facts_of(lambda net: net.resample(chain(net, 8), [bins], "adaptive"))

    assert found == expected


def test_two_taps_leave_a_hole_between_them():
    assert facts_of(lambda net: chain(net, 4, kernel=2)) == {"c0": holes(2, 5)}


def test_holes_are_open_at_the_end_of_the_local_paths():
    def build(net: Net) -> None:
        net.linear(net.mean(chain(net, 2), 2), 5)

    assert facts_of(build) == {"c0": holes(3, 5)}


def test_a_global_branch_does_not_open_what_the_local_one_fills():
    def build(net: Net) -> None:
        dilated = chain(net, 2)
        gate = net.mean(dilated, 2, keep=True)
        net.conv(net.relu(dilated, gate), 3)

    assert facts_of(build) == {}


def test_pooled_bins_keep_the_holes_between_them():
    def build(net: Net) -> None:
        net.resample(net.conv(net.input, 3, dilation=8, layer="wide"), [32], "adaptive")

    assert facts_of(build) == {"wide": holes(3, 17)}


def test_a_window_over_channels_fills_no_hole():
    def build(net: Net) -> None:
        dilated = chain(net, 2)
        channels = op.Window((1,), (2,), (1,), (1,), (0,), None, 1)
        net.add(channels, [dilated], (1, 1, 64), kind="conv")

    assert facts_of(build) == {"c0": holes(3, 5)}


def test_holes_of_a_stride_are_none_of_a_dilation():
    def build(net: Net) -> None:
        net.conv(net.conv(net.input, 1, 2, layer="skips"), 3)

    assert facts_of(build) == {"skips": (SkippedPositions((Fraction(1, 2),), elsewhere=False),)}


def test_each_axis_has_its_own_holes():
    def build(net: Net) -> None:
        net.conv(net.input, (3, 3), dilation=(1, 2), layer="wide")

    assert facts_of(build, 32, 32) == {"wide": (Holes((1, 3), (1, 5)),)}


def test_a_layer_is_told_the_holes_of_its_own_dilation_and_not_those_it_receives():
    def build(net: Net) -> None:
        tall = net.conv(net.input, 3, dilation=(8, 1), layer="tall")
        net.conv(tall, 3, dilation=(1, 8), layer="wide")

    assert facts_of(build, 64, 64) == {
        "tall": (Holes((3, 1), (17, 1)),),
        "wide": (Holes((1, 9), (1, 19)),),
    }


@often
@given(graphs((*REGULAR, convolution, merge, concatenate, pad, cut)))
def test_the_positions_read_are_those_of_the_enumeration(drawn: Drawn):
    structure = Structure(drawn.graph)
    propagate(drawn.graph, watch=structure.watch)
    for axis in range(drawn.graph.axes):
        running = drawn.running(axis)
        irregular: set[str] = set()

        for name, seen in enumerate_footprints(drawn.graph, axis, running).items():
            node = drawn.graph[name]
            line = structure._lines[name][axis]
            if line is None or irregular.intersection(node.operands):
                irregular.add(name)
                continue
            claim = structure._holed[axis].get(name)
            for bits in free_sets(seen, line.dim):
                if claim is None and not cuts_channels(drawn, name):
                    assert bits == (1 << bits.bit_length()) - 1, name
                elif claim is not None:
                    assert claim.bits | bits == claim.bits, name
                    assert claim.bits == bits or cuts_channels(drawn, name), name


def cuts_channels(drawn: Drawn, name: str) -> bool:
    """Whether channels were cut off on the way: their holes are not followed one by one."""
    node = drawn.graph[name]
    if isinstance(node.operation, (op.Slice, op.Select)):
        return True
    return any(cuts_channels(drawn, operand) for operand in node.operands)


def free_sets(seen: Seen, dim: int) -> list[int]:
    """Per unclipped position along ``dim``, what is read there over all else, from the first on."""
    others = tuple(d for d in range(len(seen.shape)) if d != dim)
    flags, edge = seen.flags.any(others), seen.edge.any(others)
    rows = [np.flatnonzero(row) for row, clipped in zip(flags, edge, strict=True) if not clipped]
    return [sum(1 << int(i - row[0]) for i in row) for row in rows if len(row)]


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "share"), [(1, 2, 1, 2), (2, 3, 1, 0), (3, 2, 2, 2)]
)
def test_a_stride_larger_than_the_kernel_skips(kernel: int, stride: int, dilation: int, share: int):
    found = facts_of(lambda net: net.conv(net.input, kernel, stride, dilation, 0, layer="a"))["a"]

    read = Fraction(1, 2) if share == 2 else Fraction(2, 3)
    assert SkippedPositions((read,), elsewhere=False) in found


def test_two_outputs_skip_what_is_between_them():
    found = facts_of(lambda net: net.conv(net.input, 1, 3, padding=0, layer="a"), 4)

    assert found == {"a": (SkippedPositions((Fraction(1, 3),), elsewhere=False),)}


def test_a_single_output_skips_nothing_between_outputs():
    assert facts_of(lambda net: net.conv(net.input, 1, 2, padding=0), 2) == {}


@pytest.mark.parametrize(
    ("kernel", "stride", "elsewhere"), [(3, 2, True), (1, 1, True), (1, 2, False)]
)
def test_what_a_shortcut_skips_may_be_read_by_the_other_branch(
    kernel: int, stride: int, elsewhere: bool
):
    def build(net: Net) -> None:
        stem = net.conv(net.input, 3, layer="stem")
        net.conv(stem, 1, 2, layer="shortcut")
        net.conv(net.relu(net.norm(stem)), kernel, stride, layer="main")

    found = facts_of(build)

    assert found["shortcut"] == (SkippedPositions((Fraction(1, 2),), elsewhere),)
    assert ("main" in found) is not elsewhere


def test_the_rows_that_a_stride_does_not_reach_are_counted_per_axis():
    found = facts_of(lambda net: net.conv(net.input, 3, 2, padding=0, layer="a"), 31, 32)

    assert found == {"a": (UnreadBorder((0, 1)),)}


@pytest.mark.parametrize(
    ("size", "before", "after"),
    [(32, 1, 1), (31, 1, 1), (30, 1, 2), (32, 0, -1)],
    ids=["a row of padding", "none of it", "padding before and behind", "cut off"],
)
def test_neither_padding_that_is_not_read_is_lost_nor_what_was_cut_off(
    size: int, before: int, after: int
):
    def build(net: Net) -> None:
        net.conv(net.pad(net.input, 2, before, after), 3, 2, padding=0)

    assert facts_of(build, size) == {}


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "phases"),
    [
        (3, 2, 1, (2, 1)),
        (5, 3, 1, (2, 2, 1)),
        (1, 2, 1, (1, 0)),
        (4, 2, 2, (4, 0)),
        (2, 2, 1, None),
        (4, 2, 1, None),
        (3, 1, 1, None),
    ],
)
def test_a_transposed_kernel_that_its_stride_does_not_divide_is_uneven(
    kernel: int, stride: int, dilation: int, phases: tuple[int, ...] | None
):
    found = facts_of(lambda net: net.transposed(net.input, kernel, stride, dilation=dilation))

    facts = [fact for facts in found.values() for fact in facts if isinstance(fact, UnevenSamples)]
    assert facts == ([] if phases is None else [UnevenSamples((phases,))])


def test_along_an_axis_that_it_does_not_move_along_a_transposed_kernel_is_even():
    def build(net: Net) -> None:
        window = op.Window((3,), (3,), (2,), (1,), (0,), 1, 1, transposed=True)
        net.add(window, [net.input], (1, 2, 8, 17), layer="up")

    assert facts_of(build, 8, 8) == {"up": (UnevenSamples(((1,), (2, 1))),)}


def shift(*pixels: int | Fraction) -> tuple[Fact, ...]:
    return (Misalignment(tuple(map(Fraction, pixels))),)


def padded_conv(net: Net, name: str, kernel: int, before: int, after: int) -> str:
    for dim in range(2, 2 + net.axes):
        name = net.pad(name, dim, before, after)
    return net.conv(name, kernel, padding=0)


def even_kernel(net: Net) -> None:
    net.relu(net.input, padded_conv(net, net.input, 4, 1, 2), layer="add")


def one_sided(net: Net, before: int = 2, after: int = 0) -> None:
    net.relu(net.input, padded_conv(net, net.input, 3, before, after), layer="add")


def zoomed(net: Net) -> None:
    """The middle of the image, and beside it the whole of it at half the size."""
    net.relu(net.slice(net.input, 2, 16, 48), net.conv(net.input, 3, 2), layer="add")


def turned(net: Net) -> None:
    shifted = padded_conv(net, net.input, 4, 1, 2)
    net.relu(net.input, net.permute(shifted, 0, 1, 3, 2), layer="add")


def sampled(net: Net) -> None:
    offsets = padded_conv(net, net.input, 4, 1, 2)
    net.add(op.Sample("grid_sample"), [net.input, offsets], net.shape(net.input), layer="add")


def odd_slice(net: Net) -> None:
    cut = net.input
    for dim in range(2, 2 + net.axes):
        cut = net.slice(cut, dim, 1, 64, 2)
    net.relu(cut, net.conv(net.input, 3, 2), layer="add")


def bottleneck(net: Net) -> None:
    name = net.conv(net.conv(net.input, 1), 3, 2)
    net.relu(net.conv(net.input, 1, 2), net.conv(name, 1), layer="add")


def pooled_shortcut(net: Net) -> None:
    net.relu(net.pool(net.input, 2), net.conv(net.input, 3, 2), layer="add")


def space_to_depth(net: Net) -> None:
    net.concat(1, *(net.slice(net.input, 2, start, 64, 2) for start in (0, 1)), layer="add")


def wrong_crop(net: Net) -> None:
    inner = net.conv(net.conv(net.input, 3, padding=0), 3, padding=0)
    net.concat(1, net.slice(net.input, 2, 3, 63), inner, layer="add")


def right_crop(net: Net) -> None:
    inner = net.conv(net.conv(net.input, 3, padding=0), 3, padding=0)
    net.concat(1, net.slice(net.input, 2, 2, 62), inner, layer="add")


def along_positions(net: Net) -> None:
    net.concat(2, net.input, net.conv(net.input, 3, 2), layer="add")


def unet(net: Net, cut: int = 0) -> None:
    down = net.conv(net.pool(net.input, 2), 3)
    up = net.conv(net.resample(down, net.sizes, "nearest"), 3)
    side = net.pad(net.slice(net.input, 2, cut, 64), 2, 0, cut, "replicate") if cut else net.input
    net.concat(1, side, up, layer="add")


def feature_pyramid(net: Net) -> None:
    down = net.conv(net.input, 3, 2)
    net.relu(net.input, net.resample(down, net.sizes, "nearest"), layer="add")


def gated(net: Net) -> None:
    net.relu(net.input, net.mean(net.input, 2, keep=True), layer="add")


@pytest.mark.parametrize(
    ("build", "axes", "expected"),
    [
        (even_kernel, 1, shift(Fraction(1, 2))),
        (even_kernel, 2, shift(Fraction(1, 2), Fraction(1, 2))),
        (one_sided, 1, ()),
        (lambda net: one_sided(net, 0, 2), 1, ()),
        (zoomed, 1, ()),
        (turned, 2, ()),
        (sampled, 1, ()),
        (one_sided, 2, shift(1, 1)),
        (odd_slice, 2, shift(1, 1)),
        (bottleneck, 2, ()),
        (pooled_shortcut, 2, ()),
        (space_to_depth, 1, ()),
        (wrong_crop, 1, shift(1)),
        (right_crop, 1, ()),
        (along_positions, 1, ()),
        (unet, 1, ()),
        (lambda net: unet(net, cut=3), 1, shift(3)),
        (feature_pyramid, 1, ()),
        (gated, 1, ()),
    ],
)
def test_merges_whose_footprints_are_not_centred_on_one_point_say_by_how_much(
    build: Build, axes: int, expected: tuple[Fact, ...]
):
    found = facts_of(build, *(64,) * axes)

    assert found.get("add", ()) == expected


def test_a_layer_that_is_called_again_has_each_fact_once():
    def build(net: Net) -> None:
        once = net.conv(net.input, 1, 2, layer="a", call=0)
        net.conv(once, 1, 2, layer="a", call=1)

    assert facts_of(build) == {"a": (SkippedPositions((Fraction(1, 2),), elsewhere=False),)}
