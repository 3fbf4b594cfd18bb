"""Whatever the parameters of a convolution or of pooling, footprints are what it reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

jax = pytest.importorskip("jax")
jnp, lax = jax.numpy, jax.lax

pytestmark = pytest.mark.jax

always = settings(
    deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
small = st.integers(1, 3)
sides = st.tuples(st.integers(-3, 7), st.integers(-3, 7))
COUNT = 20


def positions(kernel: int, stride: int, spread: int, step: int, sides: tuple[int, int]) -> int:
    """How many positions come out of ``COUNT``."""
    whole = (COUNT - 1) * spread + 1 + sum(sides)
    return (whole - (kernel - 1) * step - 1) // stride + 1


@settings(always, max_examples=40)
@given(
    st.integers(1, 5), small, st.integers(1, 4), small, sides,
    st.sampled_from(["NWC", "NCW", "CWN"]), st.sampled_from([1, 2]), st.booleans(),
)  # fmt: skip
def test_convolutions(
    held: Callable[..., int],
    kernel: int,
    stride: int,
    spread: int,
    step: int,
    sides: tuple[int, int],
    out: str,
    groups: int,
    batches: bool,
) -> None:
    assume(positions(kernel, stride, spread, step, sides) > 0)
    by_batch = groups if batches else 1
    weights = jnp.ones((kernel, 2 if batches else 2 // groups, 4)) * 0.5

    def convolution(x: Any) -> Any:
        return lax.conv_general_dilated(
            jnp.concatenate([x] * by_batch),
            weights,
            (stride,),
            (sides,),
            (spread,),
            (step,),
            ("NWC", "WIO", out),
            groups if not batches else 1,
            by_batch,
        )

    held(convolution, (1, "T", 2), oracle="response", T=COUNT)


@settings(always, max_examples=25)
@given(st.integers(1, 5), small, small, small, sides)
def test_pooling(
    held: Callable[..., int],
    kernel: int,
    stride: int,
    spread: int,
    step: int,
    sides: tuple[int, int],
) -> None:
    assume(positions(kernel, stride, spread, step, sides) > 0)

    def pooling(x: Any) -> Any:
        return lax.reduce_window(
            x, 0.0, lax.add, (1, kernel, 1), (1, stride, 1), ((0, 0), sides, (0, 0)),
            (1, spread, 1), (1, step, 1),
        )  # fmt: skip

    held(pooling, (1, "T", 2), oracle="response", T=COUNT)
