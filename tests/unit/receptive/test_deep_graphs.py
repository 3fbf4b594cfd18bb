"""Graphs far deeper than the interpreter's stack."""

from __future__ import annotations

from building import Net

from rfa_core.receptive.collect import analyse_graph


def test_twenty_thousand_nodes_are_no_problem():
    net = Net(64, 64)
    net.shape = lambda _: (1, 2, 64, 64)  # type: ignore[method-assign]
    name = net.input
    for _ in range(10_000):
        name = net.relu(net.conv(name, 3), name)

    layers = analyse_graph(net.graph())

    assert len(layers) == 20_000
    assert layers[-1].output.max == (20_001, 20_001)
    assert layers[-1].output.min == (1, 1)
