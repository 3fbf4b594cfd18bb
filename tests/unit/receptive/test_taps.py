"""The indices that interpolation reads, against the formulas of its definition."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import pytest

from rfa_core.graph import operations as op
from rfa_core.receptive.taps import resample_taps, window_taps

HALF = Fraction(1, 2)


def reads(operation: op.Resample, inputs: int, outputs: int) -> list[list[int]]:
    taps = resample_taps(operation, 0, inputs, outputs)
    valid = taps.valid if taps.valid is not None else taps.index == taps.index
    return [row[keep].tolist() for row, keep in zip(taps.index, valid, strict=True)]


@pytest.mark.parametrize(("inputs", "outputs"), [(32, 16), (30, 10), (12, 24), (20, 8), (9, 9)])
@pytest.mark.parametrize(("mode", "radius"), [("antialias-linear", 1), ("antialias-cubic", 2)])
def test_antialiasing_reads_all_whose_centre_is_under_the_widened_kernel(
    mode: str, radius: int, inputs: int, outputs: int
):
    scale = Fraction(inputs, outputs)
    reach = radius * max(scale, Fraction(1))

    found = reads(op.Resample((0,), mode), inputs, outputs)

    for output, indices in enumerate(found):
        centre = (output + HALF) * scale
        under = [index for index in range(inputs) if abs(index + HALF - centre) < reach]
        rim = [index for index in range(inputs) if abs(index + HALF - centre) == reach]
        assert set(under) <= set(indices) <= {*under, *rim}
    taps = resample_taps(op.Resample((0,), mode), 0, inputs, outputs)
    assert taps.factor == float(scale)
    assert taps.index.shape[1] == max(map(len, found)), "no tap that no output reads"


@pytest.mark.parametrize(("inputs", "outputs"), [(32, 16), (10, 4), (12, 24), (9, 9), (7, 5)])
@pytest.mark.parametrize(("mode", "shift"), [("nearest", Fraction(0)), ("nearest-exact", HALF)])
def test_the_nearest_position_is_that_of_its_definition(
    mode: str, shift: Fraction, inputs: int, outputs: int
):
    found = reads(op.Resample((0,), mode), inputs, outputs)

    assert found == [[floor((q + shift) * Fraction(inputs, outputs))] for q in range(outputs)]


def test_a_told_scale_counts_and_not_the_ratio_of_the_sizes():
    told = op.Resample((0,), "nearest", scale=(1.9,))

    assert reads(told, 10, 19) == [[floor(q / Fraction(19, 10))] for q in range(19)]
    assert resample_taps(told, 0, 10, 19).factor == pytest.approx(1 / 1.9)


def test_aligned_corners_begin_and_end_at_the_ends():
    found = reads(op.Resample((0,), "linear", align_corners=True), 5, 9)

    assert found == [[floor(q * HALF), floor(q * HALF) + 1] for q in range(9)]


def test_one_aligned_output_reads_the_first_position():
    operation = op.Resample((0,), "linear", align_corners=True)

    assert reads(operation, 5, 1) == [[0, 1]]
    assert resample_taps(operation, 0, 5, 1).factor == 0.0


@pytest.mark.parametrize(("inputs", "bins"), [(10, 3), (7, 5), (3, 7), (8, 4)])
def test_adaptive_bins_are_those_of_their_definition(inputs: int, bins: int):
    operation = op.Resample((0,), "adaptive")

    found = reads(operation, inputs, bins)

    assert found == [
        list(range(floor(Fraction(q * inputs, bins)), ceil(Fraction((q + 1) * inputs, bins))))
        for q in range(bins)
    ]
    assert resample_taps(operation, 0, inputs, bins).index.shape[1] == max(map(len, found))


@pytest.mark.parametrize(("kernel", "stride", "dilation", "holes"), [
    (3, 2, 1, False), (2, 3, 1, True), (3, 2, 2, True), (3, 3, 2, False), (1, 1, 1, False),
])  # fmt: skip
def test_a_transposed_window_whose_taps_miss_a_phase_leaves_holes(
    kernel: int, stride: int, dilation: int, holes: bool
):
    window = op.Window((0,), (kernel,), (stride,), (dilation,), (0,), transposed=True)
    outputs = 9 * stride + (kernel - 1) * dilation + 1

    taps = window_taps(window, 0, outputs)

    expected = [
        sorted(i for i in range(-9, 40) for t in range(kernel) if i * stride + t * dilation == q)
        for q in range(outputs)
    ]
    assert taps.valid is not None
    found = [sorted(row[keep].tolist()) for row, keep in zip(taps.index, taps.valid, strict=True)]
    assert found == expected
    assert taps.factor == 1 / stride
    assert taps.leave_holes is holes
