"""Which positions inside a footprint are really read, where that is not all of them.

A footprint is an interval; a run of dilated windows can leave holes in it. Along the lines of
a regular network (see ``states``) the positions that influence an element are the same set for
every element, moved by the effective stride: one bit per input position, 1 for read. Most
tensors have none but whole intervals, which is known without bits.

Whatever is no line (up-sampled or rearranged maps) counts as whole: no hole is claimed there, nor
in footprints longer than any image (``LONGEST``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Shape
from rfa_core.receptive.affine import contracted
from rfa_core.receptive.states import Line, Parts, union

LONGEST = 2**20
"""Pixels along an axis up to which positions are told apart: a file can claim any dilation."""


@dataclass(frozen=True, slots=True)
class Holed:
    """An interval with holes: bit ``b`` of ``bits`` is position ``lo + b``.

    ``dilated`` says that it was a dilation that opened a hole, or made one longer.
    """

    bits: int
    dilated: bool

    @property
    def read(self) -> int:
        return self.bits.bit_count()

    @property
    def span(self) -> int:
        return self.bits.bit_length()


Reads = Holed | None
"""None: no hole is known of."""


def place(state: object) -> Line | None:
    """The line of a state, over all its channels; None if it has none or is irregular."""
    if isinstance(state, Parts):
        state = contracted(state)
    return state if isinstance(state, Line) else None


def reads_of(
    operation: op.Operation,
    lines: Sequence[Line | None],
    reads: Sequence[Reads],
    shapes: Sequence[Shape],
    own: Line,
    shape: Shape,
) -> Reads:
    """What the result of ``operation``, whose line is ``own``, reads of its footprint."""
    if _size(own) > LONGEST:
        return None
    if isinstance(operation, (op.Window, op.Resample)):
        step = _step(operation, lines[0], shapes[0], shape)
        return reads[0] if step is None or lines[0] is None else _spread(*step, lines[0], reads[0])
    pairs = [(line, holed) for line, holed in zip(lines, reads, strict=True) if line is not None]
    return _united(pairs, own) if pairs else None


def left_open(graph: Graph, known: Mapping[str, Holed], regular: Collection[str]) -> set[str]:
    """The tensors with a hole of a dilation that nothing behind them fills.

    ``known`` has the tensors with holes, ``regular`` the names of those that have a line. A
    hole is filled if every regular tensor that is made of it is whole, or filled in its turn.
    """
    if not any(holed.dilated for holed in known.values()):
        return set()
    open_: dict[str, list[bool]] = {}
    left: set[str] = set()
    for node in reversed(graph.nodes):
        holed = known.get(node.name)
        if holed is not None and holed.dilated and any(open_.get(node.name, [True])):
            left.add(node.name)
        if node.name not in regular:
            continue
        for name in set(node.operands):
            open_.setdefault(name, []).append(node.name in left)
    return left


def _step(
    operation: op.Window | op.Resample, line: Line | None, source: Shape, shape: Shape
) -> tuple[int, int, bool] | None:
    """Taps, pixels between them and whether they are dilated, if they move along the line."""
    if line is None or line.dim not in operation.dims:
        return None
    if isinstance(operation, op.Resample):
        return source[line.dim] // shape[line.dim], line.stride, False
    at = operation.dims.index(line.dim)
    dilation = operation.dilation[at]
    return operation.kernel[at], dilation * line.stride, dilation > 1


def _spread(taps: int, gap: int, dilated: bool, line: Line, reads: Reads) -> Reads:
    """The union of ``taps`` copies, ``gap`` pixels apart."""
    size = _size(line)
    if taps == 1 or (reads is None and gap <= size):
        return reads
    before = _whole(size) if reads is None else reads.bits
    bits = before
    for tap in range(taps):
        bits |= before << (tap * gap)
    opened = dilated and _longest(bits) > _longest(before)
    return _holed(bits, opened or (reads is not None and reads.dilated))


def _united(pairs: Sequence[tuple[Line, Reads]], own: Line) -> Reads:
    """Several paths to the same element; their places are the same, moved by one shift at most."""
    hull = pairs[0][0].local
    for line, _ in pairs[1:]:
        hull = union(hull, line.local)
    if hull[1] - hull[0] != own.local[1] - own.local[0]:
        return None
    if any(reads is None and line.local == hull for line, reads in pairs):
        return None
    bits = 0
    for line, reads in pairs:
        own_bits = _whole(_size(line)) if reads is None else reads.bits
        bits |= own_bits << (line.local[0] - hull[0])
    return _holed(bits, any(reads is not None and reads.dilated for _, reads in pairs))


def _holed(bits: int, dilated: bool) -> Reads:
    return None if bits == _whole(bits.bit_length()) else Holed(bits, dilated)


def _whole(size: int) -> int:
    return (1 << size) - 1


def _size(line: Line) -> int:
    low, high = line.local
    return high - low + 1


def _longest(bits: int) -> int:
    """The length of the longest hole."""
    return max(map(len, f"{bits:b}".split("1")))
