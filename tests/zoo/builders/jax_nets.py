"""The blueprints as Flax modules in Linen, with SAME padding."""

from __future__ import annotations

from collections.abc import Sequence

from blueprints import BLUEPRINTS, Tensor
from flax import linen
from jax import numpy as jnp


def build(name: str) -> linen.Module:
    """A module without parameters."""
    return Net(name)


class Net(linen.Module):
    blueprint: str

    @linen.compact
    def __call__(self, image: Tensor) -> Tensor:
        return BLUEPRINTS[self.blueprint](self, image)

    def conv(
        self,
        name: str,
        x: Tensor,
        filters: int,
        kernel: int,
        stride: int = 1,
        dilation: int = 1,
        depthwise: bool = False,
    ) -> Tensor:
        x = linen.Conv(
            filters,
            (kernel, kernel),
            (stride, stride),
            "SAME",
            kernel_dilation=dilation,
            feature_group_count=x.shape[-1] if depthwise else 1,
            use_bias=False,
            name=name,
        )(x)
        return linen.BatchNorm(use_running_average=True, name=f"{name}norm")(x)

    def up(self, name: str, x: Tensor, filters: int) -> Tensor:
        return linen.ConvTranspose(filters, (2, 2), (2, 2), "VALID", name=name)(x)

    def pool(self, x: Tensor, kernel: int, stride: int) -> Tensor:
        return linen.max_pool(x, (kernel, kernel), (stride, stride), "SAME")

    def relu(self, x: Tensor) -> Tensor:
        return linen.relu(x)

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        return jnp.concatenate(parts, -1)

    def mean(self, x: Tensor) -> Tensor:
        return x.mean((1, 2))

    def dense(self, name: str, x: Tensor, units: int) -> Tensor:
        return linen.Dense(units, name=name)(x)
