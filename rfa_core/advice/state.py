"""A network on the way to a better one: what was changed, and what is left of the problem."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from math import inf
from operator import ge

from rfa_core.advice.changes import Edit
from rfa_core.advice.shortest import Limits, Reach, States, limits_of, lines_of
from rfa_core.advice.trunk import Segment, segments_of
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.feasible import dead_up_to
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import is_judged

ANALYSIS = 3
"""The price of a whole analysis."""
Measured = Callable[[Graph, Mapping[str, States]], Limits | None]


@dataclass(frozen=True)
class State:
    """A graph, the ``edits`` that made it, and how far each judged layer is past the border.

    ``lost`` counts the layers removed that were of use when they were, judged and recurrent ones: a
    dense layer goes with the block whose gate it makes. ``before`` is the state that
    the last of the edits was made to.
    """

    graph: Graph
    lines: Mapping[str, States] = field(repr=False)
    limits: Limits = field(repr=False)
    resolution: tuple[int, ...]
    edits: tuple[Edit, ...] = ()
    lost: int = 0
    before: State | None = field(default=None, repr=False, compare=False)

    @property
    def history(self) -> list[State]:
        """The states from the network as it was to this one."""
        earlier = self.before.history if self.before else []
        return [*earlier, self]

    @cached_property
    def unjudged(self) -> Set[str]:
        """The other layers that have weights, in order: recurrent and dense ones."""
        return dict.fromkeys(
            node.layer
            for node in self.graph
            if _has_weights(node) and node.layer not in self.limits
        ).keys()

    @cached_property
    def recurrent(self) -> frozenset[str]:
        """Those of them that have a memory."""
        return frozenset(
            node.layer for node in self.graph if isinstance(node.operation, op.Recurrent)
        )

    @cached_property
    def macs(self) -> int:
        return macs_of(self.graph)

    @cached_property
    def segments(self) -> list[Segment]:
        """What lies between the places where the network can be cut."""
        return segments_of(self.graph, self.lines)

    @cached_property
    def worst(self) -> float:
        """The largest size at which some layer is past the border on every axis."""
        return max((min(reach.dead) for reach in self.limits.values()), default=0)

    @cached_property
    def unproductive(self) -> frozenset[str]:
        return frozenset(
            layer for layer, reach in self.limits.items() if reach.is_past(self.resolution)
        )

    @cached_property
    def critical(self) -> frozenset[str]:
        return frozenset(
            layer
            for layer, reach in self.limits.items()
            if all(map(ge, reach.own, self.resolution)) and not reach.is_past(self.resolution)
        )


def first_state(
    graph: Graph, layers: Collection[Layer], resolution: tuple[int, ...], policy: Policy
) -> tuple[State, Measured, int]:
    """The network as it is, how the limits of its changed forms are measured, and the price.

    By shortest paths alone where these say of the network itself what its analysis says;
    else by a whole analysis each time.
    """
    regular = regular_state(graph, layers, resolution, policy)
    if regular is not None:
        judged = regular.limits.keys()
        return regular, lambda graph, lines: limits_of(graph, lines, judged, policy), 1

    def by_analysis(graph: Graph, lines: Mapping[str, States]) -> Limits:
        del lines
        return _reaches(analyse_graph(graph, policy.global_norms), policy)

    known = _reaches(layers, policy)
    lines = lines_of(graph)
    return State(graph, lines, known, resolution), by_analysis, ANALYSIS


def regular_state(
    graph: Graph, layers: Collection[Layer], resolution: tuple[int, ...], policy: Policy
) -> State | None:
    """The network as it is, if its shortest paths alone say what its analysis does."""
    known, lines = _reaches(layers, policy), lines_of(graph)
    if limits_of(graph, lines, known, policy) != known:
        return None
    return State(graph, lines, known, resolution)


def _has_weights(node: Node) -> bool:
    if isinstance(node.operation, op.Recurrent) or node.weighted:
        return True
    return bool(node.parameters) and not isinstance(node.operation, (op.Norm, op.Pointwise))


def _reaches(layers: Collection[Layer], policy: Policy) -> Limits:
    return {
        one.name: Reach(dead_up_to(one, policy), _own(one))
        for one in layers
        if is_judged(one, policy)
    }


def _own(layer: Layer) -> tuple[float, ...]:
    calls = [call.output.min for call in (layer, *layer.other_calls)]
    sizes = [[inf if size is None else size - 1 for size in call] for call in calls]
    return tuple(map(min, *sizes)) if len(sizes) > 1 else tuple(sizes[0])


def macs_of(graph: Graph) -> int:
    """Multiply-accumulates of the whole network."""
    return sum([node.macs for node in graph])
