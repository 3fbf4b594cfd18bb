"""A network in the numbers that proposals are compared by."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.graph.model import Graph
from rfa_core.proposals import Figures
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.feasible import least_square
from rfa_core.receptive.layers import Layer, Sizes
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict, judge


def figures_of(
    graph: Graph, resolution: tuple[int, ...], policy: Policy, layers: Sequence[Layer] = ()
) -> Figures:
    """The verdicts, the cost and the last map of ``graph``, by a whole analysis if its
    ``layers`` are not given."""
    found = layers or analyse_graph(graph, policy.global_norms)
    verdicts = [judge(layer, resolution, policy) for layer in found]
    judged = [verdict for verdict in verdicts if verdict is not Verdict.NOT_JUDGED]
    return Figures(
        len(judged),
        verdicts.count(Verdict.UNPRODUCTIVE),
        verdicts.count(Verdict.CRITICAL),
        graph.parameters,
        sum(node.macs for node in graph),
        _last_map(found, verdicts),
        least_square(found, policy).size,
    )


def _last_map(layers: Sequence[Layer], verdicts: Sequence[Verdict]) -> Sizes:
    pairs = zip(layers, verdicts, strict=True)
    maps = [layer.feature_map for layer, verdict in pairs if verdict is not Verdict.NOT_JUDGED]
    return maps[-1] if maps else ()
