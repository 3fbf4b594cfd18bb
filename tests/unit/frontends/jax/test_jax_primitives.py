"""Footprints of JAX's primitives are those that its own results show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

jax = pytest.importorskip("jax")
jnp, lax = jax.numpy, jax.lax

pytestmark = pytest.mark.jax

Function = Callable[[Any], Any]


def kernel(*shape: int) -> Any:
    return jnp.ones(shape) * 0.1


def convolved(x: Any, k: Any, **options: Any) -> Any:
    options = {"window_strides": (1, 1), "padding": "SAME", **options}
    return lax.conv_general_dilated(x, k, dimension_numbers=("NHWC", "HWIO", "NHWC"), **options)


def pooled(x: Any, **options: Any) -> Any:
    size = {"window_dimensions": (1, 3, 2, 1), "window_strides": (1, 2, 1, 1), "padding": "SAME"}
    return lax.reduce_window(x, -jnp.inf, lax.max, **{**size, **options})


def attention(x: Any) -> Any:
    y = x.reshape(1, 6, 4, 24, 2).transpose(0, 1, 3, 2, 4)
    weights = jax.nn.softmax(jnp.einsum("nawic,nawjc->nawij", y, y))
    return jnp.einsum("nawij,nawjc->nawic", weights, y)


def to_depth(x: Any) -> Any:
    return x.reshape(1, 12, 2, 8, 3, 2).transpose(0, 1, 3, 2, 4, 5).reshape(1, 12, 8, 12)


def reflected(x: Any) -> Any:
    return jnp.pad(x, ((0, 0), (3, 2), (1, 4), (0, 0)), mode="reflect")[:, 4:-4, 2:-5]


def wrapped(x: Any) -> Any:
    y = jnp.pad(x, ((0, 0), (1, 1), (0, 0), (0, 0)), mode="wrap")
    return convolved(y, kernel(3, 1, 2, 2), padding="VALID")[:, 1:-1]


def loop(x: Any) -> Any:
    return lax.fori_loop(0, 3, lambda _, y: convolved(y, kernel(3, 3, 2, 2)), x)


def carried(x: Any) -> Any:
    rows = jnp.moveaxis(x, 1, 0)
    return lax.scan(lambda c, row: (c * 0.5 + row, c + row), rows[0] * 0, rows, reverse=True)[1]


def cond(x: Any) -> Any:
    return lax.cond(
        jnp.ones(()) > 2, lambda y: convolved(y, kernel(5, 5, 2, 2)), lambda y: y * 2, x
    )


@jax.custom_vjp
def doubled(x: Any) -> Any:
    return x * 2


doubled.defvjp(lambda x: (x * 2, None), lambda _, g: (g * 2,))

EXACT: dict[str, Function] = {
    "convolution": lambda x: convolved(x, kernel(3, 5, 2, 4)),
    "strides and dilation": lambda x: convolved(
        x, kernel(3, 2, 2, 4), window_strides=(2, 3), rhs_dilation=(2, 1), padding=((1, 0), (3, 2))
    ),
    "groups": lambda x: convolved(x, kernel(3, 3, 1, 4), feature_group_count=2),
    "groups of the batch": lambda x: convolved(
        jnp.concatenate([x, x[:, ::-1]]), kernel(3, 3, 2, 4), batch_group_count=2
    ),
    "transposed": lambda x: convolved(
        x, kernel(4, 3, 2, 2), lhs_dilation=(2, 3), padding=((2, 2), (1, 5))
    ),
    "transposed with more padding than kernel": lambda x: convolved(
        x, kernel(2, 2, 2, 2), lhs_dilation=(2, 2), padding=((4, 3), (-1, 2))
    ),
    "transposed and dilated": lambda x: convolved(
        x, kernel(3, 3, 2, 2), lhs_dilation=(2, 3), rhs_dilation=(3, 2), padding=((0, 1), (3, 2))
    ),
    "transposed and strided": lambda x: convolved(
        x, kernel(3, 4, 2, 2), lhs_dilation=(2, 3), window_strides=(3, 2), padding=((1, 2), (2, 2))
    ),
    "conv_transpose": lambda x: lax.conv_transpose(
        x, kernel(4, 5, 2, 2), (2, 3), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    ),
    "layouts": lambda x: lax.conv_general_dilated(
        x, kernel(4, 3, 2, 5), (1, 2), "VALID", dimension_numbers=("NHWC", "OHIW", "CWNH")
    ),
    "max pooling": pooled,
    "dilated pooling": lambda x: pooled(
        x, window_dilation=(1, 2, 3, 1), base_dilation=(1, 1, 2, 1)
    ),
    "average pooling": lambda x: lax.reduce_window(
        x, 0.0, lax.add, (1, 2, 3, 1), (1, 2, 2, 1), ((0, 0), (1, 0), (0, 0), (0, 0))
    ),
    "pooling along one dimension": lambda x: pooled(x, window_dimensions=(1, 5, 1, 1)),
    "any pooling": lambda x: lax.reduce_window(
        x, 1.0, lambda a, b: a * b + a, (1, 2, 2, 1), (1, 2, 2, 1), "VALID"
    ),
    "skip": lambda x: (
        convolved(jax.nn.gelu(convolved(x, kernel(3, 3, 2, 2))), kernel(1, 3, 2, 2)) + x
    ),
    "window attention": attention,
    "softmax over channels": lambda x: jax.nn.softmax(x, axis=-1),
    "mean": lambda x: x.mean((1, 2)),
    "mean over one axis": lambda x: jnp.mean(x, axis=1, keepdims=True) + x[:, :1],
    "argmax": lambda x: jnp.argmax(x, -1) + x[..., 0],
    "matrix": lambda x: jnp.tensordot(x, kernel(2, 7), 1),
    "contraction of positions": lambda x: jnp.einsum("nhwc,wk->nhkc", x, kernel(24, 3)),
    "product of both": lambda x: jnp.einsum("nhwc,nhwd->nhwcd", x, x[:, ::-1]),
    "reshape and transpose": lambda x: x.reshape(1, 12, 2, 24, 2).transpose(0, 2, 1, 3, 4),
    "space to depth": to_depth,
    "slices": lambda x: x[:, 3:20:2, ::-3],
    "one index": lambda x: x[:, 5, :, 1] + x[:, :, 7, 0],
    "indices": lambda x: x[:, np.array([5, 1, 1, 20]), :],
    "pairs of indices": lambda x: x[:, np.array([1, 2, 20]), np.array([3, 3, 9])],
    "separated indices": lambda x: x[:, np.array([1, 2, 20]), :, np.array([0, 1, 1])],
    "computed on known numbers": lambda x: jnp.take(x, jnp.arange(8) * 3 - 2, axis=2, mode="clip"),
    "ix": lambda x: x[0][jnp.ix_(np.array([4, 2]), np.array([9, 11, 3]))],
    "dynamic slice": lambda x: lax.dynamic_slice(x, (0, jnp.int32(4), 30, 0), (1, 5, 6, 2)),
    "slice assignment": lambda x: x.at[:, 2:5, 3].set(x[:, 10:13, 0] * 2),
    "one row set": lambda x: x.at[:, 4].set(x[:, 9]),
    "added to": lambda x: x.at[:, 4].add(x[:, 9]),
    "updated": lambda x: lax.dynamic_update_slice(x, x[:, :3, :4] * 3, (0, 5, 6, 0)),
    "padded": lambda x: lax.pad(x, 0.0, ((0, 0, 0), (2, 1, 0), (-1, 3, 0), (0, 0, 0))),
    "padded between": lambda x: lax.pad(x, 0.0, ((0, 0, 0), (2, -1, 2), (0, 0, 1), (0, 0, 0))),
    "reflected": reflected,
    "wrapped": wrapped,
    "concatenated": lambda x: jnp.concatenate([x, x[:, ::-1] * 2, jnp.ones((1, 1, 24, 2))], 1),
    "stacked": lambda x: jnp.stack([x, x[:, :, ::-1]], 2),
    "repeated": lambda x: jnp.repeat(x, 3, axis=1),
    "tiled": lambda x: jnp.tile(x, (1, 2, 1, 1)),
    "rolled": lambda x: jnp.roll(x, (3, -2), (1, 2)),
    "reversed": lambda x: jnp.flip(x, (1, 2)),
    "split": lambda x: jnp.split(x, 3, 1)[1] + jnp.split(x, 3, 1)[2],
    "triangular": lambda x: jnp.tril(x[0, :, :, 0]) + x[0, :, :, 1],
    "chosen": lambda x: jnp.where(x[:, ::-1] > 0, x, x + x[:, ::-1]),
    "clipped": lambda x: jnp.clip(x, 0.0, 1.0),
    "cumulative sum": lambda x: jnp.cumsum(x[..., 0], axis=1)[:, -1] + x[:, 0, :, 1] * 0,
    "spectrum": lambda x: jnp.abs(jnp.fft.rfft2(x[..., 0])),
    "recomputed": jax.checkpoint(lambda x: convolved(x, kernel(3, 3, 2, 2))),
    "compiled": jax.jit(lambda x: jax.nn.relu(convolved(x, kernel(3, 3, 2, 2)))),
    "custom derivative": doubled,
    "mapped": jax.vmap(lambda x: convolved(x[None], kernel(3, 3, 2, 2))[0]),
    "loop": loop,
    "branch that is known": cond,
    "carried": carried,
    "embedding": lambda x: jnp.ones((10, 4))[jnp.clip(x[..., 0], 0, 9).astype(int)] + x[..., :1],
}


@pytest.mark.parametrize("name", EXACT)
def test_what_is_claimed_is_what_becomes_nan(name: str, held: Callable[..., int]) -> None:
    assert held(EXACT[name]) > 0


def test_negative_padding(held: Callable[..., int]) -> None:
    def cut(x: Any) -> Any:
        return convolved(x, kernel(3, 3, 2, 4), padding=((-2, -1), (0, -3)))

    assert held(cut, oracle="response") > 0


@pytest.mark.parametrize("method", ["nearest", "linear", "cubic", "lanczos3", "lanczos5"])
@pytest.mark.parametrize("size", [(1, 48, 36, 2), (1, 15, 8, 2), (1, 31, 24, 2)])
@pytest.mark.parametrize("antialias", [False, True])
def test_resizing_reads_what_it_responds_to(
    method: str, size: tuple[int, ...], antialias: bool, held: Callable[..., int]
) -> None:
    def resize(x: Any) -> Any:
        return jax.image.resize(x, size, method, antialias=antialias)

    assert held(resize, oracle="response") > 0


def test_volumes_and_sequences(held: Callable[..., int]) -> None:
    def volume(x: Any) -> Any:
        numbers = ("NDHWC", "DHWIO", "NDHWC")
        k = kernel(3, 2, 1, 1, 2)
        return lax.conv_general_dilated(x, k, (1, 2, 1), "SAME", dimension_numbers=numbers)

    def sequence(x: Any) -> Any:
        numbers = ("NWC", "WIO", "NWC")
        return lax.conv_general_dilated(
            x, kernel(3, 2, 2), (1,), ((4, 0),), rhs_dilation=(2,), dimension_numbers=numbers
        )

    assert held(volume, (1, "D", "H", "W", 1), H=12, W=12) > 0
    assert held(sequence, (1, "T", 2)) > 0
