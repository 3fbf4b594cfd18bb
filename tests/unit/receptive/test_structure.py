"""Facts about the structure of layers: strides, transposed kernels, branches that meet."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from building import Net, facts_of

from rfa_core.graph import operations as op
from rfa_core.receptive.facts import (
    Fact,
    Misalignment,
    SkippedPositions,
    UnevenSamples,
    UnreadBorder,
)

Build = Callable[[Net], object]


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
