"""The blueprints as ``torch.nn.Module``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from blueprints import BLUEPRINTS, Blueprint, Tensor
from torch import nn

SIZE = 64
"""Pixels per axis of the first pass, which makes the layers."""


def build(name: str) -> nn.Module:
    """A module whose ``forward`` is the blueprint."""
    return Net(BLUEPRINTS[name]).eval()


class Net(nn.Module):
    def __init__(self, blueprint: Blueprint) -> None:
        super().__init__()
        self.blueprint = blueprint
        with torch.device("meta"):
            self(torch.empty(1, 3, SIZE, SIZE))

    def forward(self, x: Tensor) -> Tensor:
        return self.blueprint(self, x)

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
        x = self._layer(
            name,
            lambda: nn.Conv2d(
                x.shape[1],
                filters,
                kernel,
                stride,
                padding=dilation * (kernel // 2),
                dilation=dilation,
                groups=x.shape[1] if depthwise else 1,
                bias=False,
            ),
        )(x)
        return self._layer(f"{name}norm", lambda: nn.BatchNorm2d(filters))(x)

    def up(self, name: str, x: Tensor, filters: int) -> Tensor:
        return self._layer(name, lambda: nn.ConvTranspose2d(x.shape[1], filters, 2, 2))(x)

    def pool(self, x: Tensor, kernel: int, stride: int) -> Tensor:
        return nn.functional.max_pool2d(x, kernel, stride, padding=(kernel - 1) // 2)

    def relu(self, x: Tensor) -> Tensor:
        return x.relu()

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        return x + y

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        return torch.cat(list(parts), 1)

    def mean(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))

    def dense(self, name: str, x: Tensor, units: int) -> Tensor:
        return self._layer(name, lambda: nn.Linear(x.shape[1], units))(x)

    def _layer(self, name: str, make: Callable[[], nn.Module]) -> nn.Module:
        if name not in self._modules:
            self.add_module(name, make())
        return self.get_submodule(name)
