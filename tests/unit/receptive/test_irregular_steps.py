"""Where three whole numbers per layer are not enough, the whole analysis is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from rfa_core.receptive.along import (
    NOWHERE,
    Along,
    Equal,
    IrregularError,
    Sliding,
    joined,
    merged,
    slid,
    taken,
)
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.regular import (
    Connect,
    Extend,
    Gather,
    Interleave,
    Join,
    Keep,
    Known,
    Merge,
    Part,
    Regular,
    Slide,
    Source,
    Step,
    Take,
)
from rfa_core.receptive.survey import verdicts_of

CONV, STRIDED = Sliding(3, 2, 1, 0), Sliding(3, 2, 2, 1)
MAP = Along(3, 1, 0)
APART = Along(1, 1, 0, ((2, 1), (2, 5)))
"""Four channels, of which two have seen one pixel and two five."""


def known(along: Along, channels: int = 4, flat: bool = False) -> Known:
    return Known((along,), channels, flat=flat)


def nodes(*steps: Step) -> list[Part]:
    """An image of four channels and one axis, and ``steps`` one behind the other."""
    every = (Source(1, 4), *steps)
    return [
        Part(f"n{place}", step, (place - 1,) if place else ()) for place, step in enumerate(every)
    ]


@pytest.mark.parametrize(
    "steps",
    [
        (Gather(), Connect(8, True), Slide((CONV,), 8, 1)),
        (Gather(), Connect(8, True), Extend((1,))),
        (Gather(), Connect(8, True), Gather()),
        (Gather(), Connect(8, True), Interleave(2)),
        (Slide((CONV,), 8, 3),),
        (Slide((CONV,), 9, 2),),
        (Interleave(3),),
        (Take(0, 5),),
        (Take(2, 2),),
        (Take(-1, 2),),
        (Slide((CONV,), 1, 1), Connect(8, True)),
    ],
    ids=[
        "a window over a vector",
        "a vector extended",
        "a vector gathered",
        "a vector interleaved",
        "channels that do not make groups",
        "filters that do not make groups",
        "channels that do not interleave",
        "channels beyond the last",
        "no channels",
        "channels before the first",
        "a layer on one channel of a map",
    ],
)
def test_layers_that_do_not_fit_what_they_read_are_irregular(steps: tuple[Step, ...]):
    Regular.of(nodes(*steps[:-1]))

    with pytest.raises(IrregularError):
        Regular.of(nodes(*steps))


@pytest.mark.parametrize(
    ("step", "sources"),
    [
        (Slide((CONV,), 4, 2), (known(APART),)),
        (Interleave(2), (known(APART),)),
        (Merge(), (known(MAP), known(NOWHERE, flat=True))),
        (Join(), (known(MAP), known(NOWHERE, flat=True))),
        (Merge(), (known(MAP, 4), known(MAP, 2))),
        (Merge(), (known(APART), known(MAP, 1))),
        (Merge(), (known(MAP), known(Along(3, 2, 0)))),
        (Join(), (known(MAP), known(Along(3, 2, 0)))),
        (Merge(), (known(Along(0, 0, 2)), known(Along(0, 0, 3)))),
        (Join(), (known(NOWHERE), known(Along(0, 0, 3)))),
    ],
    ids=[
        "groups across channels that differ",
        "channels that differ interleaved",
        "a map and a vector merged",
        "a map and a vector joined",
        "four channels and two merged",
        "channels that differ and one merged",
        "two strides merged",
        "two strides joined",
        "two global maps of several positions merged",
        "two global maps of different sizes joined",
    ],
)
def test_branches_that_do_not_fit_each_other_are_irregular(step: Step, sources: tuple[Known, ...]):
    with pytest.raises(IrregularError):
        step.after(sources)


@pytest.mark.parametrize(
    ("step", "sources", "expected"),
    [
        (Slide((CONV,), 4, 4), (known(APART),), Along(3, 1, 0, ((2, 3), (2, 7)))),
        (Slide((CONV,), 4, 1), (known(APART),), Along(3, 1, 0)),
        (Slide((CONV,)), (known(APART),), Along(3, 1, 0, ((2, 3), (2, 7)))),
        (Merge(), (known(MAP), known(MAP, 1)), MAP),
        (Merge(), (known(MAP), known(NOWHERE)), MAP),
        (Merge(), (known(NOWHERE), known(Along(0, 0, 3))), Along(0, 0, 3)),
        (Join(), (known(NOWHERE), known(NOWHERE)), NOWHERE),
        (Merge(), (known(APART), known(MAP)), Along(1, 1, 0, ((2, 1), (2, 3)))),
        (Take(0, 2), (known(APART),), Along(1, 1, 0)),
    ],
)
def test_branches_that_fit_have_seen_the_least_of_any(
    step: Step, sources: tuple[Known, ...], expected: Along
):
    assert step.after(sources).along == (expected,)


@pytest.mark.parametrize(
    ("step", "parameters", "per_position"),
    [
        (Slide((CONV, CONV), 8, 1), 8 * 4 * 9, 8 * 4 * 9),
        (Slide((CONV, CONV), 8, 1, bias=True), 8 * 4 * 9 + 8, 8 * 4 * 9),
        (Slide((CONV, CONV), 8, 2), 8 * 2 * 9, 8 * 2 * 9),
        (Slide((CONV, CONV), 2, each=True), 2 * 4 * 9, 2 * 4 * 9),
        (Slide((CONV, CONV), 2, bias=True, each=True), 2 * 4 * 9 + 8, 2 * 4 * 9),
        (Slide((CONV, CONV)), 0, 0),
    ],
)
def test_a_convolution_has_a_weight_per_tap_and_channel_of_its_group_and_filter(
    step: Slide, parameters: int, per_position: int
):
    cost = step.after([Known((MAP, MAP), 4)]).cost

    assert cost == (parameters, per_position, 0)


def test_a_window_over_one_position_leaves_what_the_division_leaves():
    assert slid(Along(0, 0, 7), STRIDED, mixes=True) == Along(0, 0, 4)
    assert slid(Along(3, 2, 1), STRIDED, mixes=True) == Along(7, 4, 3)


def test_channels_taken_out_have_seen_what_they_saw():
    assert taken(APART, 0, 2) == Along(1, 1, 0)
    assert taken(APART, 1, 3) == Along(1, 1, 0, ((1, 1), (1, 5)))
    assert taken(APART, 2, 4) == Along(5, 1, 0)
    assert taken(MAP, 2, 4) == MAP


def test_channels_that_only_see_globally_have_no_least_footprint():
    some = joined([MAP, NOWHERE], [2, 2], 0, [])

    assert some == Along(3, 1, 0, ((2, 3), (2, 0)))
    with pytest.raises(IrregularError):
        taken(some, 2, 4)


def test_maps_of_other_sizes_are_noted_and_single_positions_are_spread():
    equal: list[Equal] = []
    shifted = Along(5, 1, -2)

    assert merged([MAP, shifted, NOWHERE], 1, 4, equal) == MAP
    assert equal == [(1, MAP, shifted)]


def test_several_global_positions_are_spread_over_no_map():
    equal: list[Equal] = []
    three = Along(0, 0, 3)

    assert merged([MAP, three], 0, 4, equal) == MAP
    assert equal == [(0, MAP, three)]


def test_single_positions_are_not_spread_by_a_concatenation():
    equal: list[Equal] = []

    joined([MAP, NOWHERE], [2, 2], 0, equal)

    assert equal == [(0, MAP, NOWHERE)]


QUARTER = Slide((Sliding(4, 3, 4, 0),), 8, 1)


def test_a_single_position_is_joined_only_where_the_map_has_one():
    parts = [*nodes(QUARTER, Gather()), Part("joined", Join(), (1, 2))]

    found = verdicts_of(Regular.of(parts), np.array([[4], [7], [8], [12]]), Policy())

    assert found.certain.tolist() == [True, True, False, False]


def test_channels_are_interleaved_only_where_the_map_has_several_positions():
    parts = nodes(QUARTER, Interleave(2))

    found = verdicts_of(Regular.of(parts), np.array([[3], [4], [7], [8]]), Policy())

    assert found.certain.tolist() == [False, False, False, True]


def test_a_pooling_of_all_of_a_map_that_never_grows_is_irregular_whatever_else_holds():
    pooling = Slide((Sliding(2, 1, 1, 0),))
    pair = [*nodes(QUARTER, Gather(), Extend((1,))), Part("pooled", pooling, (3,), pools=True)]
    sizes = np.array([[4], [7], [8]])

    for others in ([], [Part("joined", Join(), (1, 2))]):
        found = verdicts_of(Regular.of([*pair, *others]), sizes, Policy())

        assert found.certain.tolist() == [False, False, False]


def test_sums_beyond_64_bits_are_exact():
    parts = nodes(*[Keep(2**58)] * 8)

    found = verdicts_of(Regular.of(parts), np.array([[64]]), Policy())

    assert found.parameters.tolist() == [2**63]


def test_numbers_that_do_not_fit_into_64_bits_are_irregular():
    for large in (2**62, 2**70):
        network = Regular.of(nodes(Slide((Sliding(large, large - 1, 1, 0),))))

        with pytest.raises(IrregularError):
            verdicts_of(network, np.array([[64]]), Policy())
