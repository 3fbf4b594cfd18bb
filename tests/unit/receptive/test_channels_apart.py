"""Channels that see differently, through every operation, element by element."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from building import Net
from oracle import enumerate_footprints

from rfa_core.graph import operations as op
from rfa_core.receptive.claims import claims
from rfa_core.receptive.propagate import walk
from rfa_core.receptive.states import Parts
from rfa_core.receptive.table import S_HI, S_LO, as_table

Build = Callable[[Net, str], str]

SIZE = 24
MERGES = (op.Pointwise, op.Concat, op.Overwrite)


def window(net: Net, source: str, *dims: int) -> str:
    """A window of three, without padding, that mixes the channels along one of ``dims``."""
    once, shape = (1,) * len(dims), list(net.shape(source))
    for dim in dims:
        shape[dim] -= 2
    operation = op.Window(dims, (3,) * len(dims), once, once, (0,) * len(dims), None, 1)
    return net.add(operation, [source], tuple(shape), kind="conv")


OPERATIONS: dict[str, Build] = {
    "a convolution of all channels": lambda net, x: net.conv(x, 3),
    "one of every channel by itself": lambda net, x: net.conv(x, 3, groups=6),
    "one of every channel to two": lambda net, x: net.conv(x, 3, groups=6, channels=12),
    "one by groups": lambda net, x: net.conv(x, 3, groups=3),
    "one by groups across branches": lambda net, x: net.conv(x, 3, groups=2),
    "one to a single channel": lambda net, x: net.conv(x, 3, channels=1),
    "a pooling": lambda net, x: net.pool(x, 2),
    "a window along channels": lambda net, x: window(net, x, 1),
    "a window along both": lambda net, x: window(net, x, 1, 2),
    "a transposed convolution": lambda net, x: net.transposed(x, 3, 2),
    "a norm": lambda net, x: net.norm(x, 1),
    "another order of dimensions": lambda net, x: net.permute(x, 0, 2, 1),
    "channels in two digits": lambda net, x: net.reshape(x, 1, 2, 3, SIZE),
    "a dimension more": lambda net, x: net.reshape(x, 1, 1, 6, SIZE),
    "positions in two digits": lambda net, x: net.reshape(x, 1, 6, 4, SIZE // 4),
    "some channels": lambda net, x: net.slice(x, 1, 1, 5),
    "those of one branch": lambda net, x: net.slice(x, 1, 2, 4),
    "every second channel": lambda net, x: net.slice(x, 1, 0, 6, 2),
    "some positions": lambda net, x: net.slice(x, 2, 3, 20, 2),
    "one channel": lambda net, x: net.select(x, 1, 3),
    "zeros around positions": lambda net, x: net.pad(x, 2, 2, 1),
    "zeros around channels": lambda net, x: net.pad(x, 1, 2, 1),
    "zeros before channels": lambda net, x: net.pad(x, 1, 2, 0),
    "a channel cut off and zeros behind": lambda net, x: net.pad(x, 1, -1, 2),
    "channels mirrored": lambda net, x: net.pad(x, 1, 2, 1, "reflect"),
    "zeros behind the channels of one branch": lambda net, _: net.pad(
        net.conv(net.input, 3), 1, 0, 2
    ),
    "channels mirrored behind": lambda net, x: net.pad(x, 1, 0, 2, "reflect"),
    "channels that go round": lambda net, x: net.pad(x, 1, 2, 1, "circular"),
    "channels that go round at one end": lambda net, x: net.pad(x, 1, 2, 0, "circular"),
    "channels repeated": lambda net, x: net.repeat(x, 1, 2, 1),
    "copies in a new dimension": lambda net, x: net.repeat(x, 2, 1, 1, 1),
    "a dimension of copies": lambda net, x: net.expand(x, 2, 1, 6, SIZE),
    "interpolation": lambda net, x: net.resample(x, [2 * SIZE], "linear"),
    "a pooling to eight": lambda net, x: net.resample(x, [8], "adaptive"),
    "a sum with itself": lambda net, x: net.relu(x, x),
    "a sum with one branch": lambda net, x: net.relu(x, net.conv(net.input, 7, channels=6)),
    "a sum with a single channel": lambda net, x: net.relu(
        x, net.conv(net.input, 7, channels=1)
    ),
    "a sum with other parts": lambda net, x: net.relu(
        x,
        net.concat(
            1, net.conv(net.input, 7, channels=3), net.conv(net.input, 1, channels=3)
        ),
    ),
    "a sum with a map of one position": lambda net, x: net.relu(
        x, net.conv(net.input, SIZE, padding=0, channels=6)
    ),
    "a weight per channel": lambda net, x: net.relu(x, net.constant(6, 1)),
    "more channels behind": lambda net, x: net.concat(1, x, net.conv(net.input, 9)),
    "nothing behind": lambda net, x: net.concat(1, x),
    "two channels and a position before": lambda net, x: net.concat(
        2, net.constant(1, 2, 1), net.slice(x, 1, 1, 3)
    ),
    "more positions behind": lambda net, x: net.concat(2, net.constant(1, 6, 1), x),
    "a mean of the batch": lambda net, x: net.mean(x, 0, keep=True),
    "a mean of channels": lambda net, x: net.mean(x, 1),
    "a mean of channels kept": lambda net, x: net.mean(x, 1, keep=True),
    "a mean of positions": lambda net, x: net.mean(x, 2),
    "a softmax of channels": lambda net, x: net.softmax(x, 1),
    "a linear layer": lambda net, x: net.linear(x, 4, 1),
    "channels in another order": lambda net, x: net.add(
        op.Gather(1, (5, 0, 3, 1, 4, 2)), [x], net.shape(x)
    ),
    "channels that roll": lambda net, x: net.roll(x, [1], [2]),
    "channels written over": lambda net, x: net.add(
        op.Overwrite((0, 1, 0), (1, 2, 1)), [x, net.conv(net.input, 7, channels=2)], net.shape(x)
    ),
}  # fmt: skip


@pytest.mark.parametrize("shift", [0, 3], ids=["in place", "rolled"])
@pytest.mark.parametrize("name", OPERATIONS)
def test_branches_side_by_side_keep_their_own_views(name: str, shift: int):
    net = built(name, shift)
    graph = net.graph()

    (found,) = claims(graph)
    for node, seen in enumerate_footprints(graph, 0, _running(net)).items():
        claim = found[node]
        free = ~seen.edge & (seen.flags.any(axis=-1) | seen.context)
        low, high = seen.low_high()
        assert free.any() or isinstance(graph[node].operation, op.Constant)
        np.testing.assert_array_equal(np.broadcast_to(claim.low, low.shape)[free], low[free], node)
        np.testing.assert_array_equal(
            np.broadcast_to(claim.high, low.shape)[free], high[free], node
        )


@pytest.mark.parametrize("name", OPERATIONS)
def test_of_all_paths_through_branches_side_by_side_the_shortest_counts(name: str):
    net = built(name, shift=3)
    graph, running = net.graph(), _running(net)
    merges = {
        node.name: range(len(node.operands))
        for node in graph
        if len(node.operands) > 1 and isinstance(node.operation, MERGES)
    }
    paths = [
        enumerate_footprints(graph, 0, running, dict(zip(merges, choice, strict=True)))
        for choice in product(*merges.values())
    ]
    whole = enumerate_footprints(graph, 0, running)

    for node, states, _ in walk(graph):
        seen = whole[node.name]
        free = ~seen.edge & seen.flags.any(axis=-1)
        lengths = np.min([length_of(*path[node.name].low_high()) for path in paths], axis=0)
        found = shortest_of(states[node.name][0], node.shape)
        np.testing.assert_array_equal(found[free], lengths[free], node.name)


def built(name: str, shift: int) -> Net:
    """Three branches side by side, an operation on them, and a convolution of what is left."""
    net = Net(SIZE)
    narrow, wide = net.conv(net.input, 1), net.conv(net.input, 5, padding=[2])
    branches = net.concat(1, narrow, wide, net.conv(wide, 3))
    result = OPERATIONS[name](net, net.roll(branches, [2], [shift]) if shift else branches)
    if len(net.shape(result)) == 3 and net.shape(result)[2] > 6:
        net.conv(result, 3)
    return net


def length_of(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return np.where(high < low, np.inf, high - low)


def shortest_of(state: object, shape: tuple[int, ...]) -> np.ndarray:
    """The lengths of the shortest footprints, element by element."""
    grids = [grid.spread(shape, range(len(shape))) for grid in as_table(state, shape).grids]  # type: ignore[arg-type]
    return np.min([length_of(rows[S_LO], rows[S_HI]) for rows in grids], axis=0)


@pytest.mark.parametrize(
    "name",
    [
        "one of every channel by itself", "a pooling", "a norm", "another order of dimensions",
        "a dimension more", "some channels", "some positions", "zeros around positions",
        "zeros behind the channels of one branch", "a dimension of copies", "a sum with itself",
        "a sum with one branch", "a sum with a single channel", "a sum with other parts",
        "a weight per channel", "more channels behind", "a mean of the batch",
    ],
)  # fmt: skip
def test_where_every_channel_goes_on_by_itself_no_array_is_needed(name: str):
    net = Net(SIZE)
    narrow, wide = net.conv(net.input, 1), net.conv(net.input, 5)
    result = OPERATIONS[name](net, net.concat(1, narrow, wide, net.conv(wide, 3)))

    states = {node.name: known[node.name] for node, known, _ in walk(net.graph())}

    assert isinstance(states[result][0], Parts)


def _running(net: Net) -> dict[str, frozenset[int]]:
    """Constants aside, what operations read here runs along the last dimension."""
    return {
        node.name: frozenset()
        if isinstance(node.operation, op.Constant)
        else frozenset({len(node.shape) - 1})
        for node in net.nodes
    }
