"""A model behind the nodes of a graph, looked at when a node is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from rfa_core.api.analysis import guesses_of
from rfa_core.compat.nodes import GraphNode
from rfa_core.examination import Examination, examine, first_running
from rfa_core.findings import JudgedLayer
from rfa_core.frontends import InputShape
from rfa_core.graph.model import Graph
from rfa_core.ranging import examine_range
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution, parse_resolution

Call = tuple[str, int]
"""A layer, and which call of it."""
_BETWEEN = "\n"


class ExaminedNetwork:
    """The analysis of ``source`` as the nodes of a graph need it.

    ``resolution`` is that of the first look. ``calls`` has the layer of every node, and which
    call of it.
    """

    def __init__(
        self,
        source: object,
        resolution: Resolution,
        *,
        input_shape: InputShape | None = None,
        scalar: bool = False,
        counts_context: bool = True,
    ) -> None:
        self.scalar = scalar
        self.counts_context = counts_context
        self.calls: Mapping[int, Call] = {}
        self.input_shape = input_shape
        self._source = source
        self._resolution = resolution
        self._chosen: dict[Policy, Examination] = {}
        self._judged: dict[tuple[Policy, tuple[int, ...]], dict[str, JudgedLayer]] = {}

    def model(self) -> object:
        return self._source

    @cached_property
    def graph(self) -> Graph:
        """The graph at the resolution of the first look, or the nearest that works."""
        chosen = self._examination(Policy())
        return chosen.at(self._resolution.for_axes(chosen.spec.count)).graph

    @cached_property
    def layers(self) -> Mapping[Call, Layer]:
        """What is known of each call of each layer."""
        nodes = tuple(
            replace(node, layer=f"{node.layer}{_BETWEEN}{node.call}", call=0) for node in self.graph
        )
        found = analyse_graph(replace(self.graph, nodes=nodes, _index={}), False)
        names = {one.name: one.name.rpartition(_BETWEEN) for one in found}
        return {
            (names[one.name][0], int(names[one.name][2])): replace(one, name=names[one.name][0])
            for one in found
        }

    def layer(self, node: GraphNode) -> Layer | None:
        return self.layers.get(self.calls[id(node)])

    def judged(self, node: GraphNode, resolution: Any, policy: Policy) -> JudgedLayer | None:
        chosen = self._examination(policy)
        asked = parse_resolution(
            list(resolution) if isinstance(resolution, Sequence) else int(resolution)
        )
        key = policy, asked.for_axes(chosen.spec.count)
        if key not in self._judged:
            (found,) = examine(chosen, [asked]).resolutions
            self._judged[key] = {one.layer.name: one for one in found.layers}
        return self._judged[key].get(self.calls[id(node)][0])

    def range(self, policy: Policy) -> tuple[tuple[int | None, ...], tuple[int | None, ...]]:
        found = examine_range(self._examination(policy)).range
        assert found is not None
        return found.min_resolution, found.max_resolution

    def _examination(self, policy: Policy) -> Examination:
        if policy not in self._chosen:
            guesses = guesses_of(self._source, self.input_shape, "", policy)
            self._chosen[policy] = first_running(guesses, [self._resolution])
        return self._chosen[policy]
