"""Resolutions as users write them."""

from __future__ import annotations

import pytest

from rfa_core.errors import ResolutionError
from rfa_core.receptive.resolution import Resolution, parse_resolution


@pytest.mark.parametrize(
    ("value", "sizes"),
    [
        (64, (64,)),
        ("64", (64,)),
        (" 64 ", (64,)),
        ("64x96", (64, 96)),
        ("64X96", (64, 96)),
        ("16x112x112", (16, 112, 112)),
        ([64, 96], (64, 96)),
        ((16000,), (16000,)),
        ("064", (64,)),
        (1, (1,)),
        (1_000_000, (1_000_000,)),
    ],
)
def test_pixels_are_read_in_every_form(value: object, sizes: tuple[int, ...]):
    assert parse_resolution(value) == Resolution(sizes)


@pytest.mark.parametrize(
    "value",
    [
        "", "x", "64x", "x64", "64xx96", "abc", "6 4", "-64", "6.4", "64.0", "64,96", "１２", "1e3",
        "1" * 5000, None, True, False, 64.0, [], (), [64, "96"], [True, 64], [64.0], {64}, {"a": 1},
        10**5000, -(10**5000), b"64",
    ],
    ids=lambda value: f"{type(value).__name__}",
)  # fmt: skip
def test_everything_else_is_refused_with_what_to_write_instead(value: object):
    with pytest.raises(ResolutionError) as caught:
        parse_resolution(value)

    assert len(str(caught.value)) < 250
    assert "pixels" in str(caught.value)


@pytest.mark.parametrize("value", [0, "0", "64x0", [0, 0], 1_000_001, "64x9999999"])
def test_impossible_sizes_are_refused_with_the_bounds(value: object):
    with pytest.raises(ResolutionError, match="between 1 and 1000000"):
        parse_resolution(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (-64, "'-64' is not a resolution"),
        ([64, -2], "'64x-2' is not a resolution"),
        (0, "resolution '0' is impossible"),
        (2 * 10**9, "resolution '2000000000' is impossible"),
        ("64x2000000000", "resolution '64x2000000000' is impossible"),
    ],
)
def test_what_is_refused_is_said_as_it_was_written(value: object, said: str):
    with pytest.raises(ResolutionError) as caught:
        parse_resolution(value)

    assert caught.value.message == said


def test_one_number_holds_for_every_axis():
    assert parse_resolution(64).for_axes(3) == (64, 64, 64)


def test_several_numbers_hold_for_exactly_as_many_axes():
    assert parse_resolution("64x96").for_axes(2) == (64, 96)


@pytest.mark.parametrize(("axes", "words"), [(1, "has 1 axis"), (3, "has 3 axes")])
def test_another_number_of_axes_is_refused(axes: int, words: str):
    with pytest.raises(ResolutionError, match=words):
        parse_resolution("64x96").for_axes(axes)


@pytest.mark.parametrize("text", ["64", "64x96", "16x112x112"])
def test_a_resolution_is_written_as_it_is_read(text: str):
    assert str(parse_resolution(text)) == text
