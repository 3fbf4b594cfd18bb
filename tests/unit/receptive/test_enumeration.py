"""Footprints of random graphs against their enumeration, element by element."""

from __future__ import annotations

from itertools import product
from math import prod

import numpy as np
import pytest
from drafts import Drawn
from hypothesis import HealthCheck, assume, given, settings
from oracle import Seen, enumerate_footprints
from random_graphs import ORDERED, REGULAR, graphs

from rfa_core.graph import operations as op
from rfa_core.receptive import affine, tabular
from rfa_core.receptive import propagate as engine
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.states import Line
from rfa_core.receptive.table import CONTEXT, L_HI, L_LO, S_HI, S_LO, Table, as_table, simplified

always = settings(deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
often = settings(always, max_examples=300)
seldom = settings(always, max_examples=80)


@often
@given(graphs())
def test_local_footprints_equal_their_enumeration(drawn: Drawn):
    for axis in range(drawn.graph.axes):
        expected = enumerate_footprints(drawn.graph, axis, drawn.running(axis))

        found = rows_of(drawn, axis)

        for name, seen in expected.items():
            free = ~seen.edge & (seen.flags.any(axis=-1) | seen.context)
            low, high = seen.low_high()
            np.testing.assert_array_equal(found[name][L_LO][free], low[free], name)
            np.testing.assert_array_equal(found[name][L_HI][free], high[free], name)
            if seen.flags.any():
                context = found[name][CONTEXT].astype(bool)
                np.testing.assert_array_equal(context[free], seen.context[free], name)


@seldom
@given(graphs(REGULAR))
def test_shortest_footprints_equal_the_smallest_over_all_paths(drawn: Drawn):
    merges = [
        (node.name, range(len(node.operands)))
        for node in drawn.graph
        if len(node.operands) > 1 and isinstance(node.operation, (op.Pointwise, op.Concat))
    ]
    assume(prod(len(choices) for _, choices in merges) <= 64)
    for axis in range(drawn.graph.axes):
        running = drawn.running(axis)
        paths = [
            enumerate_footprints(
                drawn.graph, axis, running, dict(zip(dict(merges), choice, strict=True))
            )
            for choice in product(*dict(merges).values())
        ]
        full = enumerate_footprints(drawn.graph, axis, running)

        found = rows_of(drawn, axis)

        for name, seen in full.items():
            free = ~seen.edge & seen.flags.any(axis=-1)
            expected = np.min([size_of(path[name]) for path in paths], axis=0)
            size = found[name][S_HI] - found[name][S_LO] + 1
            np.testing.assert_array_equal(size[free], expected[free], name)


@often
@given(graphs(ORDERED))
def test_reported_sizes_are_the_largest_over_the_central_half(drawn: Drawn):
    footprints = engine.propagate(drawn.graph)
    for axis in range(drawn.graph.axes):
        running = drawn.running(axis)

        for name, seen in enumerate_footprints(drawn.graph, axis, running).items():
            size, known = central_size(seen, running[name])
            whole = all(len(digits) == 1 for digits in drawn.dims[name])
            found = footprints[name].measures[axis]
            if known and whole:
                (dim,) = running[name]
                assert (found.max, found.map) == (size, seen.shape[dim]), name


@often
@given(graphs())
def test_the_affine_way_and_the_general_way_agree(drawn: Drawn):
    fast = analyse_graph(drawn.graph)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(affine, "transfer", lambda *_: None)
        patch.setattr(tabular, "simplified", never_a_line)
        slow = analyse_graph(drawn.graph)

    assert fast == slow


def never_a_line(table: Table) -> object:
    state = simplified(table)
    return table if isinstance(state, Line) else state


def central_size(seen: Seen, running: frozenset[int]) -> tuple[int, bool]:
    """The largest hull in the central half, other dimensions united; False if it is clipped."""
    if len(running) != 1:
        return 0, False
    (dim,) = running
    others = tuple(d for d in range(len(seen.shape)) if d != dim)
    joined = Seen(seen.flags.any(others), seen.context.any(others), seen.edge.any(others))
    index, last = np.arange(seen.shape[dim]), seen.shape[dim] - 1
    central = (4 * index >= last) & (4 * index <= 3 * last)
    sizes = size_of(joined)[central]
    real = sizes[np.isfinite(sizes)]
    if joined.edge[central].any() or not len(real) or not central.any():
        return 0, False
    return int(real.max()), True


def size_of(seen: Seen) -> np.ndarray:
    low, high = seen.low_high()
    return np.where(high < low, np.inf, high - low + 1)


def rows_of(drawn: Drawn, axis: int) -> dict[str, np.ndarray]:
    """The engine's intervals of every element of every tensor: the union over all grids."""
    known: dict[str, tuple[object, ...]] = {}
    found = {}
    for node in drawn.graph:
        known[node.name] = engine._states(drawn.graph, node, known, False)
        state = known[node.name][axis]
        grids = as_table(state, node.shape).grids  # type: ignore[arg-type]
        spread = [grid.spread(node.shape, range(len(node.shape))) for grid in grids]
        total = spread[0].copy()
        for rows in spread[1:]:
            better = (rows[S_HI] - rows[S_LO]) < (total[S_HI] - total[S_LO])
            total[S_LO] = np.where(better, rows[S_LO], total[S_LO])
            total[S_HI] = np.where(better, rows[S_HI], total[S_HI])
            total[L_LO] = np.minimum(total[L_LO], rows[L_LO])
            total[L_HI] = np.maximum(total[L_HI], rows[L_HI])
            total[CONTEXT] = np.maximum(total[CONTEXT], rows[CONTEXT])
        found[node.name] = total
    return found
