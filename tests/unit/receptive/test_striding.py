"""What strides skip, against the enumeration of what every output reads."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rfa_core.receptive.striding import samples_per_phase, share_read, unread_border

few = st.integers(1, 6)


@settings(deadline=None, derandomize=True)
@given(few, few, few)
def test_the_share_that_is_read_is_that_of_one_period_in_the_middle(k: int, s: int, d: int):
    read = {q * s + t * d for q in range(60) for t in range(k)}

    period = range(30 * s, 31 * s)

    assert share_read(k, s, d) == Fraction(len(read.intersection(period)), s)


@settings(deadline=None, derandomize=True)
@given(st.integers(1, 40), few, few, few, st.integers(0, 5))
def test_an_unread_border_is_what_lies_behind_the_last_position_read(
    n: int, k: int, s: int, d: int, p: int
):
    span = (k - 1) * d + 1
    assume(span <= n + 2 * p and share_read(k, s, d) == 1)
    outputs = (n + 2 * p - span) // s + 1
    read = {q * s - p + t * d for q in range(outputs) for t in range(k)}

    rows = unread_border(n, outputs, k, s, d, p)

    assert rows == len([i for i in range(n) if i > max(read)])


@pytest.mark.parametrize(
    ("inputs", "outputs", "window", "rows"),
    [
        (224, 112, (7, 2, 1, 3), 0),
        (224, 111, (3, 2, 1, 0), 1),
        (230, 14, (16, 16, 1, 0), 6),
        (8, 1, (7, 7, 1, 0), 1),
        (56, 28, (1, 2, 1, 0), 0),
        (56, 7, (3, 8, 1, 1), 0),
    ],
)
def test_windows_that_skip_inside_have_no_border_of_their_own(
    inputs: int, outputs: int, window: tuple[int, int, int, int], rows: int
):
    assert unread_border(inputs, outputs, *window) == rows


@settings(deadline=None, derandomize=True)
@given(few, few, few)
def test_the_samples_of_a_transposed_window_are_those_that_outputs_read(k: int, s: int, d: int):
    middle = range(40 * s, 41 * s)

    read = [[i for i in range(100) for t in range(k) if q == i * s + t * d] for q in middle]

    assert samples_per_phase(k, s, d) == tuple(len(set(inputs)) for inputs in read)
