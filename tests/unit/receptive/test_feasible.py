"""The feasible range, held to the verdicts at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
from building import Net
from drafts import Drawn
from hypothesis import given, settings
from hypothesis import strategies as st
from random_graphs import graphs

from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.feasible import (
    End,
    largest_seen,
    least_alone,
    least_square,
    seeing_size,
    turning_size,
)
from rfa_core.receptive.layers import Extent, Layer, Sizes
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict, is_judged, judge

STRICT = Policy(strict_tie=True)
FAR = 10**6
often = settings(deadline=None, max_examples=150, derandomize=True)
policies = st.builds(
    Policy, strict_tie=st.booleans(), judge_pointwise=st.booleans(), judge_pooling=st.booleans()
)


def layer_of(seen: Sizes, out: Sizes, name: str = "conv", kernel: int = 3) -> Layer:
    axes = len(seen)
    return Layer(
        name=name,
        type="Conv2d",
        operation="conv",
        calls=1,
        kernel=(kernel,) * axes,
        stride=(1,) * axes,
        dilation=(1,) * axes,
        input=Extent(seen, seen),
        output=Extent(out, out),
        effective_stride=(Fraction(1),) * axes,
        feature_map=(64,) * axes,
        input_feature_map=(64,) * axes,
        judgeable="weights",
    )


def unproductive(layers: Sequence[Layer], sizes: tuple[int, ...], policy: Policy) -> list[Layer]:
    return [one for one in layers if judge(one, sizes, policy) is Verdict.UNPRODUCTIVE]


@pytest.mark.parametrize(
    ("seen", "out", "usual", "strict"),
    [
        ((1, 1), (3, 3), 2, 1),
        ((1, 1), (1, 1), 1, 1),
        ((43, 43), (75, 75), 44, 43),
        ((43, 20), (75, 52), 21, 20),
        ((43, 43), (43, 43), 43, 43),
        ((40, 40), (None, 42), 41, 40),
        ((None, 40), (None, 42), 41, 40),
        ((40, None), (None, 90), 41, 40),
    ],
)
def test_least_square_of_one_layer(seen: Sizes, out: Sizes, usual: int, strict: int) -> None:
    layer = layer_of(seen, out)

    assert least_square([layer], Policy()).size == usual
    assert least_square([layer], STRICT).size == strict


@pytest.mark.parametrize(
    ("boxes", "square", "alone"),
    [
        ([(43, 43)], 44, (44, 44)),
        ([(43, 3)], 4, (44, 4)),
        ([(43, 3), (3, 60)], 4, (44, 61)),
        ([(43, 3), (9, 9)], 10, (44, 10)),
        ([(15, 80, 80), (20, 40, 40)], 21, (21, 81, 81)),
        ([(None, 40)], 41, (None, 41)),
        ([(43, 0), (9, 9)], 10, (10, 10)),
        ([(1, 5)], 2, (2, 6)),
        ([(0, 0)], 1, (1, 1)),
    ],
)
def test_where_axes_differ_each_has_a_size_that_is_enough_alone(
    boxes: list[Sizes], square: int, alone: Sizes
) -> None:
    layers = [
        layer_of(box, tuple(None if size is None else size + 2 for size in box)) for box in boxes
    ]

    assert least_square(layers, Policy()).size == square
    assert tuple(end.size for end in least_alone(layers, Policy(), len(alone))) == alone


def test_every_end_names_the_layers_that_set_it() -> None:
    tall, wide, small = (
        layer_of((43, 3), (45, 5), "tall"),
        layer_of((3, 60), (5, 62), "wide"),
        layer_of((2, 2), (62, 4), "small"),
    )
    layers = [tall, wide, small]

    assert least_square(layers, Policy()) == End(4, (tall, wide))
    assert least_alone(layers, Policy(), 2) == (End(44, (tall,)), End(61, (wide,)))
    assert largest_seen(layers, Policy(), 2) == (End(62, (small,)), End(62, (wide,)))


def test_a_limit_of_no_pixels_is_set_by_no_layer() -> None:
    layer = layer_of((1, 1), (1, 1))

    assert least_square([layer], Policy()) == End(1)
    assert least_alone([layer], Policy(), 2) == (End(1), End(1))


def test_without_judged_layers_there_is_no_range() -> None:
    layers = [replace(layer_of((9, 9), (11, 11)), judgeable="")]

    assert least_square(layers, Policy()) == End(None)
    assert least_alone(layers, Policy(), 2) == (End(None), End(None))
    assert largest_seen(layers, Policy(), 2) == (End(None), End(None))


def test_the_largest_footprint_is_the_local_one_of_a_judged_layer() -> None:
    layers = [
        layer_of((9, 9), (11, 20)),
        replace(layer_of((9, 9), (13, 13)), output=Extent((13, 13), (90, None), True)),
        replace(layer_of((9, 9), (300, 300)), judgeable=""),
    ]

    found = largest_seen(layers, Policy(), 2)

    assert [end.size for end in found] == [90, 20]


def test_a_layer_that_is_called_again_counts_with_the_call_that_sees_most() -> None:
    net, name = Net(64, 64), ""
    for call in range(5):
        name = net.conv(name or net.input, (3, 5), layer="shared", call=call)

    layers = analyse_graph(net.graph())

    assert [layer.output.max for layer in layers] == [(3, 5)]
    assert [end.size for end in largest_seen(layers, Policy(), 2)] == [11, 21]
    assert least_square(layers, Policy()).size == 2


@st.composite
def judged_layers(draw: st.DrawFn, axes: int) -> Layer:
    """A layer, at times with calls that saw less on one axis."""

    def one() -> Layer:
        seen = [draw(st.none() | st.integers(1, 60)) for _ in range(axes)]
        out = [
            None
            if size is None or draw(st.integers(0, 9)) == 0
            else size + draw(st.integers(0, 40))
            for size in seen
        ]
        if out == [None] * axes:
            out[0] = 50 if seen[0] is None else seen[0] + 2
        made = layer_of(tuple(seen), tuple(out), kernel=draw(st.sampled_from([1, 3])))
        return replace(made, judgeable=draw(st.sampled_from(["weights", "weights", "pooling", ""])))

    others = tuple(one() for _ in range(draw(st.sampled_from([0, 0, 1, 2]))))
    return replace(one(), other_calls=others)


@st.composite
def networks(draw: st.DrawFn) -> tuple[int, list[Layer]]:
    """Layers on one to three axes, each with a name of its own; at times dense ones among them."""
    axes = draw(st.integers(1, 3))
    layers = draw(st.lists(judged_layers(axes), min_size=1, max_size=4))
    if draw(st.booleans()):
        layers.append(layer_of((None,) * axes, (None,) * axes))
    return axes, [replace(layer, name=f"layer{n}") for n, layer in enumerate(layers)]


@often
@given(networks(), policies)
def test_the_least_square_agrees_with_the_verdicts(
    network: tuple[int, list[Layer]], policy: Policy
) -> None:
    axes, layers = network

    end = least_square(layers, policy)

    if end.size is None:
        assert not any(is_judged(layer, policy) for layer in layers)
        return
    dead = [size for size in range(1, 110) if unproductive(layers, (size,) * axes, policy)]
    assert dead == list(range(1, end.size))
    below = (max(end.size - 1, 1),) * axes
    assert list(end.layers) == unproductive(layers, below, policy)


@often
@given(networks(), policies)
def test_the_sizes_that_are_enough_alone_agree_with_the_verdicts(
    network: tuple[int, list[Layer]], policy: Policy
) -> None:
    axes, layers = network

    ends = least_alone(layers, policy, axes)

    for axis, end in enumerate(ends):
        images = [
            (1,) * axis + (size,) + (1,) * (axes - axis - 1) for size in [*range(1, 110), FAR]
        ]
        dead = [image[axis] for image in images if unproductive(layers, image, policy)]
        if end.size is not None:
            assert dead == list(range(1, end.size))
        elif dead:
            assert dead[-1] == FAR
        else:
            assert not any(is_judged(layer, policy) for layer in layers)


@often
@given(networks(), policies, st.data())
def test_a_size_that_is_enough_alone_is_enough_with_any_others(
    network: tuple[int, list[Layer]], policy: Policy, data: st.DataObject
) -> None:
    axes, layers = network
    image = data.draw(st.tuples(*[st.integers(1, 110)] * axes))

    square = least_square(layers, policy)
    alone = least_alone(layers, policy, axes)

    enough = any(
        end.size is not None and size >= end.size for size, end in zip(image, alone, strict=True)
    )
    dead = unproductive(layers, image, policy)
    assert not (dead and enough)
    assert square.size is None or min(image) < square.size or not dead


@settings(deadline=None, max_examples=100, derandomize=True)
@given(graphs(), policies)
def test_the_range_of_a_random_network_agrees_with_its_verdicts(
    drawn: Drawn, policy: Policy
) -> None:
    layers = analyse_graph(drawn.graph)
    axes = drawn.graph.axes

    least, largest = least_square(layers, policy), largest_seen(layers, policy, axes)

    judged = [layer for layer in layers if is_judged(layer, policy)]
    assert (least.size is None) is not bool(judged)
    if least.size is not None:
        assert unproductive(layers, (least.size,) * axes, policy) == []
        below = (least.size - 1,) * axes
        assert list(least.layers) == (unproductive(layers, below, policy) if below[0] else [])
    for axis, end in enumerate(largest):
        sizes = [layer.largest[axis] or 0 for layer in judged]
        assert (end.size or 0) == max(sizes, default=0)


@st.composite
def limits(draw: st.DrawFn) -> list[int]:
    """For every size from 1 on, the least square of the footprints that a model has there."""
    runs = draw(st.lists(st.tuples(st.integers(1, 60), st.integers(1, 20)), min_size=1, max_size=8))
    return [limit for limit, length in runs for _ in range(length)]


@often
@given(limits(), st.integers(1, 100))
def test_the_size_found_passes_and_one_pixel_less_does_not(table: list[int], start: int) -> None:
    def limit(size: int) -> int:
        assert size > 0, "no image has so few pixels"
        return table[min(size, len(table)) - 1]

    size = turning_size(limit, start, 100)

    assert size is not None
    assert limit(size) <= size
    assert size == 1 or limit(size - 1) > size - 1


def test_whatever_the_footprints_are_at_each_size_one_is_found_at_which_verdicts_turn() -> None:
    looks: list[int] = []

    def limit(size: int) -> int:
        looks.append(size)
        assert len(looks) < 50, "the search does not end"
        return table[size - 1]

    for table in product(range(1, 6), repeat=5):
        for start in range(1, 6):
            looks.clear()

            size = turning_size(limit, start, 5)

            assert size is not None
            assert table[size - 1] <= size
            assert size == 1 or table[size - 2] > size - 1


def test_footprints_that_do_not_depend_on_the_size_are_looked_at_twice() -> None:
    looks: list[int] = []

    def limit(size: int) -> int:
        looks.append(size)
        return 76

    assert turning_size(limit, 76, 1024) == 76
    assert sorted(set(looks)) == [75, 76]


def test_footprints_that_grow_with_the_image_have_no_least_size() -> None:
    assert turning_size(lambda size: size * 3 // 2 + 1, 20, 1024) is None


@pytest.mark.parametrize(
    ("sees", "start", "found"),
    [
        (lambda size: size <= 300, 224, 300),
        (lambda size: size <= 300, 900, 300),
        (lambda size: size <= 1, 224, 1),
        (lambda size: size <= 1023, 224, 1023),
        (lambda size: size > 0, 224, None),
        (lambda size: size <= 40 or 200 <= size <= 500, 224, 500),
    ],
)
def test_the_last_size_seen_whole_is_found_from_below_and_from_above(
    sees: object, start: int, found: int | None
) -> None:
    assert seeing_size(sees, start, 1024) == found  # type: ignore[arg-type]
