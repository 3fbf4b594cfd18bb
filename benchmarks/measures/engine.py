"""The analysis alone, on graphs that are there: growth, memory, many resolutions, search."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Sequence

import numpy as np
import torchvision
from growth import KINDS
from growth import seconds as analysis_seconds

import rfa_core as rfa
from rfa_core.frontends.custom.layers import Layer
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.verdict import Verdict

from .tables import Table, median_seconds, seconds

NODES = (1_000, 10_000, 100_000)
BRANCHES = (1, 10, 100, 1_000)
RESOLUTIONS = (1, 10, 100, 1_000)
COMPARED = (32, 64, 100, 224)


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
    _is_torchvisions(net)
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
    note = (
        "The graph has torchvision's parameters and multiply-accumulates, and its verdicts at "
        f"{', '.join(map(str, COMPARED))} px, which the run makes sure of. "
        "What both analyses begin with, reading the graph, is counted in both."
    )
    header = ["", "time", "ratio"]
    return Table("ResNet-50 at many resolutions: the analysis alone", header, rows, [note])


def search(counts: Sequence[int] = (1, 8, 64), changes: int = 300) -> Table:
    """A network of 50 layers, one kernel changed at a time, judged at several resolutions."""
    net = residual(blocks=(2, 4, 4, 2), padding="same", plain=True)
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
        "Seconds are those of one core. See [architecture search](architecture-search.md)."
    )
    return Table("Architecture search", header, rows, [note])


def resnet50() -> rfa.Graph:
    """ResNet-50 of torchvision, layer by layer."""
    return residual(blocks=(3, 4, 6, 3))


def residual(blocks: Sequence[int], padding: str | int = 1, plain: bool = False) -> rfa.Graph:
    """A network of bottlenecks, so many in each stage; ``padding`` is that of the 3x3 kernels.

    A ``plain`` one has neither norms nor activations, which change no verdict.
    """
    net = rfa.Graph("residual")

    def activated(name: str, last: Layer) -> Layer:
        return last if plain else net.activation(name, last)

    def conv(name: str, last: Layer, width: int, kernel: int, **options: object) -> Layer:
        made = net.conv(name, last, filters=width, kernel=kernel, bias=False, **options)
        return made if plain else net.norm(f"{name}.norm", made)

    last = activated("relu", conv("stem", net.input, 64, 7, stride=2, padding=3))
    last = net.max_pool("pool", last, kernel=3, stride=2, padding=1)
    for stage, count in enumerate(blocks):
        for block in range(count):
            name, width = f"layer{stage + 1}.{block}", 64 * 2**stage
            stride = 2 if stage and not block else 1
            made = activated(f"{name}.relu1", conv(f"{name}.conv1", last, width, 1))
            made = conv(f"{name}.conv2", made, width, 3, stride=stride, padding=padding)
            made = activated(f"{name}.relu2", made)
            made = conv(f"{name}.conv3", made, 4 * width, 1)
            if not block:
                last = conv(f"{name}.down", last, 4 * width, 1, stride=stride)
            last = activated(f"{name}.relu3", net.add(f"{name}.add", made, last))
    net.global_pool("avgpool", last)
    net.dense("fc", units=1000)
    return net


def _is_torchvisions(net: rfa.Graph) -> None:
    """Raise AssertionError unless what is said of ``net`` is what is said of torchvision's."""
    model = torchvision.models.resnet50()
    judged = ("unproductive", "critical", "partial", "full-kernel", "productive")
    survey = rfa.Candidate(net).survey(COMPARED)
    for place, size in enumerate(COMPARED):
        analysis = rfa.analyse(model, size)
        report = analysis.model.resolutions[0]
        counts = [report.counts()[Verdict(verdict)] for verdict in judged]
        theirs = (counts, report.macs, analysis.model.parameters)
        ours = (
            [survey.count(verdict)[place] for verdict in judged],
            survey.macs[place],
            survey.parameters[place],
        )
        assert ours == theirs, f"at {size} px: {ours}, not {theirs}"


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
