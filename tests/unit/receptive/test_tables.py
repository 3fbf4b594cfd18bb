"""Tables by themselves: what is kept, what lies beyond their ends, what is reported."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from rfa_core.graph import operations as op
from rfa_core.receptive.grid import CONTEXT, L_HI, L_LO, POSITION, S_HI, S_LO, Grid
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.reshaping import reshaped
from rfa_core.receptive.states import EVERYTHING, NOTHING, Line, Parts, merge_pair, parts
from rfa_core.receptive.table import Table, as_table, concatenated, simplified
from rfa_core.receptive.table_measure import measure_table
from rfa_core.receptive.tabular import transfer
from rfa_core.receptive.tapping import taken

SHAPE = (1, 4, 12)
LINE = Line(2, 2, (-1, 1), (-3, 2), context=True)


def apart(*shape: int, step: float = 1.0) -> Table:
    """A map along the second dimension from the last, turned round halfway: no line."""
    size = shape[-2]
    rows = np.zeros((6, size))
    rows[POSITION : L_HI + 1] = np.roll(np.arange(size), size // 2) * step
    return Table((Grid(rows.reshape(6, *[1] * (len(shape) - 2), size, 1), steps(shape, step)),))


def steps(shape: Sequence[int], step: float) -> tuple[float, ...]:
    return (*[0.0] * (len(shape) - 2), step, 0.0)


@pytest.mark.parametrize(
    ("state", "operations", "shapes"),
    [
        (LINE, [op.Norm()], [SHAPE]),
        (Line(2, 1, (0, 0), (0, 4)), [op.Roll((2,), (5,)), op.Roll((2,), (-5,))], [SHAPE] * 2),
        (Line(2, 1, (0, 0), (0, 0)), [op.Roll((1, 2), (2, 12))], [SHAPE]),
        (LINE, [op.Unfold(2, 2, 2), op.Fold(2, 3, 2)], [(1, 4, 6, 2), SHAPE]),
        (LINE, [op.Unfold(2, 3, 1), op.Fold(2, 3, 1)], [(1, 4, 10, 3), SHAPE]),
        (LINE, [op.Unfold(2, 2, 1, 2), op.Fold(2, 3, 1, 2)], [(1, 4, 10, 2), SHAPE]),
        (LINE, [op.Unfold(2, 2, 2), op.Fold(2, 3, 2)], [(1, 4, 6, 2), (1, 4, 11)]),
        (Line(0, 3, (0, 5), (0, 5)), [op.Norm()], [(1, 4, 12)]),
    ],
    ids=[
        "a norm",
        "there and back",
        "all round",
        "tiles",
        "windows that overlap",
        "windows with gaps",
        "tiles that are cut off",
        "one position",
    ],
)
def test_a_table_that_is_a_line_again_is_one(
    state: Line, operations: list[op.Operation], shapes: list[tuple[int, ...]]
):
    found, source = as_table(state, SHAPE), SHAPE

    for operation, shape in zip(operations, shapes, strict=True):
        found = transfer(operation, [found], [source], shape)
        source = shape

    assert found == state


@pytest.mark.parametrize(
    ("row", "index", "value"),
    [
        (POSITION, 3, 99.0),
        (S_LO, 1, -7.0),
        (L_HI, 11, 99.0),
        (CONTEXT, 5, 0.0),
        (L_LO, 2, -np.inf),
        (S_LO, 0, np.inf),
    ],
)
def test_a_table_that_differs_from_a_line_in_one_element_is_none(
    row: int, index: int, value: float
):
    (grid,) = as_table(LINE, SHAPE).grids
    grid.rows[row, 0, 0, index] = value
    table = Table((grid,))

    assert simplified(table) is table


@pytest.mark.parametrize("step", [0.5, 1.5, -1.0])
def test_a_line_advances_by_whole_pixels_forwards(step: float):
    rows = np.arange(12) * step + np.zeros((6, 1))
    rows[CONTEXT] = 0.0
    table = Table((Grid(rows.reshape(6, 1, 1, 12), (0.0, 0.0, step)),))

    assert simplified(table) is table


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Line(2, 1, (-1, 1), (-1, 1)), Line(2, 1, (0, 2), (0, 2))),
        (Line(2, 1, (0, 2), (0, 2)), Line(2, 1, (-1, 1), (-1, 1))),
        (Line(2, 2, (-2, 2), (-3, 3)), Line(2, 2, (0, 1), (0, 5), context=True)),
        (Line(2, 2, (0, 1), (0, 5), context=True), Line(2, 2, (-2, 2), (-3, 3))),
        (LINE, EVERYTHING),
        (LINE, NOTHING),
    ],
)
def test_tables_merge_as_lines_do_and_keep_the_first_of_two_shortest_paths(first, second):
    tables = [as_table(state, SHAPE) for state in (first, second)]

    assert transfer(op.Pointwise(), tables, [SHAPE] * 2, SHAPE) == merge_pair(first, second)


def test_runs_of_channels_are_put_together_as_far_as_they_are_alike():
    line, other = Line(2, 1, (0, 0), (0, 0)), Line(2, 1, (-1, 1), (-1, 1))

    assert parts(1, [(2, line), (3, line)]) == line
    assert parts(1, [(4, NOTHING)]) == NOTHING
    assert parts(1, [(2, NOTHING), (3, EVERYTHING)]) == EVERYTHING
    assert parts(1, [(2, line), (0, NOTHING), (1, line), (3, other), (0, line)]) == Parts(
        1, ((3, line), (3, other))
    )


@pytest.mark.parametrize(
    ("sizes", "largest"),
    [
        ([7], 7),
        ([5, 3], 5),
        ([3, 5], 5),
        ([9, 1, 9], 1),
        ([9, 2, 1, 9], 2),
        ([9, 1, 2, 9], 2),
        ([9, 1, 1, 1, 9], 1),
        ([1, 9, 1, 1, 1], 9),
        ([1, 1, 1, 9, 1], 9),
        ([9, 9, 1, 1, 1, 1, 1, 9, 9], 1),
    ],
)
def test_the_largest_size_over_the_central_half_of_the_positions_is_reported(
    sizes: list[int], largest: int
):
    index = np.arange(len(sizes))
    rows = np.stack([index, index, index, index, index, index * 0]).astype(float)
    rows[[S_HI, L_HI]] += np.array(sizes) - 1

    found = measure_table(Table((Grid(rows, (1.0,)),)), (len(sizes),))

    assert (found.min, found.max, found.map) == (largest, largest, len(sizes))


@pytest.mark.parametrize(
    ("first", "step", "count"),
    [(0, 1.0, 8), (8, 1.0, 8), (-5, 2.0, 9), (4, 0.5, 5), (1, 1 / 3, 5), (3, 1.0, 2)],
)
def test_the_central_half_of_positions_that_elements_share_is_that_of_the_positions(
    first: int, step: float, count: int
):
    index = np.arange(2 * count) // 2
    rows = np.tile(first + index * step, (6, 1))
    rows[CONTEXT] = 0.0
    found = []
    for place in range(count):
        (one := rows.copy())[[S_HI, L_HI]] += 8.0 * (index == place)
        measure = measure_table(Table((Grid(one, (step,)),)), (2 * count,))
        found.append((measure.min, measure.max, measure.map))

    central = [count <= 2 or count - 1 <= 4 * place <= 3 * (count - 1) for place in range(count)]
    assert found == [(9, 9, count) if inside else (1, 1, count) for inside in central]


def test_positions_joined_one_at_a_time_to_nothing_make_a_map():
    pieces = [(as_table(NOTHING, (1, 2, 0)), (1, 2, 0))]
    for index in range(4):
        column = np.array([np.nan, *[3.0 * index - 1, 3.0 * index + 1] * 2, 0.0])
        pieces.append((Table((Grid(column.reshape(6, 1, 1, 1), (0.0,) * 3),)), (1, 2, 1)))

    for some in (pieces, pieces[1:]):
        found = simplified(concatenated(some, 2))

        assert found == Line(2, 3, (-1, 1), (-1, 1))


@pytest.mark.parametrize("outside", [[-41, -2, -1, 0], [-1], [99, 100], [99, 100, 101, 141]])
@pytest.mark.parametrize(("step", "period"), [(3.0, 1), (3.0, 2), (1.0, 40), (0.5, 2), (0.5, 40)])
def test_places_beyond_the_end_go_on_by_the_effective_stride_one_period_at_a_time(
    step: float, period: int, outside: list[int]
):
    index, beyond = np.arange(100), np.array(outside)
    rows = np.zeros((6, 100))
    rows[POSITION : L_HI + 1] = index * step
    rows[L_HI] += index % period

    found = taken(Grid(rows, (step,)), 0, 100, beyond)

    np.testing.assert_array_equal(found[POSITION], beyond * step)
    np.testing.assert_array_equal(found[L_HI], beyond * step + beyond % period)


def test_beyond_the_end_of_what_runs_along_no_axis_is_what_is_next_to_it():
    rows = np.zeros((6, 8))
    rows[L_HI, 1::2] = 1.0

    found = taken(Grid(rows, (0.0,)), 0, 8, np.array([-2, -1, 0, 7, 8, 9]))

    np.testing.assert_array_equal(found[L_HI], [0, 0, 0, 1, 1, 1])


@pytest.mark.parametrize(
    ("operation", "shapes", "shape", "rows"),
    [
        (op.Concat(1), [(1, 4, 8, 6)] * 2, (1, 8, 8, 6), (6, 1, 8, 8, 1)),
        (op.Concat(2), [(1, 4, 8, 6)] * 2, (1, 4, 16, 6), (6, 1, 1, 16, 1)),
        (op.Unfold(3, 2, 2), [(1, 4, 8, 6)], (1, 4, 8, 3, 2), (6, 1, 1, 8, 1, 1)),
        (op.Overwrite((0, 1, 0, 0), (1, 2, 1, 1)), [(1, 4, 8, 6), (1, 2, 8, 6)], (1, 4, 8, 6),
         (6, 1, 4, 8, 1)),
    ],
    ids=["channels joined", "positions joined", "windows along another axis", "written over"],
)  # fmt: skip
def test_what_does_not_depend_on_a_dimension_takes_no_columns_for_it(
    operation: op.Operation,
    shapes: list[tuple[int, ...]],
    shape: tuple[int, ...],
    rows: tuple[int, ...],
):
    tables = [apart(*source, step=place + 1.0) for place, source in enumerate(shapes)]

    found = transfer(operation, tables, shapes, shape)

    assert isinstance(found, Table)
    assert [grid.rows.shape for grid in found.grids] == [rows]


def test_windows_along_another_axis_are_put_back_without_columns_for_them():
    cut = (1, 4, 8, 3, 2)
    (grid,) = apart(1, 4, 8, 6).grids
    windows = Table((Grid(grid.rows[..., None], (*grid.steps, 0.0)),))

    found = transfer(op.Fold(3, 4, 2), [windows], [cut], (1, 4, 8, 6))

    assert isinstance(found, Table)
    assert [one.rows.shape for one in found.grids] == [(6, 1, 1, 8, 1)]


@pytest.mark.parametrize(
    ("operation", "shape"),
    [
        (op.Norm(), (1, 4, 48)),
        (op.Permute((0, 2, 1)), (1, 48, 4)),
        (op.Slice(1, 1), (1, 2, 48)),
        (op.Gather(1, (3, 0)), (1, 2, 48)),
        (op.Select(1, 2), (1, 48)),
        (op.Reshape(), (2, 2, 48)),
    ],
)
def test_tokens_stay_folded_into_rows_and_columns(operation: op.Operation, shape: tuple[int, ...]):
    (grid,) = apart(1, 4, 8, 6).grids
    tokens = reshaped(grid, (1, 4, 8, 6), (1, 4, 48))

    found = transfer(operation, [Table((tokens,))], [(1, 4, 48)], shape)

    assert isinstance(found, Table)
    assert [one.rows.size for one in found.grids] == [6 * 8]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_belongs_to_two_positions_is_placed_where_there_are_more_of_them(
    order: tuple[int, int],
):
    few = np.stack([np.arange(4) * 2.0] * 5 + [np.zeros(4)]).reshape(6, 4, 1)
    many = np.stack([np.arange(8.0)] * 5 + [np.zeros(8)]).reshape(6, 1, 8)
    few[[S_HI, L_HI]] += 2
    many[[S_HI, L_HI]] += 5
    grids = Grid(few, (2.0, 0.0)), Grid(many, (0.0, 1.0))

    found = measure_table(Table(tuple(grids[place] for place in order)), (4, 8))

    assert found == Measure(3, 6, False, Fraction(1), 8)
