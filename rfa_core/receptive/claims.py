"""What the analysis claims of every element of every tensor, for an oracle to check.

A claim is the local footprint along one axis, element by element, and where it holds: a
footprint is unclipped, so nothing can be observed of elements that read positions that do
not exist. For the comparison, an operation that makes something global leaves only global
paths: in softmax(QK), the query's own path goes with the keys'. ``docs/semantics.md`` says what
is compared (*Held to a forward pass*).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

import numpy as np
import numpy.typing as npt

from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node, Shape
from rfa_core.receptive.grid import CONTEXT, L_HI, L_LO, Array
from rfa_core.receptive.propagate import running_dims, walk
from rfa_core.receptive.states import Everything, Nothing
from rfa_core.receptive.table import INF, as_table
from rfa_core.receptive.taps import Taps, resample_taps, window_taps

Edges = tuple[tuple[int, tuple[int, ...]], ...]
"""Dimensions, and the indices along them that read beyond the end of the operand."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One tensor along one axis, in input coordinates.

    ``low`` and ``high`` can be broadcast to the tensor's shape; ``(inf, -inf)`` where there
    is no local path, ``context`` where some path is global. ``edges`` names what this
    operation reads beyond its operand; ``continued`` dimensions along other axes that it pads
    with so many positions before and after: zeros there continue the image. ``exact`` is False
    where only a bound is known.
    """

    low: Array
    high: Array
    context: npt.NDArray[np.bool_]
    edges: Edges
    continued: tuple[tuple[int, int, int], ...]
    exact: bool

    @property
    def blind(self) -> npt.NDArray[np.bool_]:
        """The elements with global paths only."""
        return np.asarray(self.context & (self.high < self.low))


def claims(graph: Graph) -> tuple[dict[str, Claim], ...]:
    """Per axis the claims about the results of all nodes, by node name."""
    found: tuple[dict[str, Claim], ...] = tuple({} for _ in range(graph.axes))
    running: dict[str, tuple[set[int], ...]] = {}
    for node, states, footprint in walk(graph, cut=True):
        own = states[node.name]
        running[node.name] = tuple(map(running_dims, own))
        along = running[node.operands[0]] if node.operands else (set[int](),) * graph.axes
        source = graph[node.operands[0]].shape if node.operands else ()
        for axis, state in enumerate(own):
            elsewhere = set[int]().union(*along) - along[axis]
            varying = _varying(found[axis][node.operands[0]]) if node.operands else set[int]()
            found[axis][node.name] = Claim(
                *_footprints(state, node.shape),
                tuple(_edges(node, source, along[axis], varying)),
                tuple(_continued(node, elsewhere)),
                not footprint.inexact,
            )
    return found


def _footprints(state: object, shape: Shape) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    if isinstance(state, (Nothing, Everything)):
        wide = (1,) * len(shape)
        context = np.full(wide, isinstance(state, Everything))
        return np.full(wide, INF), np.full(wide, -INF), context
    grids = [grid.data for grid in as_table(state, shape).grids]  # type: ignore[arg-type]
    return (
        reduce(np.minimum, (data[L_LO] for data in grids)),
        reduce(np.maximum, (data[L_HI] for data in grids)),
        reduce(np.maximum, (data[CONTEXT] for data in grids)) > 0,
    )


def _continued(node: Node, elsewhere: set[int]) -> Iterable[tuple[int, int, int]]:
    operation = node.operation
    if isinstance(operation, op.Pad) and operation.mode == "constant":
        for dim in sorted(elsewhere):
            yield dim, max(0, operation.before[dim]), max(0, operation.after[dim])


def _varying(claim: Claim) -> set[int]:
    """The dimensions along which the footprints differ; not all of them need run on evenly."""
    return {dim for dim, size in enumerate(claim.low.shape) if size > 1}


def _edges(
    node: Node, source: Shape, along: set[int], varying: set[int]
) -> Iterable[tuple[int, tuple[int, ...]]]:
    """Outputs that read beyond the operand along the dimensions that run along the axis.

    Along other dimensions a window that reads something inside shows the same with zeros
    around it, unless the footprints differ there.
    """
    operation, shape = node.operation, node.shape
    if isinstance(operation, op.Pad) and operation.mode != "circular":
        for dim in sorted(along):
            before, after = max(0, operation.before[dim]), max(0, operation.after[dim])
            yield dim, (*range(before), *range(shape[dim] - after, shape[dim]))
    elif isinstance(operation, op.Window):
        for place, dim in enumerate(operation.dims):
            partly = dim in along | varying
            yield dim, _outside(window_taps(operation, place, shape[dim]), source[dim], partly)
    elif isinstance(operation, op.Resample):
        for place, dim in enumerate(operation.dims):
            if dim in along and not operation.copies(source[dim], shape[dim]):
                taps = resample_taps(operation, place, source[dim], shape[dim])
                yield dim, _outside(taps, source[dim], True)


def _outside(taps: Taps, size: int, partly: bool) -> tuple[int, ...]:
    """The outputs that read beyond the end: with some tap (``partly``), or with all."""
    valid = np.ones_like(taps.index, dtype=np.bool_) if taps.valid is None else taps.valid
    inside = (taps.index >= 0) & (taps.index < size)
    beyond = (valid & ~inside).any(axis=1)
    return tuple(
        np.flatnonzero(beyond if partly else beyond & ~(valid & inside).any(axis=1)).tolist()
    )
