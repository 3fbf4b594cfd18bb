"""Two oracles for functions of JAX: what becomes NaN, and what responds.

NaN in one coordinate of an axis spreads to whatever reads it. Where numbers that are known to be
zero are no connection (resizing multiplies by matrices), random numbers in that coordinate and
zeros elsewhere tell, as long as the function is linear.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rfa_core.frontends import input_spec
from rfa_core.frontends.base import InputSpec
from rfa_core.receptive.claims import claims

sys.path.insert(0, str(Path(__file__).parent))

Oracle = Callable[[Callable[..., Any], tuple[int, ...], int], Any]
SIZES = {"T": 24, "H": 24, "W": 24, "D": 12}


@pytest.fixture
def held() -> Callable[..., int]:
    """Holds the analysis of a function to an oracle; returns how many elements were compared.

    Elements whose footprint ends inside the image (on the other axes, too: beyond them there is
    padding, which is never NaN) see exactly what is claimed; those at its ends no more than that.
    """

    def hold(
        function: Callable[..., Any],
        shape: Sequence[int | str] = (1, "H", "W", 2),
        oracle: str = "nan",
        **sizes: int,
    ) -> int:
        spec = input_spec(shape, "given")
        resolution = tuple(sizes.get(name, SIZES[name]) for name in spec.axes)
        return sum(_axis(function, spec, resolution, axis, oracle) for axis in range(spec.count))

    return hold


def _axis(
    function: Callable[..., Any],
    spec: InputSpec,
    resolution: tuple[int, ...],
    axis: int,
    oracle: str,
) -> int:
    from rfa_core.frontends.jax import FRONTEND
    from rfa_core.frontends.jax.models import Function

    graph = FRONTEND.trace(Function(function), spec, resolution, "function")
    every = [found[graph.outputs[0]] for found in claims(graph)]
    claim = every[axis]
    (tensor,) = spec.tensors
    seen = _ORACLES[oracle](function, tensor.at(resolution), tensor.axes.index(axis))
    low = np.broadcast_to(claim.low, seen.shape[1:])
    high = np.broadcast_to(claim.high, seen.shape[1:])
    context = np.broadcast_to(claim.context, seen.shape[1:])
    assert claim.exact
    count = len(seen)
    whole = seen.all(0)
    assert whole[context].all(), "claimed to be global, and is not"
    first = np.where(seen.any(0), seen.argmax(0), np.inf)
    last = np.where(seen.any(0), count - 1 - seen[::-1].argmax(0), -np.inf)
    inside = (low > 0) & (high < count - 1) & ~context
    for other, size in zip(every, resolution, strict=True):
        inside = inside & (other.context | ((other.low >= 0) & (other.low <= other.high)))
        inside = inside & (other.high < size)
    np.testing.assert_array_equal(first[inside], low[inside])
    np.testing.assert_array_equal(last[inside], high[inside])
    assert ((first >= low) | context).all()
    assert ((last <= high) | context).all()
    return int(inside.sum()) + int(context.sum())


def _nan(function: Callable[..., Any], shape: tuple[int, ...], dim: int) -> Any:
    """Per coordinate which results are NaN."""
    import jax

    return np.isnan(jax.jit(jax.vmap(function))(_lines(shape, dim, 0.5, np.nan)))


def _response(function: Callable[..., Any], shape: tuple[int, ...], dim: int) -> Any:
    """Per coordinate what a linear function makes of random numbers there, and zeros elsewhere."""
    import jax

    noise = np.random.default_rng(0).uniform(0.5, 1.5, (shape[dim], *shape))
    lines = _lines(shape, dim, 0.0, 1.0) * noise.astype(np.float32)
    return np.abs(np.asarray(jax.vmap(function)(lines))) > 1e-6


def _lines(shape: tuple[int, ...], dim: int, elsewhere: float, there: float) -> Any:
    images = np.full((shape[dim], *shape), elsewhere, np.float32)
    for place, image in enumerate(images):
        image.swapaxes(0, dim)[place] = there
    return images


_ORACLES: dict[str, Oracle] = {"nan": _nan, "response": _response}
