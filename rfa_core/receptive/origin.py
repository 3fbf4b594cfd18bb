"""Where the footprint of a layer comes from: the path that sets it, step by step.

A footprint grows along paths from the input. ``origin_of`` walks back from a layer and takes, at
every operation, the operand that set the number: the one that saw least for the shortest path,
the one that sees most for the widest. What a step adds is the difference of what the engine found
behind and before it, so that the steps always add up to the number that is reported; how far the
rule of a kernel, ``(k - 1) * d * j``, explains it is said besides.

On lines and parts (see ``states``) the walk follows one run of channels. Where only tables are
known it follows the numbers of whole tensors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from itertools import accumulate

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive.collect import judged_node
from rfa_core.receptive.propagate import Footprint, States, propagate
from rfa_core.receptive.states import Line, Parts

_FIRST_ONLY = (op.Window, op.Sample, op.Recurrent)
"""Operations of which the first operand alone sets the place."""


class Cause(str, Enum):
    """What explains the pixels that a step adds.

    ``kernel``: its taps, by the rule. ``branches``: paths that reach further on one side than the
    one that is followed. ``positions``: elements differ from position to position or channel to
    channel, and the number is the largest of the central half, as the engine's tables have it.
    ``bound``: data decide what is read; more is not known. ``nothing``: it adds nothing.
    """

    NOTHING = "nothing"
    KERNEL = "kernel"
    BRANCHES = "branches"
    POSITIONS = "positions"
    BOUND = "bound"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a path, along one axis.

    ``kernel``, ``dilation`` and ``stride`` are 1 where it moves no window along the axis;
    ``jump`` is the effective stride of what it reads, in input pixels per position (None:
    unknown). ``added`` and ``total`` are input pixels, ``by_kernel`` those that the rule
    ``(kernel - 1) * dilation * jump`` explains.
    """

    node: Node
    added: int
    total: int
    cause: Cause = Cause.NOTHING
    kernel: int = 1
    dilation: int = 1
    stride: int = 1
    jump: Fraction | None = None

    @property
    def by_kernel(self) -> Fraction:
        return (self.kernel - 1) * self.dilation * (self.jump or Fraction(0))


@dataclass(frozen=True, slots=True)
class Origin:
    """One layer along one axis.

    ``shortest`` is the path that sets ``min``, ``widest`` the one that sets ``max``, from the
    input to the layer; empty where every path sees everything. ``seers`` are the operations that
    see everything, on some path. ``inexact``: why the numbers are only a bound.
    """

    node: Node
    shortest: tuple[Step, ...]
    widest: tuple[Step, ...]
    seers: tuple[Node, ...] = ()
    inexact: tuple[str, ...] = ()


def origin_of(graph: Graph, layer: str, global_norms: bool = False) -> tuple[Origin, ...]:
    """Where the footprint of ``layer`` comes from, for each axis.

    ``layer`` is the name of a layer of ``analyse_graph``; of several calls the one is explained
    that is judged. ``global_norms``: see ``propagate``.
    """
    wanted = _behind(graph, {node.name for node in graph if node.layer == layer})
    states: dict[str, States] = {}

    def watch(node: Node, known: Mapping[str, States]) -> None:
        if node.name in wanted:
            states[node.name] = known[node.name]

    footprints = propagate(graph, global_norms, watch)
    node = judged_node(graph, layer, footprints)
    seen = footprints[node.name]
    found = []
    for axis in range(graph.axes):
        walk = _Walk(graph, footprints, states, axis)
        shortest, widest = tuple(walk.path(node, False)), tuple(walk.path(node, True))
        found.append(Origin(node, shortest, widest, walk.seers(node), seen.inexact))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Place:
    """A tensor of the path, the pixels that are followed in it and, on lines and parts, the run
    (``channel`` is its first index along the dimension of the parts)."""

    name: str
    size: int
    line: Line | None = None
    channel: int = 0
    jump: Fraction | None = None


