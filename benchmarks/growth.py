"""How the analysis grows with the number of nodes, and what memory it takes.

Graphs of 1,000 to 100,000 nodes of four kinds: a chain of convolutions, the same with
residual connections, random graphs of convolutions and sums of two, and residual blocks of
shifted window attention. Per kind, the exponent of a power law fitted to the
times (1: linear). ``python benchmarks/growth.py [--sizes N ...] [--models NAME ...]``

With ``--models`` instead the time and the largest memory of arrays and objects that the
analysis of these models takes above what was there after tracing: names of torchvision,
or of timm after ``timm:``.
"""

from __future__ import annotations

import argparse
import platform
import random
import time
import tracemalloc
from collections.abc import Callable
from itertools import islice

import numpy as np

from rfa_core.discovery.build import build
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.load import load
from rfa_core.frontends import frontend_of
from rfa_core.graph import operations as op
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph, Node, Shape
from rfa_core.receptive.collect import analyse_graph

SIZES = (1_000, 3_000, 10_000, 20_000, 50_000, 100_000)
MAP = (1, 2, 56, 56)
WINDOW = 7
CONVOLUTION = op.Window((2, 3), (3, 3), (1, 1), (1, 1), (1, 1), 1)


def main() -> None:
    """Print one line per kind and size and the fit of each kind, or one line per model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--models", nargs="+", default=())
    options = parser.parse_args()
    print(f"{platform.platform()}, Python {platform.python_version()}, NumPy {np.__version__}")
    if options.models:
        for name in options.models:
            print_model(name)
        return
    for kind, make in KINDS.items():
        times = [seconds(make(size)) for size in options.sizes]
        for size, taken in zip(options.sizes, times, strict=True):
            print(f"{kind:20}{size:10,} nodes{taken:9.3f} s{taken / size * 1e6:8.1f} us per node")
        exponent, _ = np.polyfit(np.log(options.sizes), np.log(times), 1)
        print(f"{kind:20}time grows with the number of nodes to the power {exponent:.2f}")


def print_model(name: str) -> None:
    """Time and memory of the analysis of one model at its own resolution."""
    graph = traced(name)
    taken = seconds(graph)
    tracemalloc.start()
    analyse_graph(graph)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(f"{name:44}{len(graph):6} nodes{taken:9.3f} s{most / 2**20:9.1f} MB")


def traced(name: str) -> Graph:
    """The graph of a model of torchvision, or of timm."""
    zoo, _, rest = name.rpartition(":")
    target = Target(f"{zoo or 'torchvision'}:{rest}")
    if zoo == "timm":
        import timm

        model = timm.create_model(rest)
        size = tuple(model.default_cfg["input_size"][1:])
    else:
        model = build(load(target, "."), target, {}, ".").model
        size = (16, 224, 224) if rest.startswith(VIDEO) else (224, 224)
    frontend = frontend_of(model)
    return frontend.trace(model, frontend.guess_inputs(model)[0], size, rest)


VIDEO = ("mvit", "swin3d", "r3d", "mc3", "r2plus1d", "s3d")


def seconds(graph: Graph) -> float:
    """Processor time of the shortest of three analyses."""
    times = []
    for _ in range(3):
        start = time.process_time()
        analyse_graph(graph)
        times.append(time.process_time() - start)
    return min(times)


class Growing:
    """A graph that grows node by node on a map of fixed size."""

    def __init__(self) -> None:
        self.nodes = [Node("0", op.Input((None, None, 0, 1)), (), MAP, "0", "input", "input")]

    def add(self, operation: op.Operation, *operands: str, shape: Shape = MAP) -> str:
        name, kind = str(len(self.nodes)), type(operation).__name__.lower()
        self.nodes.append(Node(name, operation, operands, shape, name, kind, kind))
        return name

    def graph(self, size: int) -> Graph:
        nodes = tuple(islice(self.nodes, size))
        graph = Graph("growing", "none", nodes, (nodes[-1].name,), MAP[2:])
        lint(graph)
        return graph


def chain(size: int) -> Graph:
    """Convolutions one after the other."""
    net, last = Growing(), "0"
    while len(net.nodes) < size:
        last = net.add(CONVOLUTION, last)
    return net.graph(size)


def residual(size: int) -> Graph:
    """Pairs of convolutions that are added to what they read."""
    net, last = Growing(), "0"
    while len(net.nodes) < size:
        branch = net.add(CONVOLUTION, net.add(CONVOLUTION, last))
        last = net.add(op.Pointwise(), branch, last)
    return net.graph(size)


def scattered(size: int) -> Graph:
    """Sums and convolutions of two of the last hundred results, chosen at random."""
    net, chance = Growing(), random.Random(0)
    while len(net.nodes) < size:
        first, second = (str(chance.randrange(max(0, len(net.nodes) - 100), len(net.nodes)))
                         for _ in range(2))  # fmt: skip
        net.add(op.Pointwise(), net.add(CONVOLUTION, first), second)
    return net.graph(size)


def windows(size: int) -> Graph:
    """Residual blocks of attention in windows, every other one shifted."""
    net, last = Growing(), "0"
    shift = WINDOW // 2
    while len(net.nodes) < size:
        last = net.add(op.Pointwise(), _attended(net, last), last)
        rolled = net.add(op.Roll((2, 3), (-shift, -shift)), last)
        back = net.add(op.Roll((2, 3), (shift, shift)), _attended(net, rolled))
        last = net.add(op.Pointwise(), back, last)
    return net.graph(size)


def _attended(net: Growing, source: str) -> str:
    count, channels = MAP[2] // WINDOW, MAP[1]
    split = (1, channels, count, WINDOW, count, WINDOW)
    grouped = (1, count, count, WINDOW, WINDOW, channels)
    tokens = (count * count, WINDOW * WINDOW, channels)
    cut = net.add(op.Reshape(), source, shape=split)
    sorted_ = net.add(op.Permute((0, 2, 4, 3, 5, 1)), cut, shape=grouped)
    flat = net.add(op.Reshape(), sorted_, shape=tokens)
    scores = net.add(
        op.Contract(((0, 1, 2), (0, 3, 2)), (0, 1, 3)), flat, flat,
        shape=(tokens[0], tokens[1], tokens[1]),
    )  # fmt: skip
    mixed = net.add(op.Contract(((0, 1, 3), (0, 3, 2)), (0, 1, 2)), scores, flat, shape=tokens)
    opened = net.add(op.Reshape(), mixed, shape=grouped)
    back = net.add(op.Permute((0, 5, 1, 3, 2, 4)), opened, shape=split)
    return net.add(op.Reshape(), back, shape=MAP)


KINDS: dict[str, Callable[[int], Graph]] = {
    "chain": chain,
    "residual chain": residual,
    "random": scattered,
    "window attention": windows,
}


if __name__ == "__main__":
    main()
