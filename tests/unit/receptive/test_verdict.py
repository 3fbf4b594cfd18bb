"""The table of verdicts."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfa_core.receptive.layers import Extent, Layer, Sizes
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict, covers_its_map, decided_by_tie, judge

STRICT = Policy(strict_tie=True)
often = settings(deadline=None, max_examples=300, derandomize=True)


def layer_of(seen: Sizes, out: Sizes, kernel: tuple[int, ...] = (), map_size: int = 64) -> Layer:
    axes = len(seen)
    return Layer(
        name="conv",
        type="Conv2d",
        operation="conv",
        calls=1,
        kernel=kernel or (3,) * axes,
        stride=(1,) * axes,
        dilation=(1,) * axes,
        input=Extent(seen, seen),
        output=Extent(out, out),
        effective_stride=(Fraction(1),) * axes,
        feature_map=(map_size,) * axes,
        input_feature_map=(map_size,) * axes,
        judgeable="weights",
    )


@pytest.mark.parametrize(
    ("seen", "out", "verdict"),
    [
        ((30, 30), (32, 32), Verdict.PRODUCTIVE),
        ((30, 30), (33, 33), Verdict.CRITICAL),
        ((31, 31), (64, 64), Verdict.CRITICAL),
        ((33, 33), (35, 35), Verdict.UNPRODUCTIVE),
        ((33, 31), (35, 33), Verdict.CRITICAL),
        ((33, 33), (35, 32), Verdict.PARTIAL),
        ((60, 1), (62, 3), Verdict.PARTIAL),
        ((1, 60), (3, 62), Verdict.PARTIAL),
        ((32, 32), (32, 32), Verdict.PRODUCTIVE),
        ((40, 40), (40, 40), Verdict.UNPRODUCTIVE),
        ((None, 40), (None, 42), Verdict.UNPRODUCTIVE),
        ((None, 30), (None, 33), Verdict.CRITICAL),
        ((None, 30), (None, 32), Verdict.PARTIAL),
        ((30, 40), (None, 42), Verdict.CRITICAL),
    ],
)
def test_each_verdict_has_its_condition(seen: Sizes, out: Sizes, verdict: Verdict):
    assert judge(layer_of(seen, out), (32, 32), Policy()) is verdict


@pytest.mark.parametrize(
    ("seen", "out", "usual", "strict"),
    [
        ((32, 32), (34, 34), Verdict.UNPRODUCTIVE, Verdict.CRITICAL),
        ((32, 40), (34, 42), Verdict.UNPRODUCTIVE, Verdict.CRITICAL),
        ((33, 33), (35, 35), Verdict.UNPRODUCTIVE, Verdict.UNPRODUCTIVE),
        ((32, 32), (32, 32), Verdict.PRODUCTIVE, Verdict.PRODUCTIVE),
        ((32, 20), (34, 22), Verdict.PARTIAL, Verdict.PARTIAL),
        ((31, 31), (33, 33), Verdict.CRITICAL, Verdict.CRITICAL),
    ],
)
def test_a_tie_is_decided_by_the_policy_and_reported(
    seen: Sizes, out: Sizes, usual: Verdict, strict: Verdict
):
    layer = layer_of(seen, out)

    assert judge(layer, (32, 32), Policy()) is usual
    assert judge(layer, (32, 32), STRICT) is strict
    assert decided_by_tie(layer, (32, 32)) is (usual is not strict)


def test_a_kernel_that_covers_its_map_is_a_full_kernel():
    layer = layer_of((9, 9), (15, 15), kernel=(7, 7), map_size=7)

    assert covers_its_map(layer)
    assert judge(layer, (32, 32), Policy()) is Verdict.FULL_KERNEL


def test_a_kernel_of_one_on_a_map_of_one_is_no_full_kernel():
    layer = layer_of((9, 9), (9, 9), kernel=(1, 1), map_size=1)

    assert judge(layer, (32, 32), Policy()) is Verdict.PRODUCTIVE


@pytest.mark.parametrize(
    ("kernel", "stride", "size", "verdict"),
    [
        pytest.param(4, 2, 4, Verdict.PRODUCTIVE, id="two of four positions"),
        pytest.param(4, 2, 2, Verdict.FULL_KERNEL, id="two of two"),
        pytest.param(4, 1, 1, Verdict.FULL_KERNEL, id="a generator's first layer"),
        pytest.param(512, 256, 61, Verdict.PRODUCTIVE, id="a synthesis filterbank"),
        pytest.param(2, 2, 2, Verdict.PRODUCTIVE, id="one of two"),
    ],
)
def test_a_transposed_kernel_covers_what_one_output_reads(
    kernel: int, stride: int, size: int, verdict: Verdict
):
    layer = layer_of((9, 9), (15, 15), (kernel, kernel), size)
    layer = replace(layer, stride=(stride, stride), transposed=True)

    assert judge(layer, (32, 32), Policy()) is verdict


@often
@given(st.integers(1, 9), st.integers(1, 6), st.integers(1, 5), st.booleans())
def test_positions_read_are_those_of_the_definition(
    kernel: int, stride: int, dilation: int, transposed: bool
):
    sizes = {"kernel": (kernel,), "stride": (stride,), "dilation": (dilation,)}
    layer = replace(layer_of((1,), (1,)), **sizes, transposed=transposed)

    taps = range(kernel)
    if transposed:  # output q reads the i with q = i*s + t*d
        reads = [sum((q - t * dilation) % stride == 0 for t in taps) for q in range(stride)]
    else:  # output q reads q*s + t*d
        reads = [len({t * dilation for t in taps})]
    assert layer.reads == (max(reads),)


def test_a_kernel_that_is_smaller_than_its_map_on_one_axis_is_no_full_kernel():
    layer = layer_of((9, 9), (15, 9), kernel=(7, 1), map_size=7)

    assert judge(layer, (32, 32), Policy()) is Verdict.PRODUCTIVE


@pytest.mark.parametrize(
    ("seen", "out", "verdict"),
    [
        ((40, 40), (46, 46), Verdict.UNPRODUCTIVE),
        ((30, 30), (36, 36), Verdict.CRITICAL),
        ((30, 20), (36, 26), Verdict.FULL_KERNEL),
        ((20, 20), (26, 26), Verdict.FULL_KERNEL),
    ],
)
def test_footprints_past_the_image_come_before_a_full_kernel(
    seen: Sizes, out: Sizes, verdict: Verdict
):
    layer = layer_of(seen, out, kernel=(7, 7), map_size=7)

    assert judge(layer, (32, 32), Policy()) is verdict


def test_an_asymmetric_kernel_may_be_past_the_image_on_one_axis_only():
    layer = layer_of((30, 9), (42, 9), kernel=(7, 1))

    assert judge(layer, (32, 32), Policy()) is Verdict.PARTIAL


def test_a_rectangular_image_is_compared_axis_by_axis():
    layer = layer_of((40, 40), (42, 42))

    assert judge(layer, (32, 64), Policy()) is Verdict.PARTIAL
    assert judge(layer, (41, 40), Policy()) is Verdict.CRITICAL
    assert judge(layer, (32, 40), Policy()) is Verdict.UNPRODUCTIVE


def test_pooling_is_judged_on_demand_only():
    pooling = replace(layer_of((40, 40), (42, 42)), judgeable="pooling")

    assert judge(pooling, (32, 32), Policy()) is Verdict.NOT_JUDGED
    assert judge(pooling, (32, 32), Policy(judge_pooling=True)) is Verdict.UNPRODUCTIVE


@pytest.mark.parametrize(
    ("kernel", "verdict"),
    [
        ((1, 1), Verdict.NOT_JUDGED),
        ((1, 2), Verdict.UNPRODUCTIVE),
        ((2, 2), Verdict.UNPRODUCTIVE),
    ],
)
def test_pointwise_kernels_can_be_left_out(kernel: tuple[int, int], verdict: Verdict):
    layer = layer_of((40, 40), (40, 40), kernel=kernel)

    assert judge(layer, (32, 32), Policy()) is Verdict.UNPRODUCTIVE
    assert judge(layer, (32, 32), Policy(judge_pointwise=False)) is verdict


@pytest.mark.parametrize(
    "layer",
    [
        replace(layer_of((40, 40), (42, 42)), judgeable=""),
        layer_of((None, None), (None, None)),
        layer_of((40, 40), (None, None)),
    ],
)
def test_dense_layers_and_those_without_weights_are_not_judged(layer: Layer):
    assert judge(layer, (32, 32), Policy()) is Verdict.NOT_JUDGED


@st.composite
def judged_layers(draw: st.DrawFn) -> Layer:
    """A layer on two axes, at times with calls that saw less on one of them."""

    def one() -> Layer:
        seen = [draw(st.none() | st.integers(1, 60)) for _ in range(2)]
        out = [
            None
            if size is None or draw(st.integers(0, 9)) == 0
            else size + draw(st.integers(0, 40))
            for size in seen
        ]
        if out == [None, None]:
            out[0] = 50 if seen[0] is None else seen[0] + 2
        kernel = draw(st.sampled_from([(1, 1), (3, 3), (7, 1)]))
        return layer_of(tuple(seen), tuple(out), kernel, draw(st.sampled_from([1, 7, 64])))

    others = tuple(one() for _ in range(draw(st.sampled_from([0, 0, 1, 2]))))
    return replace(one(), other_calls=others)


@often
@given(judged_layers(), st.integers(1, 110), st.integers(1, 110))
def test_the_strict_rule_never_finds_more_than_the_usual_one(layer: Layer, height: int, width: int):
    usual = judge(layer, (height, width), Policy())
    strict = judge(layer, (height, width), STRICT)

    assert strict is usual or usual is Verdict.UNPRODUCTIVE
    assert decided_by_tie(layer, (height, width)) is (strict is not usual)
