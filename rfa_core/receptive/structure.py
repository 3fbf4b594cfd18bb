"""The facts of ``facts``, gathered while footprints are propagated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive import striding
from rfa_core.receptive.alignment import Offset, branches, misaligned, offset
from rfa_core.receptive.facts import (
    Fact,
    Holes,
    Misalignment,
    SkippedPositions,
    UnevenSamples,
    UnreadBorder,
)
from rfa_core.receptive.gaps import Holed, left_open, place, reads_of
from rfa_core.receptive.propagate import States, running_dims
from rfa_core.receptive.states import Everything, Line, Nothing

Places = Sequence[int | None]
"""For each axis, which entry of a window's tuples moves along it."""


class Structure:
    """Follows one graph: ``watch`` is called for every node, in order, then ``facts`` asked."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._lines: dict[str, tuple[Line | None, ...]] = {}
        self._holed: tuple[dict[str, Holed], ...] = tuple({} for _ in range(graph.axes))
        self._offsets: dict[str, tuple[Fraction, ...]] = {}

    def watch(self, node: Node, states: Mapping[str, States]) -> None:
        """Take in the states of ``node`` and of its operands, one per axis."""
        own = self._lines[node.name] = self._lines_of(node, states)
        for axis, line in enumerate(own):
            if line is not None and node.operands:
                self._follow(node, axis, line)
        if isinstance(node.operation, (op.Pointwise, op.Concat)) and len(node.operands) > 1:
            pixels = self._misaligned(node, states)
            if any(pixels):
                self._offsets[node.name] = pixels

    def facts(self, nodes: Sequence[Node], places: Callable[[Node], Places]) -> tuple[Fact, ...]:
        """What there is to say about the layer of ``nodes``, each kind of fact once.

        ``places`` tells how a window moves. Of several calls the first counts that has it.
        """
        found: dict[type, Fact] = {}
        for node in nodes:
            if node.name in self._offsets:
                found.setdefault(Misalignment, Misalignment(self._offsets[node.name]))
            if isinstance(node.operation, op.Window):
                for fact in self._of_window(node, node.operation, places(node)):
                    found.setdefault(type(fact), fact)
        return tuple(found.values())

    def _lines_of(self, node: Node, states: Mapping[str, States]) -> tuple[Line | None, ...]:
        own = states[node.name]
        if node.operands:
            source = node.operands[0]
            if all(a is b for a, b in zip(states[source], own, strict=True)):
                return self._lines[source]
        return tuple(map(place, own))

    def _follow(self, node: Node, axis: int, line: Line) -> None:
        """Keep what ``node`` reads along ``axis`` if that has holes."""
        holed = self._holed[axis]
        window = isinstance(node.operation, op.Window)
        operands = node.operands[:1] if window else node.operands
        reads = [holed.get(name) for name in operands]
        if not window and len(operands) == 1 and reads == [None]:
            return
        found = reads_of(
            node.operation,
            [self._lines[name][axis] for name in operands],
            reads,
            [self._graph[name].shape for name in operands],
            line,
            node.shape,
        )
        if found is not None:
            holed[node.name] = found

    def _misaligned(self, node: Node, states: Mapping[str, States]) -> tuple[Fraction, ...]:
        offsets = [self._offset(node, states, axis) for axis in range(self._graph.axes)]
        pixels = misaligned(offsets)
        return pixels if any(pixels) and branches(self._graph, node) else ()

    def _offset(self, node: Node, states: Mapping[str, States], axis: int) -> Offset | None:
        """How the operands that have a place on ``axis`` lie to each other."""
        names = [name for name in node.operands if _placed(states[name][axis])]
        lines = [self._lines[name][axis] for name in names]
        if len(names) < 2 or (lines[0] is not None and lines.count(lines[0]) == len(lines)):
            return None
        if isinstance(node.operation, op.Concat) and any(
            node.operation.dim in running_dims(states[name][axis]) for name in names
        ):
            return None
        shapes = [self._graph[name].shape for name in names]
        return offset([states[name][axis] for name in names], lines, shapes)

    def _of_window(self, node: Node, window: op.Window, along: Places) -> Iterator[Fact]:
        if window.transposed:
            yield from _uneven(window, along)
        else:
            yield from self._strided(node, window, along)
        if any(gap > 1 for gap in window.dilation):
            yield from self._gridding(node, window, along)

    def _strided(self, node: Node, window: op.Window, along: Places) -> Iterator[Fact]:
        source = self._graph[node.operands[0]]
        rows = [0 if at is None else _unread(window, at, source, node) for at in along]
        if any(rows):
            yield UnreadBorder(tuple(rows))
        shares = _shares(node)
        read = tuple(Fraction(1) if at is None else shares[at] for at in along)
        if min(read) < 1:
            yield SkippedPositions(read, self._read_elsewhere(node))

    def _gridding(self, node: Node, window: op.Window, along: Places) -> Iterator[Fact]:
        if not any(node.name in left for left in self._left):
            return
        read, span = [], []
        for at, holed, left in zip(along, self._holed, self._left, strict=True):
            dilated = at is not None and window.dilation[at] > 1 and window.kernel[at] > 1
            shown = dilated and node.name in left
            read.append(holed[node.name].read if shown else 1)
            span.append(holed[node.name].span if shown else 1)
        if read != span:
            yield Holes(tuple(read), tuple(span))

    @cached_property
    def _left(self) -> tuple[set[str], ...]:
        """Per axis, the tensors with a hole that nothing fills."""
        return tuple(
            left_open(
                self._graph,
                holed,
                {name for name, lines in self._lines.items() if lines[axis] is not None},
            )
            for axis, holed in enumerate(self._holed)
        )

    @cached_property
    def _readers(self) -> Mapping[str, Sequence[Node]]:
        found: dict[str, list[Node]] = {}
        for node in self._graph:
            for name in dict.fromkeys(node.operands):
                found.setdefault(name, []).append(node)
        return found

    def _read_elsewhere(self, node: Node) -> bool:
        """Whether an operation that skips nothing reads the tensor, activated or not."""
        source = self._graph[node.operands[0]]
        while self._passes(source):
            source = self._graph[source.operands[0]]
        waiting = [source]
        while waiting:
            for reader in self._readers.get(waiting.pop().name, ()):
                if self._passes(reader):
                    waiting.append(reader)
                elif min(_shares(reader)) == 1:
                    return True
        return False

    def _passes(self, node: Node) -> bool:
        """Whether ``node`` hands on one tensor position by position."""
        if not isinstance(node.operation, (op.Pointwise, op.Norm)):
            return False
        return all(
            isinstance(self._graph[name].operation, op.Constant) for name in node.operands[1:]
        )


def _placed(state: object) -> bool:
    return not isinstance(state, (Nothing, Everything))


def _uneven(window: op.Window, along: Places) -> Iterator[UnevenSamples]:
    phases = tuple(
        (1,)
        if at is None
        else striding.samples_per_phase(window.kernel[at], window.stride[at], window.dilation[at])
        for at in along
    )
    if any(len(set(counts)) > 1 for counts in phases):
        yield UnevenSamples(phases)


def _unread(window: op.Window, at: int, source: Node, node: Node) -> int:
    """Rows behind the last one read that belong to the map, not to a padding around it."""
    dim = window.dims[at]
    rows = striding.unread_border(
        source.shape[dim],
        node.shape[dim],
        window.kernel[at],
        window.stride[at],
        window.dilation[at],
        window.padding[at],
    )
    padded = source.operation.after[dim] if isinstance(source.operation, op.Pad) else 0
    return max(0, rows - max(0, padded))


def _shares(node: Node) -> tuple[Fraction, ...]:
    """The shares of its input that a window reads, one per dimension that it moves along."""
    window = node.operation
    if not isinstance(window, op.Window) or window.transposed:
        return (Fraction(1),)
    return tuple(
        striding.share_read(*sizes) if node.shape[dim] > 1 else Fraction(1)
        for dim, *sizes in zip(
            window.dims, window.kernel, window.stride, window.dilation, strict=True
        )
    )
