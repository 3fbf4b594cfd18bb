"""Small graphs for the tests of the graph itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Location, Node


@pytest.fixture
def small() -> Graph:
    """An image, a convolution with its source lines, and a mean over all positions."""
    return Graph(
        name="acme:net",
        framework="none",
        nodes=(
            Node("x", op.Input((None, None, 0, 1)), (), (1, 3, 8, 9), "input"),
            Node(
                "conv",
                op.Window((2, 3), (3, 3), (1, 2), (1, 1), (1, 1), channel=1),
                ("x",),
                (1, 4, 8, 5),
                layer="stem.conv",
                kind="conv",
                type="Conv2d",
                weighted=True,
                parameters=112,
                macs=4320,
                constructed=(Location("/src/net.py", 3, 9),),
                called=Location("/src/net.py", 8),
            ),
            Node("mean", op.Contract(((0, 1, 2, 3),), (0, 1)), ("conv",), (1, 4), "head.mean"),
        ),
        outputs=("mean",),
        resolution=(8, 9),
        parameters=112,
    )


@pytest.fixture
def with_node() -> Callable[..., Graph]:
    """Makes a graph of two inputs, ``x`` and ``y``, and one more node."""

    def make(operation: op.Operation, shape: tuple[int, ...], *operands: str) -> Graph:
        image = Node("x", op.Input((None, None, 0, 1)), (), (1, 4, 6, 6))
        other = replace(image, name="y", shape=(1, 4, 6, 1))
        node = Node("z", operation, operands, shape)
        return Graph("net", "none", (image, other, node), ("z",), (6, 6))

    return make
