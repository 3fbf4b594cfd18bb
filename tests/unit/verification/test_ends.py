"""Which passes pin the ends of footprints, and what they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfa_core.agreement import Outcome
from rfa_core.receptive.claims import Claim
from rfa_core.verification.ends import chosen, claimed_ends, pinned

COUNT = 64


def claim(low: list[float], high: list[float], context: bool = False) -> Claim:
    wide = np.array(low, dtype=float), np.array(high, dtype=float)
    return Claim(*wide, np.full(len(low), context), (), (), True)


def ends_of(low: list[float], high: list[float], edge: list[bool] | None = None):  # type: ignore[no-untyped-def]
    none = np.zeros(len(low), bool)
    edges = none if edge is None else np.array(edge)
    return claimed_ends(claim(low, high), none, edges, COUNT)


def test_an_end_is_pinned_by_two_neighbouring_passes() -> None:
    assert pinned([4, 5, 9, 11, 12]) == {5, 12}


def test_the_first_pixel_needs_no_pass_before_it() -> None:
    assert pinned([0, 1, 5]) == {0, 1}


@given(st.lists(st.sets(st.integers(0, 40), min_size=1), max_size=12))
def test_some_member_of_every_kind_is_pinned(kinds: list[set[int]]) -> None:
    values = chosen([np.array(sorted(kind)) for kind in kinds])

    assert all(pinned(values) & kind for kind in kinds)


def test_kinds_that_share_a_member_share_their_passes() -> None:
    kinds = [np.array([0, 8, 16, 24]), np.array([8, 16]), np.array([16, 32])]

    assert chosen(kinds) == {15, 16}


def test_footprints_of_different_sizes_are_pinned_each() -> None:
    ends = ends_of([0, 4, 8, 12], [3, 9, 11, 17])

    found = [(low.tolist(), high.tolist()) for low, high in ends.kinds()]

    assert found == [([4, 12], [9, 17]), ([0, 8], [3, 11])]


def test_edges_and_footprints_beyond_the_input_are_not_compared() -> None:
    ends = ends_of([-2, 4, 60, 20], [5, 9, 66, 30], [False, False, False, True])

    assert ends.comparable.tolist() == [False, True, False, False]


@pytest.mark.parametrize(
    ("low", "high", "lows", "highs", "expected"),
    [
        ([4, 8], [9, 13], [4], [13], Outcome.AGREES),
        ([4, 8], [9, 13], [4], [], Outcome.CLIPPED),
        ([-4, 60], [9, 70], [0], [9], Outcome.CLIPPED),
        ([np.inf], [-np.inf], [4], [9], Outcome.CONSTANT),
    ],
)
def test_a_tensor_agrees_once_both_ends_are_pinned(
    low: list[float], high: list[float], lows: list[int], highs: list[int], expected: Outcome
) -> None:
    ends = ends_of(low, high)

    assert ends.outcome(np.array(lows), np.array(highs)) is expected
