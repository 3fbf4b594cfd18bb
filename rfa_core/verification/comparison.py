"""Claims and what a forward pass shows, compared element by element along one axis.

With NaN in pixels ``0..t``, an element is NaN if and only if its footprint begins at ``t`` or
before; with NaN in ``t..n-1``, if it ends at ``t`` or after. So two passes pin one end of
every footprint that ends there, and a few dozen passes pin both ends of some footprint of
every tensor, since footprints repeat with the stride. Every pass is compared with the claims
about all elements; an element that reads beyond the end of a tensor is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from rfa_core.agreement import Difference, Outcome
from rfa_core.frontends.base import Heard, Marks
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive.claims import Claim
from rfa_core.verification.ends import Ends, Flags, Whole, chosen, claimed_ends, pinned

CLEAN, EDGES = Marks(), Marks(edges=True)
FIRST = (CLEAN, EDGES)


@dataclass(slots=True)
class Comparison:
    """The results of ``graph`` along ``axis``, which has ``count`` pixels.

    ``look`` takes what passes show: those of ``FIRST`` first, then those that ``passes``
    chooses.
    """

    graph: Graph
    claims: Mapping[str, Claim]
    axis: int
    count: int
    differences: dict[str, Difference] = field(default_factory=dict)
    _gained: set[str] = field(default_factory=set)
    _masks: dict[Marks, dict[str, Flags]] = field(default_factory=lambda: {CLEAN: {}, EDGES: {}})
    _ends: dict[str, Ends] = field(default_factory=dict)
    _reached: dict[str, bool] = field(default_factory=dict)
    _pinned: tuple[Whole, Whole] = (np.empty(0, np.int64), np.empty(0, np.int64))

    def look(self, marks: Marks, name: str, spoilt: Flags) -> None:
        """What a pass shows of node ``name``: which elements of its result are NaN."""
        if name not in self.claims or not self.claims[name].exact:
            return
        if marks in self._masks:
            self._masks[marks][name] = spoilt
        elif name in self._masks[CLEAN]:
            self._compare(marks, self.graph[name], spoilt)

    def passes(self, every: bool = False) -> list[Marks]:
        """What to mark, so that both ends of footprints of every tensor are pinned.

        ``every``: those of all elements.
        """
        last = self.count - 1
        for name, own in self._masks[CLEAN].items():
            edge = self._masks[EDGES].get(name, np.ones_like(own))
            self._ends[name] = claimed_ends(self.claims[name], own, edge, self.count)
        kinds = [kind for ends in self._ends.values() for kind in ends.kinds()]
        begins = chosen(low for low, _ in kinds)
        ends = chosen(last - high for _, high in kinds)
        if every:
            begins = ends = frozenset(range(self.count))
        self._pinned = _array(pinned(begins)), last - _array(pinned(ends))
        quarter = self.count // 4
        before = [Marks(range(value + 1)) for value in sorted(begins | {quarter})]
        after = [Marks(range(last - value, last + 1)) for value in sorted(ends | {quarter})]
        return before + after

    def outcome(self, nodes: Iterable[Node], heard: Heard) -> tuple[Outcome, list[Difference]]:
        """What came of the nodes of one layer, and an element of each that differs."""
        found = [(node.name, self._node(node, heard)) for node in nodes]
        outcomes = [outcome for _, outcome in found if outcome is not None]
        wrong = [self.differences[name] for name, one in found if one is Outcome.DIFFERS]
        for best in (Outcome.DIFFERS, Outcome.AGREES):
            if best in outcomes:
                return best, wrong
        return (outcomes[-1] if outcomes else Outcome.UNREACHED), wrong

    def _node(self, node: Node, heard: Heard) -> Outcome | None:
        """None for a step inside an operation, which has no tensor of its own."""
        name, claim = node.name, self.claims[node.name]
        if not claim.exact:
            return Outcome.INEXACT
        if name not in heard.reached:
            return Outcome.UNREACHED
        if name not in self._masks[CLEAN]:
            return Outcome.DEAF if name in heard.deaf else None
        if name in self.differences:
            lost = name not in self._gained and _follows(self.graph, name, heard.deaf)
            return Outcome.DEAF if lost else Outcome.DIFFERS
        if claim.blind.all():
            return Outcome.GLOBAL
        return self._ends[name].outcome(*self._pinned)

    def _compare(self, marks: Marks, node: Node, spoilt: Flags) -> None:
        claim, ends = self.claims[node.name], self._ends[node.name]
        first, last = marks.coordinates[0], marks.coordinates[-1]
        self._reached[node.name] = bool((spoilt & ~claim.blind).any())
        if claim.blind.all():
            silent = not spoilt.any() and self._must_be_reached(node, len(marks.coordinates))
            wrong = np.full_like(spoilt, silent)
        else:
            claimed = ends.low <= last if first == 0 else ends.high >= first
            wrong = ends.comparable & (claimed != spoilt)
        if not wrong.any():
            return
        if (spoilt & wrong).any():
            self._gained.add(node.name)
        element = tuple(int(place) for place in np.argwhere(wrong)[0])
        footprint = None if claim.blind.all() else ends.at(element)
        found = (self.axis, node.name, element, footprint, (first, last), bool(spoilt[element]))
        self.differences.setdefault(node.name, Difference(*found))

    def _must_be_reached(self, node: Node, marked: int) -> bool:
        """Whether a global operation is shown a quarter of the input by one of its operands."""
        if marked != self.count // 4 + 1:
            return False
        if not isinstance(node.operation, (op.Contract, op.Everything)):
            return False
        return any(self._reached.get(name, False) for name in node.operands)


def _array(values: frozenset[int]) -> Whole:
    return np.array(sorted(values), dtype=np.int64)


def _follows(graph: Graph, name: str, before: frozenset[str]) -> bool:
    """Whether node ``name`` depends on one of ``before``."""
    waiting, known = [name], {name}
    while waiting:
        operands = set(graph[waiting.pop()].operands) - known
        if operands & before:
            return True
        known |= operands
        waiting.extend(operands)
    return False
