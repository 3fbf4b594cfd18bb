"""Graphs written by hand in a line per layer; every method returns the name of its result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil

from rfa_core.graph import operations as op
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph, Node, Shape
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.facts import Fact
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.measure import Measure
from rfa_core.receptive.propagate import Footprint, propagate

Sizes = int | Sequence[int]


class Net:
    """A graph that grows: ``[1, channels, *sizes]`` in, one axis per size."""

    def __init__(self, *sizes: int, channels: int = 2) -> None:
        self.axes = len(sizes)
        self.sizes = sizes
        self.nodes: list[Node] = []
        self.input = self.add(
            op.Input((None, None, *range(self.axes))), (), (1, channels, *sizes), layer="input"
        )

    def add(
        self,
        operation: op.Operation,
        operands: Sequence[str],
        shape: Shape,
        layer: str = "",
        **more: object,
    ) -> str:
        kind = type(operation).__name__.lower()
        name = f"n{len(self.nodes)}"
        facts = {"kind": kind, "type": kind, **more}
        self.nodes.append(
            Node(name, operation, tuple(operands), tuple(shape), layer or name, **facts)  # type: ignore[arg-type]
        )
        return name

    def shape(self, name: str) -> Shape:
        return next(node.shape for node in reversed(self.nodes) if node.name == name)

    def graph(self) -> Graph:
        graph = Graph("net", "none", tuple(self.nodes), (self.nodes[-1].name,), self.sizes)
        lint(graph)
        return graph

    def conv(
        self,
        source: str,
        kernel: Sizes,
        stride: Sizes = 1,
        dilation: Sizes = 1,
        padding: Sizes | None = None,
        channels: int | None = None,
        groups: int = 1,
        layer: str = "",
        **more: object,
    ) -> str:
        shape, n = self.shape(source), self.axes
        k, s, d = (_each(value, n) for value in (kernel, stride, dilation))
        same = [(size - 1) * gap // 2 for size, gap in zip(k, d, strict=True)]
        p = _each(same if padding is None else padding, n)
        out = [
            (size + 2 * p[i] - (k[i] - 1) * d[i] - 1) // s[i] + 1
            for i, size in enumerate(shape[-n:])
        ]
        window = op.Window(tuple(range(2, 2 + n)), k, s, d, p, 1, groups)
        facts = {"weighted": True, "kind": "conv", **more}
        made = (shape[0], shape[1] if channels is None else channels, *out)
        return self.add(window, [source], made, layer, **facts)

    def transposed(
        self, source: str, kernel: int, stride: int, padding: int = 0, dilation: int = 1
    ) -> str:
        shape, n = self.shape(source), self.axes
        out = [
            (size - 1) * stride - 2 * padding + (kernel - 1) * dilation + 1 for size in shape[2:]
        ]
        window = op.Window(
            tuple(range(2, 2 + n)),
            (kernel,) * n,
            (stride,) * n,
            (dilation,) * n,
            (padding,) * n,
            1,
            1,
            transposed=True,
        )
        return self.add(window, [source], (*shape[:2], *out), weighted=True, kind="conv")

    def pool(self, source: str, kernel: Sizes, stride: Sizes | None = None, layer: str = "") -> str:
        facts = {"groups": 0, "weighted": False, "kind": "max_pool2d"}
        step = kernel if stride is None else stride
        return self.conv(source, kernel, step, padding=0, layer=layer, **facts)  # type: ignore[arg-type]

    def relu(self, *sources: str, layer: str = "") -> str:
        ranks = max(len(self.shape(name)) for name in sources)
        shapes = [(1,) * (ranks - len(self.shape(n))) + self.shape(n) for n in sources]
        return self.add(
            op.Pointwise(), sources, tuple(max(sizes) for sizes in zip(*shapes, strict=True)), layer
        )

    def norm(self, source: str, *dims: int) -> str:
        return self.add(op.Norm(dims), [source], self.shape(source))

    def constant(self, *shape: int) -> str:
        return self.add(op.Constant(), [], shape)

    def reshape(self, source: str, *shape: int) -> str:
        return self.add(op.Reshape(), [source], shape)

    def permute(self, source: str, *order: int) -> str:
        shape = self.shape(source)
        return self.add(op.Permute(order), [source], tuple(shape[dim] for dim in order))

    def slice(self, source: str, dim: int, start: int, stop: int, step: int = 1) -> str:
        count = ceil((stop - start) / step)
        return self.add(op.Slice(dim, start, step), [source], self.sized(source, dim, count))

    def select(self, source: str, dim: int, index: int) -> str:
        shape = self.shape(source)
        return self.add(op.Select(dim, index), [source], (*shape[:dim], *shape[dim + 1 :]))

    def concat(self, dim: int, *sources: str, layer: str = "") -> str:
        total = sum(self.shape(name)[dim] for name in sources)
        return self.add(op.Concat(dim), sources, self.sized(sources[0], dim, total), layer)

    def roll(self, source: str, dims: Sequence[int], shifts: Sequence[int]) -> str:
        return self.add(op.Roll(tuple(dims), tuple(shifts)), [source], self.shape(source))

    def pad(self, source: str, dim: int, before: int, after: int, mode: str = "constant") -> str:
        shape = self.shape(source)
        left, right = [0] * len(shape), [0] * len(shape)
        left[dim], right[dim] = before, after
        made = self.sized(source, dim, shape[dim] + before + after)
        return self.add(op.Pad(tuple(left), tuple(right), mode), [source], made)

    def expand(self, source: str, *shape: int) -> str:
        return self.add(op.Expand(), [source], shape)

    def repeat(self, source: str, *times: int) -> str:
        shape = self.shape(source)
        wide = (1,) * (len(times) - len(shape)) + shape
        made = tuple(size * count for size, count in zip(wide, times, strict=True))
        return self.add(op.Repeat(times), [source], made)

    def resample(self, source: str, sizes: Sequence[int], mode: str, align: bool = False) -> str:
        dims = tuple(range(2, 2 + len(sizes)))
        made = (*self.shape(source)[:2], *sizes)
        return self.add(op.Resample(dims, mode, align), [source], made, kind=mode)

    def mean(self, source: str, *dims: int, keep: bool = False) -> str:
        shape = self.shape(source)
        labels = tuple(range(len(shape)))
        if keep:
            output = tuple(len(shape) + dim if dim in dims else dim for dim in labels)
            made = tuple(1 if dim in dims else size for dim, size in enumerate(shape))
        else:
            output = tuple(dim for dim in labels if dim not in dims)
            made = tuple(size for dim, size in enumerate(shape) if dim not in dims)
        return self.add(op.Contract((labels,), output), [source], made)

    def softmax(self, source: str, dim: int) -> str:
        labels = tuple(range(len(self.shape(source))))
        output = tuple(len(labels) if label == dim else label for label in labels)
        return self.add(op.Contract((labels,), output), [source], self.shape(source))

    def linear(
        self, source: str, out: int, dim: int | None = None, layer: str = "", **more: object
    ) -> str:
        shape = self.shape(source)
        dim = len(shape) - 1 if dim is None else dim
        labels = tuple(range(len(shape)))
        output = tuple(len(shape) if label == dim else label for label in labels)
        facts = {"weighted": True, "kind": "linear", **more}
        made = self.sized(source, dim, out)
        return self.add(op.Contract((labels,), output), [source], made, layer, **facts)

    def attention(self, query: str, key: str, value: str) -> str:
        """Scaled dot-product attention of three ``[..., positions, channels]`` tensors."""
        lead = tuple(range(len(self.shape(query)) - 2))
        i, j, d, e = (len(lead) + offset for offset in range(4))
        contract = op.Contract(((*lead, i, d), (*lead, j, d), (*lead, j, e)), (*lead, i, e))
        made = (*self.shape(query)[:-1], self.shape(value)[-1])
        return self.add(contract, [query, key, value], made, kind="attention")

    def sized(self, source: str, dim: int, size: int) -> Shape:
        shape = self.shape(source)
        return (*shape[:dim], size, *shape[dim + 1 :])


def _each(value: Sizes, count: int) -> tuple[int, ...]:
    return (value,) * count if isinstance(value, int) else tuple(value)


def footprint(net: Net) -> Footprint:
    """That of the last tensor."""
    graph = net.graph()
    return propagate(graph)[graph.outputs[0]]


def measure(net: Net) -> Measure:
    return footprint(net).measures[0]


def layer(net: Net) -> Layer:
    return analyse_graph(net.graph())[-1]


def facts_of(build: Callable[[Net], object], *sizes: int) -> dict[str, tuple[Fact, ...]]:
    """The facts about structure of every layer that has some, by the layer's name."""
    net = Net(*(sizes or (64,)))
    build(net)
    layers = analyse_graph(net.graph(), with_structure=True)
    return {layer.name: layer.structure for layer in layers if layer.structure}
