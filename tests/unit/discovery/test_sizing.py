"""Sizes of images that discovery chose, for the resolution that is looked at."""

from __future__ import annotations

import pytest

from rfa_core.discovery.candidates import Target
from rfa_core.discovery.sizing import size_of, sized
from rfa_core.receptive.resolution import parse_resolution


@pytest.mark.parametrize(
    ("known", "resolution", "expected"),
    [
        ({"image_size": 224}, "64", {"image_size": 64}),
        ({"img_size": 224, "depth": 3}, "64x64", {"img_size": 64, "depth": 3}),
        ({"img_size": (224, 224)}, "64", {"img_size": (64, 64)}),
        ({"img_size": [96, 96, 96]}, "64x32x32", {"img_size": [64, 32, 32]}),
        ({"imgsize": 224}, "64x32", {"imgsize": 224}),
        ({"img_size": (224, 224)}, "64x32x32", {"img_size": (224, 224)}),
        ({"image_size": "large"}, "64", {"image_size": "large"}),
        ({"input_size": 224}, "64", {"input_size": 224}),
    ],
)
def test_a_size_that_was_chosen_becomes_that_of_the_resolution(
    known: dict[str, object], resolution: str, expected: dict[str, object]
) -> None:
    target = Target("models.py::Net", arguments=known)

    found = sized(target, (), parse_resolution(resolution))

    assert found.arguments == expected
    assert (found is target) == (known == expected)


@pytest.mark.parametrize(("configured", "stated"), [(["image_size"], ()), ([], ["image_size"])])
def test_a_size_that_somebody_stated_stays(configured: list[str], stated: list[str]) -> None:
    target = Target("models.py::Net", arguments={"image_size": 32}, stated=frozenset(stated))

    assert sized(target, configured, parse_resolution("64")) is target


def test_the_argument_is_named() -> None:
    found = [size_of(Target("n", arguments=given)) for given in ({"depth": 3, "img_size": 1}, {})]

    assert found == ["img_size", ""]
