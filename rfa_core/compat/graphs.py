"""The nodes of ``rfa_toolbox``: written by hand, or views of the layers of a model."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.compat.nodes import GraphNode, Network
from rfa_core.compat.nodes import LayerDefinition as LayerDefinition
from rfa_core.compat.written import WrittenNetwork


class EnrichedNetworkNode(GraphNode):
    """A layer and what it follows; any node stands for the whole graph.

    Sizes are in pixels of the input, one number where kernels and strides are numbers, else one
    per axis.
    """

    def _written(self, nodes: Sequence[GraphNode]) -> Network:
        return WrittenNetwork(nodes)
