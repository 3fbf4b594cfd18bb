"""Values of a jaxpr that depend on no position of the input: weights, indices, masks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import prod
from typing import Any

import numpy as np

_LARGEST = 1 << 20
"""Elements of the largest value that is worked out."""


class Fixed:
    """A value that is the same for every input.

    ``sources`` are the weights that it is made of, by number. ``numbers`` works it out, if it is
    made of numbers that are known and small.
    """

    __slots__ = ("_compute", "_numbers", "dtype", "shape", "sources")

    def __init__(
        self,
        aval: Any,
        sources: frozenset[int] = frozenset(),
        compute: Callable[[], Any] | None = None,
    ) -> None:
        self.shape: tuple[int, ...] = tuple(aval.shape)
        self.dtype = aval.dtype
        self.sources = sources
        self._compute = compute
        self._numbers: Any = None

    def numbers(self) -> Any:
        """The value itself, or None where it is not known."""
        if self._numbers is None and self._compute is not None and prod(self.shape) <= _LARGEST:
            self._numbers, self._compute = self._compute(), None
        return self._numbers


def array(value: object) -> Any:
    """What ``value`` holds as a NumPy array; None if it is live, unknown or no numbers."""
    found = value.numbers() if isinstance(value, Fixed) else None
    return None if found is None else np.asarray(found)


def computed(eqn: Any, inputs: Sequence[Fixed]) -> list[Fixed]:
    """The results of an equation whose operands are all fixed, worked out when asked for."""
    sources = frozenset().union(*(one.sources for one in inputs))
    results: list[Any] = []

    def result(at: int) -> Any:
        if not results:
            results.append(_evaluated(eqn, inputs))
        return None if results[0] is None else results[0][at]

    return [Fixed(var.aval, sources, partial(result, at)) for at, var in enumerate(eqn.outvars)]


def _evaluated(eqn: Any, inputs: Sequence[Fixed]) -> list[Any] | None:
    given = [one.numbers() for one in inputs]
    if any(one is None for one in given):
        return None
    bound = eqn.primitive.get_bind_params(eqn.params)  # before JAX 0.10 with functions in front
    functions, params = bound if isinstance(bound, tuple) else ((), bound)
    found = eqn.primitive.bind(*functions, *given, **params)
    return list(found) if eqn.primitive.multiple_results else [found]
