"""Nodes that were written by hand, as a custom graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from rfa_core.compat.examined import ExaminedNetwork
from rfa_core.compat.nodes import GraphNode, LayerDefinition
from rfa_core.frontends.custom import Graph
from rfa_core.frontends.custom.kinds.base import layer_kind
from rfa_core.frontends.custom.kinds.elementwise import Concat, Multiply
from rfa_core.frontends.draft import Draft
from rfa_core.receptive.resolution import parse_resolution

CHANNELS = 3
"""Of the image: ``rfa_toolbox`` does not ask for them."""


@layer_kind("rfa_toolbox.join", sources=(2, None))
@dataclass(frozen=True, slots=True)
class Join:
    """What several predecessors mean: maps of one size side by side, else a map and its gates."""

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        sizes = {draft.shape(source)[2:] for source in sources}
        return (Concat() if len(sizes) == 1 else Multiply()).write(draft, sources)


class WrittenNetwork(ExaminedNetwork):
    """The analysis of nodes that were written by hand."""

    def __init__(self, nodes: Sequence[GraphNode]) -> None:
        lengths = {
            len(value)
            for node in nodes
            for value in (node.kernel_size, node.stride_size)
            if isinstance(value, tuple)
        }
        if len(lengths) > 1:
            raise ValueError(f"kernels and strides of {sorted(lengths)} axes in one graph")
        axes = max(lengths, default=2)
        graph = Graph("graph", CHANNELS, axes)
        super().__init__(graph, parse_resolution(64), scalar=not lengths)
        names: dict[int, str] = {}
        for node in nodes:
            name = _unused(node.name, {layer.name for layer in graph.layers})
            follows = [names[id(one)] for one in node.predecessors] or ["input"]
            if len(follows) > 1:
                joined = _unused(f"{name}.join", {layer.name for layer in graph.layers})
                follows = [graph.layer(joined, "rfa_toolbox.join", *follows).name]
            kind, options = _kind_of(node.layer_info)
            names[id(node)] = graph.layer(name, kind, *follows, **options).name
        self.calls = {key: (name, 0) for key, name in names.items()}


def _kind_of(info: LayerDefinition) -> tuple[str, dict[str, object]]:
    """What a layer is taken for: dense or global without a kernel, a convolution with filters,
    else pooling, or elementwise where a kernel of 1 leaves everything where it is."""
    if info.kernel_size == inf:
        return ("dense", {"units": info.units}) if info.units else ("global_pool", {})
    filters = info.filters or info.units
    window: dict[str, object] = {"kernel": info.kernel_size, "stride": info.stride_size}
    if filters:
        return "conv", {"filters": filters, **window}
    sizes = (info.kernel_size, info.stride_size)
    if all(size == 1 or (isinstance(size, tuple) and set(size) == {1}) for size in sizes):
        return "activation", {}
    return "max_pool", {**window, "padding": "same"}


def _unused(name: str, taken: set[str]) -> str:
    """A name for a layer: nodes may share theirs, and layers may not."""
    shown = "".join(letter for letter in name if letter.isprintable()) or "layer"
    count, found = 1, shown
    while found in taken:
        count += 1
        found = f"{shown}_{count}"
    return found
