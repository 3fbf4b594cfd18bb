"""Folded dimensions hold what unfolded ones hold, in every operation that takes them."""

from __future__ import annotations

from itertools import pairwise
from math import prod

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rfa_core.graph import operations as op
from rfa_core.receptive.grid import CONTEXT, L_HI, L_LO, POSITION, Grid
from rfa_core.receptive.reshaping import groups, reshaped
from rfa_core.receptive.table import Table, contracted, shortest_lengths, unite
from rfa_core.receptive.tabular import transfer

FACTORS = (2, 2, 3, 3, 2)
steady = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@st.composite
def shapes(draw):
    """Some ordered way to write the product of the factors as dimensions."""
    cuts = sorted(draw(st.sets(st.integers(1, len(FACTORS) - 1))))
    edges = [0, *cuts, len(FACTORS)]
    order = draw(st.permutations(FACTORS))
    return tuple(prod(order[a:b]) for a, b in pairwise(edges))


@st.composite
def grids(draw, shape):
    """Whole numbers that vary along some of the dimensions; intervals may be empty."""
    sizes = [size if draw(st.booleans()) else 1 for size in shape]
    seed = draw(st.integers(0, 2**32 - 1))
    rows = np.random.default_rng(seed).integers(-9, 9, (6, *sizes)).astype(float)
    return Grid(rows, (0.0,) * len(shape))


def whole(grid, shape):
    return grid.spread(shape, range(len(shape)))


@steady
@given(st.data())
def test_reshapes_in_a_row_rearrange_as_arrays_do(data):
    path = data.draw(st.lists(shapes(), min_size=2, max_size=5))
    grid = data.draw(grids(path[0]))
    expected = whole(grid, path[0])

    for source, shape in pairwise(path):
        grid = reshaped(grid, source, shape)

    np.testing.assert_array_equal(whole(grid, path[-1]), expected.reshape(6, *path[-1]))


@steady
@given(st.data())
def test_folded_grids_unite_and_contract_as_unfolded_ones_do(data):
    first, second, shape = (data.draw(shapes()) for _ in range(3))
    a = reshaped(data.draw(grids(first)), first, shape)
    b = reshaped(data.draw(grids(second)), second, shape)
    dim = data.draw(st.integers(0, len(shape) - 1))
    every = range(len(shape))

    folded = contracted(unite(a, b), dim)
    unfolded = contracted(unite(a.unfolded(every), b.unfolded(every)), dim)

    kept = tuple(1 if d == dim else size for d, size in enumerate(shape))
    for found in zip(_told(folded, kept), _told(unfolded, kept), strict=True):
        np.testing.assert_array_equal(*found)


def _told(grid, shape):
    """The rows, but of the shortest paths the lengths: of two alike, either may be kept."""
    data = whole(grid, shape)
    return data[POSITION], shortest_lengths(data), data[L_LO], data[L_HI], data[CONTEXT]


@steady
@given(st.data())
def test_folded_grids_move_and_are_cut_as_unfolded_ones_do(data):
    source, shape = data.draw(shapes()), data.draw(shapes())
    grid = reshaped(data.draw(grids(source)), source, shape)
    order = tuple(data.draw(st.permutations(range(len(shape)))))
    moved = tuple(shape[dim] for dim in order)
    dim = data.draw(st.integers(0, len(shape) - 1))
    cut = (*moved[:dim], moved[dim] - 1, *moved[dim + 1 :])
    array = whole(grid, shape).transpose([0, *(d + 1 for d in order)])

    turned = grid.rearranged(order)
    table = transfer(op.Slice(dim, 1), [Table((turned,))], [moved], cut)

    np.testing.assert_array_equal(whole(turned, moved), array)
    if isinstance(table, Table):
        (sliced,) = table.grids
        np.testing.assert_array_equal(
            whole(sliced, cut), np.take(array, range(1, moved[dim]), axis=dim + 1)
        )


def test_tokens_of_a_map_keep_one_column_per_line_of_it():
    rows = np.arange(6 * 14, dtype=float).reshape(6, 1, 1, 14, 1)

    tokens = reshaped(Grid(rows, (0.0, 0.0, 1.0, 0.0)), (1, 8, 14, 14), (1, 8, 196))
    bias = unite(tokens, Grid(rows[:, :, :, 0], (0.0,) * 3))

    assert tokens.rows.size == bias.rows.size == rows.size
    assert tokens.data.shape == bias.data.shape == (6, 1, 1, 196)


