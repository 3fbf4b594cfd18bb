"""The nearest resolution that runs, on models that are only a condition on sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rfa_core.frontends.base import ForwardError
from rfa_core.frontends.fitting import nearest_running
from rfa_core.graph.model import Graph

Sizes = tuple[int, ...]


def attempt(runs: Callable[[Sizes], bool]) -> Callable[[Sizes], Graph]:
    def trace(sizes: Sizes) -> Graph:
        graph = Graph("model", "fake", (), (), sizes)
        if not runs(sizes):
            raise ForwardError("model", "", "layer", "does not fit", "", graph)
        return graph

    return trace


@pytest.mark.parametrize(
    ("name", "runs", "asked", "expected"),
    [
        ("at least 63", lambda s: min(s) >= 63, (32, 32), (63, 63)),
        ("at least 75", lambda s: min(s) >= 75, (64, 64), (75, 75)),
        ("multiples of 16", lambda s: all(n % 16 == 0 for n in s), (100, 100), (96, 96)),
        ("multiples of 16, larger", lambda s: all(n % 16 == 0 for n in s), (43, 43), (48, 48)),
        ("multiples of 32, two axes", lambda s: all(n % 32 == 0 for n in s), (60, 100), (64, 96)),
        ("one more than a multiple", lambda s: all(n % 8 == 1 for n in s), (64, 64), (65, 65)),
        (
            "what valid convolutions leave over",
            lambda s: all(n >= 188 and n % 16 == 12 for n in s),
            (224, 224),
            (220, 220),
        ),
        ("at most 100", lambda s: max(s) <= 100, (224, 224), (100, 100)),
        ("one axis", lambda s: s[0] >= 1000, (900,), (1000,)),
    ],
)
def test_the_nearest_size_is_found(
    name: str, runs: Callable[[Sizes], bool], asked: Sizes, expected: Sizes
) -> None:
    found = nearest_running(attempt(runs), asked)

    assert found is not None, name
    assert (found[0].resolution, found[1]) == (expected, False)


def test_a_size_that_the_model_names_comes_first() -> None:
    found = nearest_running(attempt(lambda sizes: sizes == (518, 518)), (64, 64), [518])

    assert found is not None
    assert (found[0].resolution, found[1]) == ((518, 518), True)


def test_a_clip_of_a_common_size_is_found() -> None:
    found = nearest_running(attempt(lambda sizes: sizes == (16, 224, 224)), (64, 64, 64))

    assert found is not None
    assert (found[0].resolution, found[1]) == ((16, 224, 224), True)


def test_of_a_model_for_one_size_the_common_size_is_told_not_the_smallest_that_pads_to_it() -> None:
    found = nearest_running(attempt(lambda sizes: 221 <= sizes[0] <= 224), (64, 64))

    assert found is not None
    assert (found[0].resolution, found[1]) == ((224, 224), True)


def test_of_a_model_whose_cells_leave_a_rest_the_size_without_the_rest_is_told() -> None:
    found = nearest_running(attempt(lambda sizes: sizes[0] // 4 == 8), (64, 64))

    assert found is not None
    assert (found[0].resolution, found[1]) == ((32, 32), True)


def test_nothing_is_found_for_a_model_that_runs_nowhere() -> None:
    assert nearest_running(attempt(lambda _: False), (64, 64)) is None
