"""``view(-1, C)`` of a map of several positions, and what comes after it."""

from __future__ import annotations

import pytest

from rfa_core.graph import operations as op
from rfa_core.graph.mixed_batch import layers_behind, mixing
from rfa_core.graph.model import Graph, Node, Shape


def flattened(source: Shape, shape: Shape) -> Graph:
    """A map of the shape ``source``, reshaped, and two layers of which one reads the result."""
    spatial = range(len(source) - 2)
    nodes = (
        Node("image", op.Input((None, None, *spatial)), (), source, "input"),
        Node("conv", op.Pointwise(), ("image",), source, "conv"),
        Node("view", op.Reshape(), ("conv",), shape, "view"),
        Node("head", op.Pointwise(), ("view",), shape, "head"),
        Node("side", op.Pointwise(), ("conv",), source, "side"),
    )
    return Graph("net", "torch", nodes, ("head",), source[2:])


@pytest.mark.parametrize(
    ("source", "shape", "mixes"),
    [
        ((1, 64, 7, 7), (49, 64), True),
        ((1, 64, 5), (5, 64), True),
        ((1, 64, 1, 1), (1, 64), False),
        ((1, 64, 7, 7), (1, 64 * 49), False),
        ((1, 7, 9, 64), (63, 64), False),
        ((1, 64, 64, 64), (64 * 64, 64), False),
        ((2, 64, 7, 7), (98, 64), False),
        ((1, 64, 7, 7), (7, 64, 7), False),
    ],
)
def test_a_map_of_several_positions_that_becomes_rows_of_channels_is_mixed(
    source: Shape, shape: Shape, mixes: bool
) -> None:
    graph = flattened(source, shape)

    found = mixing(graph)

    assert found == (graph["view"] if mixes else None)
    assert layers_behind(graph, found) == (frozenset({"view", "head"}) if mixes else frozenset())
