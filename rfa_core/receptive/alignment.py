"""Whether the footprints that meet in a merge are centred on the same point.

The footprints of one element are compared over all operands of an addition or a concatenation:
how far their centres lie apart, in input pixels. A map says nothing about what is finer than
its own step (average pooling of 2x2 is centred half a pixel beside a 1x1 convolution of
stride 2, nearest up-sampling moves every element within its cell), so less than half a step of
the coarsest map that meets counts as aligned. Source: Araujo, Norris and Sim, "Computing
Receptive Fields of Convolutional Neural Networks" (Distill 2019), on alignment.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node, Shape
from rfa_core.receptive.states import Line

_MOVES = (op.Slice, op.Select, op.Gather, op.Pad)


@dataclass(frozen=True, slots=True)
class Offset:
    """The outermost centres are ``pixels`` apart; ``step`` is that of the coarsest map.

    ``flush`` says that all footprints begin, or all end, at the same position.
    """

    pixels: Fraction
    step: Fraction
    flush: bool

    @property
    def off(self) -> bool:
        return self.pixels > 0 and 2 * self.pixels >= self.step


def misaligned(offsets: Sequence[Offset | None]) -> tuple[Fraction, ...]:
    """Per axis, the pixels between the centres where that is half a step or more (else 0).

    Along a single axis, footprints that are flush are causal on purpose (a temporal
    convolution padded on one side next to its shortcut) and count as aligned.
    """
    off = [offset is not None and offset.off for offset in offsets]
    if sum(off) == 1 and (causal := offsets[off.index(True)]) and causal.flush:
        return (Fraction(0),) * len(offsets)
    return tuple(
        offset.pixels if offset is not None and offset.off else Fraction(0) for offset in offsets
    )


def offset(
    states: Sequence[object], lines: Sequence[Line | None], shapes: Sequence[Shape]
) -> Offset | None:
    """How the footprints of the operands of a merge lie along one axis.

    None if their centres are the same, or cannot be compared.
    ``lines`` are those of ``states``, where they have one over all their channels.
    """
    known = [line for line in lines if line is not None]
    grids = {
        (line.dim - len(shape), line.stride)
        for line, shape in zip(lines, shapes, strict=True)
        if line is not None
    }
    if len(known) == len(states) and len(grids) == 1:
        return _of_lines(known)
    tables = import_module("rfa_core.receptive.table_alignment")
    return tables.offset(states, shapes)  # type: ignore[no-any-return]


def branches(graph: Graph, node: Node) -> bool:
    """Whether the operands of ``node`` come from several tensors, not from parts of one.

    Phases of a map that are cut out and put together again (space-to-depth) are no branches.
    """
    return len({_root(graph, name) for name in node.operands}) > 1


def _root(graph: Graph, name: str) -> str:
    node = graph[name]
    while isinstance(node.operation, _MOVES):
        node = graph[node.operands[0]]
    return node.name


def _of_lines(lines: Sequence[Line]) -> Offset | None:
    lows, highs = zip(*(line.local for line in lines), strict=True)
    twice = [low + high for low, high in zip(lows, highs, strict=True)]
    apart = max(twice) - min(twice)
    if not apart:
        return None
    flush = len(set(lows)) == 1 or len(set(highs)) == 1
    return Offset(Fraction(apart, 2), Fraction(lines[0].stride), flush)
