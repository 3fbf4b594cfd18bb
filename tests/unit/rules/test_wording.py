"""Numbers in words."""

from __future__ import annotations

import pytest

from rfa_core.receptive.layers import Extent
from rfa_core.rules.wording import (
    axis_name,
    clean,
    count,
    enumerate_words,
    flat,
    footprint,
    named,
    on_axes,
    percent,
    pixels,
    thousands,
    window,
)


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


def test_what_differs_between_axes_is_said_axis_by_axis() -> None:
    assert on_axes(["1 px"]) == on_axes(["1 px", "1 px"]) == "1 px"
    assert on_axes(["1 px", None]) == "1 px in height"
    assert on_axes(["1 px", "2 px"]) == "1 px in height and 2 px in width"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1 k"),
        (999_499, "999 k"),
        (999_501, "1 M"),
        (-999_999, "-1 M"),
        (9_437_184, "9.44 M"),
        (-2_500_000, "-2.5 M"),
        (10**9, "1 G"),
        (123 * 10**15, "123 P"),
        (10**18, "1e+03 P"),
    ],
)
def test_large_numbers_have_three_digits_and_a_unit(number: int, words: str) -> None:
    assert thousands(number) == words


@pytest.mark.parametrize(
    ("extent", "words"),
    [
        (Extent((75, 75), (75, 75)), "75"),
        (Extent((75, 75), (371, 371)), "75–371"),
        (Extent((3, 5), (7, 9)), "3x5–7x9"),
        (Extent((3, 3), (3, 3), True), "3 ∞"),
        (Extent((3, None), (3, None)), "3x∞"),
        (Extent((3, 3), (None, None), True), "3–∞"),
        (Extent((None, None), (None, None), True), "∞"),
    ],
)
def test_footprints_go_from_the_shortest_to_the_local(extent: Extent, words: str) -> None:
    assert footprint(extent) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb", "a   b"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\\rb"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\u202eabc", "\\u202eabc"),
        ("\u2028", "\\u2028"),
        ("\ufffe\uffff", "\\ufffe\\uffff"),
        ("\ufffd é 漢", "\ufffd é 漢"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text: str, shown: str) -> None:
    assert clean(text) == shown


def test_a_text_on_one_line_has_single_spaces() -> None:
    assert flat(" a\n  b\t\x07c ") == "a b \\x07c"