@dataclass(frozen=True, slots=True)
class _Walk:
    """Walks back along one axis."""

    graph: Graph
    footprints: Mapping[str, Footprint]
    states: Mapping[str, States]
    axis: int

    def path(self, node: Node, widest: bool) -> Iterator[Step]:
        """The steps from the input to ``node``; none if it has no footprint of that kind."""
        measure = self.footprints[node.name].measures[self.axis]
        size = measure.max if widest else measure.min
        if not size:
            return iter(())
        runs = self._places(node.name, widest)
        start = min(runs, key=lambda run: -run.size if widest else run.size)
        return reversed(list(self._steps(replace(start, size=size), widest)))

    def _steps(self, here: _Place, widest: bool) -> Iterator[Step]:
        while True:
            node = self.graph[here.name]
            before = self._before(node, here, widest)
            if before is None:
                yield Step(node, here.size, here.size)
                return
            yield self._step(node, here, before)
            here = before

    def _before(self, node: Node, here: _Place, widest: bool) -> _Place | None:
        """The operand, and the run of it, that set what is seen at ``here``."""

        def rank(place: _Place) -> tuple[int, int]:
            reached = place.size + int(self._step(node, here, place).by_kernel)
            if widest:
                return int(reached > here.size), -reached
            return abs(reached - here.size), place.size

        return min(self._operands(node, here, widest), key=rank, default=None)

    def _operands(self, node: Node, here: _Place, widest: bool) -> Iterator[_Place]:
        names = node.operands[:1] if isinstance(node.operation, _FIRST_ONLY) else node.operands
        for number, name in enumerate(names):
            for place in self._places(name, widest):
                if self._hands_on(node, number, place, here):
                    yield place

    def _places(self, name: str, widest: bool) -> Iterator[_Place]:
        """The runs of a tensor; the whole of it where there are only tables."""
        state = self.states[name][self.axis]
        runs = state.runs if isinstance(state, Parts) else ((0, state),)
        if isinstance(state, (Line, Parts)):
            channel = 0
            for length, run in runs:
                if isinstance(run, Line):
                    low, high = run.local if widest else run.shortest
                    yield _Place(name, high - low + 1, run, channel, Fraction(run.stride))
                channel += length
            return
        measure = self.footprints[name].measures[self.axis]
        size = measure.max if widest else measure.min
        if size:
            yield _Place(name, size, jump=measure.stride)

    def _hands_on(self, node: Node, number: int, place: _Place, here: _Place) -> bool:
        """Whether the run of an operand is in the run of the result that is followed."""
        if place.line is None or here.line is None:
            return True
        state, made = self.states[place.name][self.axis], self.states[node.name][self.axis]
        operation = node.operation
        if isinstance(operation, op.Concat):
            return self._concatenated(operation, node, number, place, here)
        if not isinstance(state, Parts):
            return True
        channel = here.channel
        if isinstance(operation, op.Slice) and operation.dim == state.dim:
            channel += operation.start
        elif not isinstance(made, Parts):
            return True
        return place.channel == _run_start(state, channel)

    def _concatenated(
        self, operation: op.Concat, node: Node, number: int, place: _Place, here: _Place
    ) -> bool:
        """Whether the channel that is followed is one of this operand's run."""
        state = self.states[place.name][self.axis]
        sizes = [self.graph[name].shape[operation.dim] for name in node.operands]
        channel = here.channel - sum(sizes[:number])
        if not 0 <= channel < sizes[number]:
            return False
        return not isinstance(state, Parts) or place.channel == _run_start(state, channel)

    def _step(self, node: Node, here: _Place, before: _Place) -> Step:
        added = here.size - before.size
        step = Step(node, added, here.size, Cause.NOTHING, *self._window(node, before), before.jump)
        return replace(step, cause=_cause(step, followed=bool(here.line and before.line)))

    def _window(self, node: Node, before: _Place) -> tuple[int, int, int]:
        """Kernel, dilation and stride along the axis."""
        operation = node.operation
        running = self.footprints[before.name].running[self.axis]
        dims = {before.line.dim} if before.line else running
        if isinstance(operation, op.Window):
            for place, dim in enumerate(operation.dims):
                if dim in dims:
                    return (
                        operation.kernel[place],
                        operation.dilation[place],
                        operation.stride[place],
                    )
        if isinstance(operation, op.Resample) and operation.mode == "adaptive":
            for dim in dims.intersection(operation.dims):
                size, bins = self.graph[before.name].shape[dim], node.shape[dim]
                return -(-size // bins), 1, size // bins
        return 1, 1, 1

    def seers(self, node: Node) -> tuple[Node, ...]:
        """The operations up to ``node`` by which a path begins to see everything."""
        behind = _behind(self.graph, {node.name})
        return tuple(
            one
            for one in self.graph
            if one.name in behind
            and self._sees_globally(one.name)
            and not any(map(self._sees_globally, one.operands))
        )

    def _sees_globally(self, name: str) -> bool:
        return self.footprints[name].measures[self.axis].context


def _cause(step: Step, *, followed: bool) -> Cause:
    """``followed``: a run is followed on both sides of the step."""
    if isinstance(step.node.operation, (op.Sample, op.Unknown)):
        return Cause.BOUND
    if step.added == step.by_kernel:
        return Cause.KERNEL if step.added else Cause.NOTHING
    return Cause.BRANCHES if followed else Cause.POSITIONS


def _run_start(state: Parts, channel: int) -> int:
    """Where the run begins that ``channel`` is in."""
    starts = accumulate((length for length, _ in state.runs), initial=0)
    return max(start for start in starts if start <= channel)


def _behind(graph: Graph, names: set[str]) -> set[str]:
    """``names`` and all that they are made of."""
    found = set(names)
    for node in reversed(graph.nodes):
        if node.name in found:
            found.update(node.operands)
    return found
