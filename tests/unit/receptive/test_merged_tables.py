"""How far merged footprints are apart where they are known position by position."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from rfa_core.receptive.alignment import Offset
from rfa_core.receptive.grid import L_HI, L_LO, POSITION, S_HI, S_LO, Grid
from rfa_core.receptive.states import EVERYTHING, NOTHING, Line
from rfa_core.receptive.table import State, Table, as_table
from rfa_core.receptive.table_alignment import offset

SHAPE = (1, 2, 16)
JUMPS = [0.0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 14, 15, 16, 17, 18, 19]


def line(low: int, high: int, stride: int = 1, dim: int = 2) -> Table:
    """Every position ``q`` sees ``q * stride + low`` to ``q * stride + high``."""
    return as_table(Line(dim, stride, (low, high), (low, high)), SHAPE)


def shown(*rows: list[float], step: float = 1.0) -> Table:
    """A map along the last dimension with these lows and highs."""
    low, high = (np.array(row, dtype=float) for row in rows)
    data = np.zeros((6, len(low)))
    data[[S_LO, L_LO]], data[[S_HI, L_HI]] = low, high
    data[POSITION] = np.arange(len(low)) * step
    return Table((Grid(data.reshape(6, 1, 1, -1), (0.0, 0.0, step)),))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (line(-1, 1), line(-2, 2), Offset(Fraction(0), Fraction(1), False)),
        (line(-1, 1), line(0, 2), Offset(Fraction(1), Fraction(1), False)),
        (line(0, 0), line(0, 3), Offset(Fraction(3, 2), Fraction(1), True)),
        (line(-3, 0), line(0, 0), Offset(Fraction(3, 2), Fraction(1), True)),
        (line(0, 1, stride=2), line(0, 2, stride=2), Offset(Fraction(1, 2), Fraction(2), True)),
        (line(-4, 1, stride=4), line(0, 3, stride=4), Offset(Fraction(3), Fraction(4), False)),
    ],
)
def test_maps_are_apart_by_the_distance_of_their_centres(
    first: Table, second: Table, expected: Offset
):
    assert offset([first, second], [SHAPE, SHAPE]) == expected


def test_three_maps_are_apart_by_their_outermost_centres():
    states = [line(0, 0), line(1, 1), line(-2, -2)]

    assert offset(states, [SHAPE] * 3) == Offset(Fraction(3), Fraction(1), False)


def test_what_channels_see_differently_is_united_first():
    apart = Table((Grid(np.concatenate([line(-4, 0).grids[0].data, line(0, 8).grids[0].data], 2),
                        (0.0, 0.0, 1.0)),))  # fmt: skip

    assert offset([apart, line(0, 0)], [SHAPE, SHAPE]) == Offset(Fraction(2), Fraction(1), False)


def test_a_map_that_stands_still_once_falls_behind_by_no_more_than_a_step():
    late = [*map(float, range(8)), *map(float, range(7, 15))]

    found = offset([shown(late, late), line(0, 0)], [SHAPE, SHAPE])

    assert found == Offset(Fraction(1, 2), Fraction(1), False)


def test_the_ends_of_a_map_are_not_compared():
    middle = [9.0] * 4 + [*map(float, range(4, 12))] + [0.0] * 4

    found = offset([shown(middle, middle), line(0, 0)], [SHAPE, SHAPE])

    assert found == Offset(Fraction(0), Fraction(1), True)


def test_an_uneven_map_has_the_step_of_its_widest_gap_and_the_mean_of_its_centres():
    pairs = [2.0 * (index // 2) for index in range(16)]

    found = offset([shown(pairs, pairs), line(0, 0)], [SHAPE, SHAPE])

    assert found == Offset(Fraction(1, 2), Fraction(2), False)


@pytest.mark.parametrize(
    "other",
    [
        NOTHING,
        EVERYTHING,
        line(0, 0, dim=1),
        as_table(Line(2, 1, (0, 0), (0, 0)), (1, 2, 8)),
        shown([0.0] * 16, [0.0] * 16),
        shown(JUMPS, JUMPS),
        shown([np.inf] * 16, [-np.inf] * 16),
        Table((*line(0, 0).grids, *line(0, 0).grids)),
    ],
    ids=[
        "nothing",
        "everything",
        "another dimension",
        "another size",
        "standing still",
        "jumping twice",
        "nothing local",
        "two grids",
    ],
)
def test_what_cannot_be_compared_has_no_offset(other: State):
    assert offset([line(0, 0), other], [SHAPE, SHAPE]) is None


def test_maps_of_three_positions_are_compared_and_of_one_not():
    three, one = (1, 2, 3), (1, 2, 1)
    states = [Line(2, 4, (low, low), (low, low)) for low in (0, 1)]

    assert offset(states, [three, three]) == Offset(Fraction(1), Fraction(4), False)
    assert offset(states, [one, one]) is None
