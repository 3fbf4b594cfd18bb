"""Networks written by hand whose every number that an edit may change is an argument."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import rfa_core as rfa
from rfa_core.frontends import frontend_of
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer


def residual(
    stem: int = 7,
    stride: int = 2,
    pool: bool = True,
    moved: int = 1,
    later: int = 2,
    dilation: int = 2,
    blocks: Sequence[int] = (2, 3),
    head: str = "global",
) -> rfa.Graph:
    """A stem, a pooling, a plain layer, two stages of residual blocks and a head.

    The second stage begins with ``later`` as its stride, in the block and in its shortcut.
    """
    net = rfa.Graph("net")
    net.conv("stem", filters=8, kernel=stem, stride=stride)
    if pool:
        net.max_pool("pool", kernel=2, stride=2)
    net.conv("plain", filters=16, kernel=3, stride=moved)
    last = net.conv("mix", filters=8, kernel=1)
    for stage, count in enumerate(blocks, 1):
        for block in range(count):
            first = stage > 1 and block == 0
            path, width = f"stage{stage}.{block}", 8 * stage
            wide = dilation if stage > 1 and not first else 1
            step = later if first else 1
            net.conv(f"{path}.a", last, filters=width, kernel=3, stride=step)
            inner = net.conv(f"{path}.b", filters=width, kernel=3, dilation=wide)
            if first:
                last = net.conv(f"{path}.short", last, filters=width, kernel=1, stride=step)
            last = net.add(f"{path}.sum", inner, last)
    if head == "global":
        net.global_pool("gather")
    net.dense("head", units=10)
    return net


def traced(net: rfa.Graph, size: int = 32) -> Graph:
    """The graph of ``net`` on a square image."""
    frontend = frontend_of(net)
    (spec,) = frontend.guess_inputs(net)
    return frontend.trace(net, spec, (size, size), net.name)


def facts(graph: Graph) -> tuple[object, ...]:
    """All that is known of a network but the lines that wrote it."""
    return graph.parameters, graph.resolution, tuple(map(_bare, analyse_graph(graph)))


def _bare(layer: Layer) -> Layer:
    return replace(layer, constructed=(), called=None)
