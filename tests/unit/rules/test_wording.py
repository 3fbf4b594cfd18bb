"""Numbers in words."""

from __future__ import annotations

import pytest

from rfa_core.rules.wording import axis_name, count, enumerate_words, named, percent, pixels, window


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0 %"),
        (0.0004, "< 0.1 %"),
        (0.001, "0.1 %"),
        (0.07, "7 %"),
        (0.0746, "7.5 %"),
        (0.0996, "10 %"),
        (0.314, "31 %"),
        (1.0, "100 %"),
    ],
)
def test_small_shares_stay_visible(share: float, words: str) -> None:
    assert percent(share) == words


def test_sizes_are_said_once_if_all_axes_agree() -> None:
    assert pixels((64, 64)) == "64"
    assert pixels((64, 96)) == "64x96"
    assert pixels((64, None), unlimited="any") == "64xany"
    assert pixels((None, None)) == "all"


def test_kernels_and_maps_are_written_out() -> None:
    assert window((3, 3)) == "3x3"
    assert window((3, None)) == "3x-"
    assert window((None, None)) == "-"


def test_nouns_and_lists_follow_their_number() -> None:
    assert [count(number, "layer") for number in (0, 1, 2)] == ["0 layers", "1 layer", "2 layers"]
    assert enumerate_words(["a"]) == "a"
    assert enumerate_words(["a", "b", "c"], "or") == "a, b or c"


def test_a_layer_that_is_only_a_number_says_what_it_is() -> None:
    assert [named("7"), named("features.7")] == ["layer 7", "features.7"]


def test_axes_have_their_customary_names() -> None:
    assert [axis_name(axis, 2) for axis in range(2)] == ["height", "width"]
    assert [axis_name(axis, 3) for axis in range(3)] == ["depth", "height", "width"]
    assert axis_name(0, 1) == "axis 0"
