"""Holes that dilations and strides leave in footprints, by hand and against enumeration."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from building import Net, facts_of
from drafts import Drawn
from hypothesis import HealthCheck, given, settings
from oracle import Seen, enumerate_footprints
from random_graphs import REGULAR, graphs
from random_steps import concatenate, convolution, cut, merge, pad

from rfa_core.graph import operations as op
from rfa_core.receptive.facts import (
    Fact,
    Holes,
    SkippedPositions,
)
from rfa_core.receptive.propagate import propagate
from rfa_core.receptive.structure import Structure

often = settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)


def chain(net: Net, *rates: int, kernel: int = 3) -> str:
    """Convolutions of these dilations, one behind the other."""
    name = net.input
    for place, rate in enumerate(rates):
        name = net.conv(name, kernel, dilation=rate, layer=f"c{place}")
    return name


def holes(read: int, span: int) -> tuple[Fact, ...]:
    return (Holes((read,), (span,)),)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ((1, 2, 5), {}),
        ((1, 2, 4, 8), {}),
        ((2,), {"c0": holes(3, 5)}),
        ((2, 2, 2), {"c0": holes(3, 5), "c1": holes(5, 9), "c2": holes(7, 13)}),
        ((2, 4, 8), {"c0": holes(3, 5), "c1": holes(7, 13), "c2": holes(15, 29)}),
        ((1, 2, 9), {"c2": holes(21, 25)}),
        ((2, 1), {}),
        ((3, 1), {}),
        ((4, 1), {"c0": holes(3, 9)}),
        ((2**19 - 1,), {"c0": holes(3, 2**20 - 1)}),
        ((2**19,), {}),
        ((2**40, 2), {}),
    ],
)
def test_dilations_leave_holes_where_no_later_layer_fills_them(
    rates: tuple[int, ...], expected: dict[str, tuple[Fact, ...]]
):
    assert facts_of(lambda net: chain(net, *rates)) == expected


def test_footprints_wider_than_the_step_between_two_taps_leave_no_hole():
    def build(net: Net, padding: int = 3) -> None:
        name = net.conv(net.conv(net.input, 7, 2, padding=padding), 3, 2, padding=1)
        net.conv(name, 3, dilation=2, layer="narrow")
        net.conv(name, 3, dilation=3, layer="wide")

    assert facts_of(build) == {"wide": holes(33, 35)}


def test_parallel_branches_fill_the_holes_of_a_large_rate():
    def build(net: Net) -> None:
        stem = chain(net, 1)
        branches = [net.conv(stem, 3, dilation=rate) for rate in (1, 2, 3, 4)]
        net.conv(net.concat(1, *branches), 1)

    assert facts_of(build) == {}


def test_a_shortcut_fills_what_it_sees_itself():
    def build(net: Net) -> None:
        stem = net.conv(net.input, 3)
        net.relu(net.conv(stem, 3, dilation=4, layer="a"), stem)

    def without(net: Net) -> None:
        net.conv(net.conv(net.input, 3), 3, dilation=4, layer="a")

    def wider(net: Net) -> None:
        stem = net.conv(net.input, 3)
        net.relu(net.conv(stem, 3, dilation=4, layer="a"), net.conv(net.input, 5))

    assert facts_of(build) == {"a": holes(9, 11)}
    assert facts_of(without) == {"a": holes(9, 11)}
    assert facts_of(wider) == {}


@pytest.mark.parametrize(("bins", "expected"), [(32, {"c0": holes(3, 17)}), (8, {})])
def test_a_pooling_to_a_number_of_bins_fills_the_holes_that_its_bins_cover(
    bins: int, expected: dict[str, tuple[Fact, ...]]
):
    found = facts_of(lambda net: net.resample(chain(net, 8), [bins], "adaptive"))

    assert found == expected


def test_two_taps_leave_a_hole_between_them():
    assert facts_of(lambda net: chain(net, 4, kernel=2)) == {"c0": holes(2, 5)}


def test_holes_are_open_at_the_end_of_the_local_paths():
    def build(net: Net) -> None:
        net.linear(net.mean(chain(net, 2), 2), 5)

    assert facts_of(build) == {"c0": holes(3, 5)}


def test_a_global_branch_does_not_open_what_the_local_one_fills():
    def build(net: Net) -> None:
        dilated = chain(net, 2)
        gate = net.mean(dilated, 2, keep=True)
        net.conv(net.relu(dilated, gate), 3)

    assert facts_of(build) == {}


def test_pooled_bins_keep_the_holes_between_them():
    def build(net: Net) -> None:
        net.resample(net.conv(net.input, 3, dilation=8, layer="wide"), [32], "adaptive")

    assert facts_of(build) == {"wide": holes(3, 17)}


def test_a_window_over_channels_fills_no_hole():
    def build(net: Net) -> None:
        dilated = chain(net, 2)
        channels = op.Window((1,), (2,), (1,), (1,), (0,), None, 1)
        net.add(channels, [dilated], (1, 1, 64), kind="conv")

    assert facts_of(build) == {"c0": holes(3, 5)}


def test_holes_of_a_stride_are_none_of_a_dilation():
    def build(net: Net) -> None:
        net.conv(net.conv(net.input, 1, 2, layer="skips"), 3)

    assert facts_of(build) == {"skips": (SkippedPositions((Fraction(1, 2),), elsewhere=False),)}


def test_each_axis_has_its_own_holes():
    def build(net: Net) -> None:
        net.conv(net.input, (3, 3), dilation=(1, 2), layer="wide")

    assert facts_of(build, 32, 32) == {"wide": (Holes((1, 3), (1, 5)),)}


def test_a_layer_is_told_the_holes_of_its_own_dilation_and_not_those_it_receives():
    def build(net: Net) -> None:
        tall = net.conv(net.input, 3, dilation=(8, 1), layer="tall")
        net.conv(tall, 3, dilation=(1, 8), layer="wide")

    assert facts_of(build, 64, 64) == {
        "tall": (Holes((3, 1), (17, 1)),),
        "wide": (Holes((1, 9), (1, 19)),),
    }


@often
@given(graphs((*REGULAR, convolution, merge, concatenate, pad, cut)))
def test_the_positions_read_are_those_of_the_enumeration(drawn: Drawn):
    structure = Structure(drawn.graph)
    propagate(drawn.graph, watch=structure.watch)
    for axis in range(drawn.graph.axes):
        running = drawn.running(axis)
        irregular: set[str] = set()

        for name, seen in enumerate_footprints(drawn.graph, axis, running).items():
            node = drawn.graph[name]
            line = structure._lines[name][axis]
            if line is None or irregular.intersection(node.operands):
                irregular.add(name)
                continue
            claim = structure._holed[axis].get(name)
            for bits in free_sets(seen, line.dim):
                if claim is None and not cuts_channels(drawn, name):
                    assert bits == (1 << bits.bit_length()) - 1, name
                elif claim is not None:
                    assert claim.bits | bits == claim.bits, name
                    assert claim.bits == bits or cuts_channels(drawn, name), name


def cuts_channels(drawn: Drawn, name: str) -> bool:
    """Whether channels were cut off on the way: their holes are not followed one by one."""
    node = drawn.graph[name]
    if isinstance(node.operation, (op.Slice, op.Select)):
        return True
    return any(cuts_channels(drawn, operand) for operand in node.operands)


def free_sets(seen: Seen, dim: int) -> list[int]:
    """Per unclipped position along ``dim``, what is read there over all else, from the first on."""
    others = tuple(d for d in range(len(seen.shape)) if d != dim)
    flags, edge = seen.flags.any(others), seen.edge.any(others)
    rows = [np.flatnonzero(row) for row, clipped in zip(flags, edge, strict=True) if not clipped]
    return [sum(1 << int(i - row[0]) for i in row) for row in rows if len(row)]
