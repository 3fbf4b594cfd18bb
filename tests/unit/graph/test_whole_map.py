"""Pooling whose kernel follows the map."""

from __future__ import annotations

import pytest

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.graph.whole_map import pools_whole_maps, with_global_pools


def pooled(size: int, kernel: int, padding: int = 0, groups: int = 0) -> Graph:
    """A map of ``size`` x ``size`` and one window over it."""
    out = (size + 2 * padding - kernel) // kernel + 1
    window = op.Window(
        (2, 3), (kernel,) * 2, (kernel,) * 2, (1, 1), (padding,) * 2, channel=1, groups=groups
    )
    nodes = (
        Node("image", op.Input((None, None, 0, 1)), (), (1, 4, size, size)),
        Node("pool", window, ("image",), (1, 4, out, out), "pool", "avg_pool2d"),
    )
    return Graph("net", "torch", nodes, ("pool",), (size, size))


def test_a_kernel_that_follows_the_map_is_global_pooling() -> None:
    graph = with_global_pools(pooled(8, 8), pooled(16, 16))

    assert graph["pool"].operation == op.Contract(((0, 1, 2, 3),), (0, 1, 6, 7))
    assert graph["pool"].shape == (1, 4, 1, 1)


def test_a_kernel_that_stays_as_it_is_is_a_window() -> None:
    graph = pooled(8, 8)

    assert with_global_pools(graph, pooled(16, 8)) is graph


@pytest.mark.parametrize(
    ("graph", "looks_again"),
    [
        (pooled(8, 8), True),
        (pooled(1, 1), True),
        (pooled(8, 2), False),
        (pooled(6, 8, padding=1), False),
        (pooled(8, 8, groups=1), False),
    ],
)
def test_a_second_look_is_for_poolings_that_cover_their_map(
    graph: Graph, looks_again: bool
) -> None:
    assert pools_whole_maps(graph) is looks_again