def test_a_digit_along_which_nothing_changes_has_one_column():
    pairs = np.arange(6 * 14, dtype=float).reshape(6, 1, 14).repeat(2, axis=2)

    split = reshaped(Grid(pairs, (0.0, 1.0)), (8, 28), (8, 14, 2))

    assert split.rows.shape == (6, 1, 14, 1)
    np.testing.assert_array_equal(whole(split, (1, 14, 2)), pairs.reshape(6, 1, 14, 2))


def test_what_has_no_place_of_its_own_is_not_taken_for_its_neighbours():
    rows = np.zeros((6, 4))
    rows[POSITION] = [np.nan, 3.0, 3.0, 3.0]

    split = reshaped(Grid(rows, (0.0,)), (4,), (2, 2))

    np.testing.assert_array_equal(whole(split, (2, 2)), rows.reshape(6, 2, 2))


def test_a_box_that_is_written_back_unchanged_leaves_the_table_narrow():
    rows = np.arange(30.0)
    rows[2] = np.nan
    base = Table(
        (
            Grid(rows.reshape(6, 5, 1), (1.0, 0.0)),
            Grid(rows.reshape(6, 1, 5), (0.0, 1.0)),
        )
    )
    box = [(5, 5), (4, 4)]
    same = Table(
        (
            Grid(base.grids[0].rows[:, 1:], (1.0, 0.0)),
            Grid(base.grids[1].rows[:, :, 1:], (0.0, 1.0)),
        )
    )
    other = Table(tuple(Grid(grid.rows + 1, grid.steps) for grid in same.grids))
    write = op.Overwrite((1, 1), (1, 1))

    unchanged = transfer(write, [base, same], box, (5, 5))
    changed = transfer(write, [base, other], box, (5, 5))

    assert isinstance(unchanged, Table)
    assert isinstance(changed, Table)
    assert [grid.rows.shape for grid in unchanged.grids] == [(6, 5, 1), (6, 1, 5)]
    for before, after, written in zip(base.grids, changed.grids, other.grids, strict=True):
        expected = whole(before, (5, 5)).copy()
        expected[:, 1:, 1:] = whole(written, (4, 4))
        np.testing.assert_array_equal(whole(after, (5, 5)), expected)


@pytest.mark.parametrize(
    ("shape", "steps"),
    [
        ((1, 2, 1, 1), (0.0, 0.0, 4.0, 0.0)),
        ((1, 1, 2, 1), (0.0, 0.0, 0.0, 4.0)),
        ((1, 2, 1, 1, 1), (0.0, 0.0, 4.0, 0.0, 0.0)),
    ],
)
def test_of_the_ones_that_a_single_position_becomes_the_first_runs(
    shape: tuple[int, ...], steps: tuple[float, ...]
):
    channels = np.arange(12.0).reshape(6, 1, 2, 1)

    split = reshaped(Grid(channels, (0.0, 0.0, 4.0)), (1, 2, 1), shape)

    assert split.steps == steps
    np.testing.assert_array_equal(split.rows.reshape(6, 2), channels.reshape(6, 2))


@pytest.mark.parametrize(
    ("source", "shape", "expected"),
    [
        ((2, 6), (2, 2, 3), [((0,), (0,)), ((1,), (1, 2))]),
        ((2, 6), (12,), [((0, 1), (0,))]),
        ((4, 6), (6, 4), [((0, 1), (0, 1))]),
        ((2, 1, 6), (2, 6), [((0, 1), (0,)), ((2,), (1,))]),
        ((2, 1, 6), (2, 1, 2, 3), [((0,), (0,)), ((1,), (1,)), ((2,), (2, 3))]),
        ((2, 6), (2, 6, 1, 1), [((0,), (0,)), ((1,), (1, 2, 3))]),
        ((6, 5), (2, 3, 5), [((0,), (0, 1)), ((1,), (2,))]),
        ((1,), (), [((0,), ())]),
        ((), (1,), [((), (0,))]),
    ],
)
def test_a_one_joins_the_group_before_it_unless_it_meets_a_one(source, shape, expected):
    assert [(tuple(before), tuple(after)) for before, after in groups(source, shape)] == expected
