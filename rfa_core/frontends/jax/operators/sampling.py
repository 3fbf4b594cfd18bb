"""Primitives whose data decide which positions are read."""

from __future__ import annotations

from collections.abc import Sequence

from rfa_core.frontends.jax.equations import Equation, Value
from rfa_core.frontends.jax.reading import Reader
from rfa_core.frontends.jax.registry import translates

_SAMPLES = {
    "approx_top_k": "top-k chooses positions by their values",
    "select_and_scatter_add": "values are written where a maximum was found",
    "select_and_scatter": "values are written where a maximum was found",
    "sort": "sort orders positions by their values",
    "top_k": "top-k chooses positions by their values",
}


@translates(*_SAMPLES)
def _sampled(reader: Reader, eqn: Equation) -> Sequence[Value]:
    return reader.sampled(eqn, _SAMPLES[eqn.name])
