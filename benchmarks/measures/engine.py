"""The analysis alone, on graphs that are there: growth, memory, many resolutions, search."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Sequence

import numpy as np
from growth import KINDS
from growth import seconds as analysis_seconds

import rfa_core as rfa
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph

from .tables import Table, median_seconds, seconds

NODES = (1_000, 10_000, 100_000)
BRANCHES = (1, 10, 100, 1_000)
RESOLUTIONS = (1, 10, 100, 1_000)


def depth(nodes: Sequence[int] = NODES) -> Table:
    """Time and memory by the number of nodes, with the exponent of a power law."""
    rows = []
    for kind, make in KINDS.items():
        graphs = [make(size) for size in nodes]
        times = [analysis_seconds(graph) for graph in graphs]
        exponent = float(np.polyfit(np.log(nodes), np.log(times), 1)[0])
        rows.append([kind, *map(seconds, times), f"{exponent:.2f}", _memory(graphs[-1])])
    header = ["graph", *(f"{size:,} nodes" for size in nodes), "exponent", "memory at most"]
    notes = [
        "The exponent is that of a power law through the times: 1 is linear. Memory is what the "
        f"analysis of {nodes[-1]:,} nodes takes above the graph."
    ]
    return Table("Growth with depth: the analysis alone", header, rows, notes)


def width(branches: Sequence[int] = BRANCHES) -> Table:
    """A network of parallel branches of three convolutions, summed or concatenated."""
    rows = []
    for kind in ("add", "concat"):
        nets = [_wide(kind, count) for count in branches]
        times = [median_seconds(lambda: rfa.analyse(net, 64), 3, time.process_time)  # noqa: B023
                 for net in nets]  # fmt: skip
        rows.append([f"`{kind}`", *map(seconds, times)])
    header = ["branches meet in", *(f"{count:,} branches" for count in branches)]
    return Table("Growth with width: `rfa.analyse` of a custom graph", header, rows)


def resolutions(counts: Sequence[int] = RESOLUTIONS, runs: int = 5) -> Table:
    """ResNet-50, written as a custom graph, at more and more resolutions."""
    net = resnet50()
    one = median_seconds(lambda: rfa.analyse(net, 224), runs, time.process_time)
    rows = [["`rfa.analyse` at one", seconds(one), "1.00"]]
    for count in counts:
        sizes = range(32, 32 + count)
        taken = median_seconds(
            lambda: rfa.Candidate(net).survey(sizes),  # noqa: B023
            runs,
            time.process_time,
        )
        rows.append([f"`rfa.Candidate(net).survey` at {count:,}", seconds(taken),
                     f"{taken / one:.2f}"])  # fmt: skip
    return Table("ResNet-50 at many resolutions: the analysis alone", ["", "time", "ratio"], rows)


def search(counts: Sequence[int] = (1, 8, 64), changes: int = 300) -> Table:
    """A network of 50 layers, one kernel changed at a time, judged at several resolutions."""
    net = residual(blocks=(2, 4, 4, 2), padding="same")
    base = rfa.Candidate(net)
    names = [layer.name for layer in net.layers if layer.options.get("kernel") == 3]
    rows = []
    for count in counts:
        sizes = [32 + 4 * place for place in range(count)]
        start = time.process_time()
        for place in range(changes):
            kernel = (1, 3, 5, 7)[place % 4]
            base.changed({names[place % len(names)]: {"kernel": kernel}}).survey(sizes)
        rate = changes / (time.process_time() - start)
        rows.append([f"{count}", f"{rate:,.0f}", f"{rate * count:,.0f}"])
    header = ["resolutions", "changed graphs a second", "analyses a second"]
    note = (
        f"{len(net) - 1} layers; an analysis is one changed graph at one resolution. "
        "Seconds are those of one core. See [architecture search](search.md)."
    )
    return Table("Architecture search", header, rows, [note])


def resnet50() -> rfa.Graph:
    """ResNet-50 without what changes no verdict: norms and activations."""
    return residual(blocks=(3, 4, 6, 3))


def residual(blocks: Sequence[int], padding: str | int = 1) -> rfa.Graph:
    """A network of bottlenecks, so many in each stage; ``padding`` is that of the 3x3 kernels."""
    net = rfa.Graph("residual")
    net.conv("stem", filters=64, kernel=7, stride=2, padding=3)
    last = net.max_pool("pool", kernel=3, stride=2, padding=1)
    for stage, count in enumerate(blocks):
        for block in range(count):
            name, width = f"layer{stage + 1}.{block}", 64 * 2**stage
            stride = 2 if stage and not block else 1
            made = net.conv(f"{name}.conv1", last, filters=width, kernel=1)
            options = {"kernel": 3, "stride": stride, "padding": padding}
            made = net.conv(f"{name}.conv2", made, filters=width, **options)
            made = net.conv(f"{name}.conv3", made, filters=4 * width, kernel=1)
            if not block:
                last = net.conv(f"{name}.down", last, filters=4 * width, kernel=1, stride=stride)
            last = net.add(f"{name}.add", made, last)
    net.global_pool("avgpool")
    net.dense("fc", units=1000)
    return net


def _wide(kind: str, count: int) -> rfa.Graph:
    net = rfa.Graph("wide")
    stem = net.conv("stem", filters=8, kernel=3, stride=2)
    ends = []
    for branch in range(count):
        last = stem
        for step in range(3):
            kernel = 1 + 2 * ((branch + step) % 3)
            last = net.conv(f"{branch}.{step}", last, filters=8, kernel=kernel)
        ends.append(last)
    last = ends[0] if count == 1 else net.layer("met", kind, *ends)
    net.conv("last", last, filters=8, kernel=3)
    return net


def _memory(graph: Graph) -> str:
    tracemalloc.start()
    analyse_graph(graph)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return f"{most / 2**20:.0f} MB"
