"""Blocks from helper functions and base classes, shared by several models."""

from __future__ import annotations

from torch import Tensor, nn


def conv_block(planes_in: int, planes: int, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(planes_in, planes, kernel, stride=stride, padding=kernel // 2),
        nn.BatchNorm2d(planes),
        nn.ReLU(),
    )


class Base(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = conv_block(3, 8, 7, stride=4)
        self.early = conv_block(8, 8, 7)
        self.middle = conv_block(8, 8, 7)
        self.late = conv_block(8, 8, 7)

    def forward(self, x: Tensor) -> Tensor:
        return self.late(self.middle(self.early(self.stem(x))))


class Deeper(Base):
    def __init__(self) -> None:
        super().__init__()
        self.extra = conv_block(8, 8)  # expect: RFA101 Wrapped
        self.last = nn.Conv2d(8, 8, 3, padding=1)  # expect: RFA101 Wrapped

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.extra(super().forward(x)))


class Wrapped(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.base = Deeper()
        self.extra = conv_block(8, 8)  # expect: RFA101 Wrapped

    def forward(self, x: Tensor) -> Tensor:
        return self.extra(self.base(x))


def shallow() -> nn.Module:
    return nn.Sequential(conv_block(3, 8), conv_block(8, 8))


def deep() -> nn.Module:
    blocks = [conv_block(3, 8, stride=4), conv_block(8, 8, 17)]
    blocks += [conv_block(8, 8) for _ in range(2)]  # expect: RFA101 deep
    return nn.Sequential(*blocks)
