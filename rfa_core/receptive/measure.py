"""From the state of a tensor to the numbers that are reported."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from importlib import import_module

from rfa_core.graph.model import Shape
from rfa_core.receptive.affine import contracted
from rfa_core.receptive.states import Everything, Line, Nothing, Parts


@dataclass(frozen=True, slots=True)
class Measure:
    """One tensor along one axis.

    ``min`` and ``max`` in input pixels (None: infinite; no local path), the effective
    ``stride`` in pixels per index and the number of positions on the ``map`` (None where
    the tensor does not run along the axis).
    """

    min: int | None
    max: int | None
    context: bool
    stride: Fraction | None = None
    map: int | None = None


GLOBAL = Measure(None, None, context=True)
CONSTANT = Measure(0, 0, context=False)


def measure(state: object, shape: Shape) -> Measure:
    """The largest sizes over the central half of the positions."""
    if isinstance(state, Line):
        return _of_line(state, shape)
    if isinstance(state, Everything):
        return GLOBAL
    if isinstance(state, Nothing):
        return CONSTANT
    if isinstance(state, Parts) and (united := contracted(state)) is not None:
        return measure(united, shape)
    tables = import_module("rfa_core.receptive.table_measure")
    return tables.measure_table(state, shape)  # type: ignore[no-any-return]


def _of_line(line: Line, shape: Shape) -> Measure:
    low, high = line.shortest
    first, last = line.local
    stride = _fraction(line.stride)
    return Measure(high - low + 1, last - first + 1, line.context, stride, shape[line.dim])


_fraction = lru_cache(maxsize=1024)(Fraction)
