"""Graphs on which the way by lines gives up: what the general way says, against enumeration."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from building import Net
from oracle import enumerate_footprints

from rfa_core.graph import operations as op
from rfa_core.receptive.claims import claims
from rfa_core.receptive.propagate import propagate


def two_widths(net: Net, dim: int = 1) -> str:
    """A narrow and a wide view of the input, side by side."""
    return net.concat(dim, net.conv(net.input, 1), net.conv(net.input, 3))


def padded(before: tuple[int, ...], after: tuple[int, ...]) -> Callable[[Net], object]:
    def build(net: Net) -> None:
        sizes = zip(net.shape(net.input), before, after, strict=True)
        shape = tuple(size + left + right for size, left, right in sizes)
        net.add(op.Pad(before, after, "constant"), [net.input], shape)

    return build


def circular(before: int, after: int) -> Callable[[Net], object]:
    return lambda net: net.pad(net.conv(net.input, 3), 2, before, after, "circular")


def one_position_over_many(net: Net) -> None:
    whole = net.conv(two_widths(net), 6, padding=0, groups=4)
    net.relu(whole, net.constant(1, 4, 9))


def runs_along_two_dimensions(net: Net) -> None:
    across = net.concat(3, net.conv(net.input, 1), net.conv(net.input, 3))
    net.relu(net.slice(across, 3, 2, 7), net.slice(two_widths(net), 1, 1, 3))


def both_ways_round(net: Net) -> None:
    turned = net.permute(net.conv(net.input, 3), 0, 1, 3, 2)
    net.relu(net.concat(1, turned, turned), two_widths(net))


def turned_and_joined(net: Net) -> None:
    turned = net.permute(net.conv(net.input, 3), 0, 1, 3, 2)
    net.concat(1, turned, net.input)


def one_position_contracted_with_many(net: Net) -> None:
    whole = net.conv(two_widths(net), 6, padding=0, groups=4)
    weights = net.constant(1, 4, 9)
    net.add(op.Contract(((0, 1, 2), (0, 1, 2)), (0, 1, 2)), [whole, weights], (1, 4, 9))


def channels_backwards(net: Net) -> None:
    net.add(op.Slice(1, 3, -1), [two_widths(net)], net.shape(two_widths(net)))


def positions_backwards(net: Net) -> None:
    net.add(op.Slice(2, 5, -1), [net.conv(net.input, 3)], (1, 2, 6))


def a_window_over_channels_and_positions(net: Net) -> None:
    window = op.Window((1, 2), (2, 3), (1, 1), (1, 1), (0, 0), None, 1)
    net.add(window, [two_widths(net)], (1, 3, 4), kind="conv")


@pytest.mark.parametrize(
    ("build", "sizes"),
    [
        (padded((0, 1, 0, 0), (0, 0, 2, 0)), (4, 5)),
        (padded((0, 1, 0), (0, -1, 0)), (5,)),
        (padded((0, 1, 0, -1), (0, 0, 0, -2)), (4, 5)),
        (runs_along_two_dimensions, (5, 5)),
        (padded((0, 0, -1), (0, 0, 2)), (5,)),
        (circular(-1, 2), (6,)),
        (circular(2, -3), (6,)),
        (circular(-2, -1), (6,)),
        (one_position_over_many, (6,)),
        (both_ways_round, (5, 5)),
        (turned_and_joined, (5, 5)),
        (one_position_contracted_with_many, (6,)),
        (channels_backwards, (6,)),
        (positions_backwards, (6,)),
        (a_window_over_channels_and_positions, (6,)),
    ],
    ids=[
        "padded along two other dimensions",
        "padded in front and cut behind along another",
        "padded along one and cut along another",
        "runs along two dimensions, added",
        "cut in front and padded behind",
        "cut in front and going round behind",
        "going round in front and cut behind",
        "a map that goes round cut on both sides",
        "one position broadcast over many",
        "a map and its transpose, added",
        "a map and its transpose, joined",
        "one position contracted with many",
        "channels backwards",
        "positions backwards",
        "a window over channels and positions",
    ],
)
def test_where_lines_end_every_element_sees_what_enumeration_says(
    build: Callable[[Net], object], sizes: tuple[int, ...]
) -> None:
    net = Net(*sizes)
    build(net)
    graph = net.graph()
    known = propagate(graph)

    found = claims(graph)

    for axis in range(graph.axes):
        running = {name: footprint.running[axis] for name, footprint in known.items()}
        for name, seen in enumerate_footprints(graph, axis, running).items():
            claim, (low, high) = found[axis][name], seen.low_high()
            free = ~seen.edge & (seen.flags.any(axis=-1) | seen.context)
            np.testing.assert_array_equal(np.broadcast_to(claim.low, low.shape)[free], low[free])
            np.testing.assert_array_equal(np.broadcast_to(claim.high, low.shape)[free], high[free])
