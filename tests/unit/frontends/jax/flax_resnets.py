"""ResNets in Flax, with PyTorch's paddings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flax import linen, nnx


class LinenBasic(linen.Module):
    features: int
    stride: int

    @linen.compact
    def __call__(self, x: Any, train: bool) -> Any:
        y = x
        for n, stride in ((1, self.stride), (2, 1)):
            y = _conv(self.features, 3, stride, f"conv{n}")(y)
            y = linen.BatchNorm(use_running_average=not train, name=f"bn{n}")(y)
            y = linen.relu(y) if n == 1 else y
        return linen.relu(y + _shortcut(x, y, self.stride, train))


class LinenBottleneck(linen.Module):
    features: int
    stride: int

    @linen.compact
    def __call__(self, x: Any, train: bool) -> Any:
        y = x
        for n, (width, kernel, stride) in enumerate(
            ((self.features, 1, 1), (self.features, 3, self.stride), (4 * self.features, 1, 1)), 1
        ):
            y = _conv(width, kernel, stride, f"conv{n}")(y)
            y = linen.BatchNorm(use_running_average=not train, name=f"bn{n}")(y)
            y = linen.relu(y) if n < 3 else y
        return linen.relu(y + _shortcut(x, y, self.stride, train))


class LinenResNet(linen.Module):
    stages: Sequence[int]
    block: Any

    @linen.compact
    def __call__(self, x: Any, train: bool = True) -> Any:
        x = _conv(64, 7, 2, "conv1")(x)
        x = linen.relu(linen.BatchNorm(use_running_average=not train, name="bn1")(x))
        x = linen.max_pool(x, (3, 3), (2, 2), ((1, 1), (1, 1)))
        for stage, count in enumerate(self.stages):
            for n in range(count):
                stride = 2 if stage and not n else 1
                x = self.block(64 * 2**stage, stride, name=f"layer{stage + 1}_{n}")(x, train)
        return linen.Dense(1000, name="fc")(x.mean((1, 2)))


def _conv(features: int, kernel: int, stride: int, name: str) -> linen.Conv:
    around = (kernel // 2, kernel // 2)
    return linen.Conv(
        features, (kernel, kernel), stride, (around, around), use_bias=False, name=name
    )


def _shortcut(x: Any, y: Any, stride: int, train: bool) -> Any:
    if x.shape == y.shape:
        return x
    x = _conv(y.shape[-1], 1, stride, "downsample_0")(x)
    return linen.BatchNorm(use_running_average=not train, name="downsample_1")(x)


class NnxBasic(nnx.Module):
    def __init__(self, width: int, features: int, stride: int, *, rngs: nnx.Rngs) -> None:
        around = ((1, 1), (1, 1))
        self.conv1 = nnx.Conv(
            width, features, (3, 3), strides=stride, padding=around, use_bias=False, rngs=rngs
        )
        self.bn1 = nnx.BatchNorm(features, rngs=rngs)
        self.conv2 = nnx.Conv(features, features, (3, 3), padding=around, use_bias=False, rngs=rngs)
        self.bn2 = nnx.BatchNorm(features, rngs=rngs)
        self.downsample = _downsample(width, features, stride, rngs) if stride > 1 else None

    def __call__(self, x: Any) -> Any:
        y = self.bn2(self.conv2(nnx.relu(self.bn1(self.conv1(x)))))
        return nnx.relu(y + (x if self.downsample is None else self.downsample(x)))


def _downsample(width: int, features: int, stride: int, rngs: nnx.Rngs) -> nnx.Sequential:
    return nnx.Sequential(
        nnx.Conv(width, features, (1, 1), strides=stride, use_bias=False, rngs=rngs),
        nnx.BatchNorm(features, rngs=rngs),
    )


class NnxResNet18(nnx.Module):
    def __init__(self, *, rngs: nnx.Rngs) -> None:
        around = ((3, 3), (3, 3))
        self.conv1 = nnx.Conv(3, 64, (7, 7), strides=2, padding=around, use_bias=False, rngs=rngs)
        self.bn1 = nnx.BatchNorm(64, rngs=rngs)
        for stage in range(4):
            width = 64 * 2 ** max(0, stage - 1)
            first = NnxBasic(width, 64 * 2**stage, 2 if stage else 1, rngs=rngs)
            second = NnxBasic(64 * 2**stage, 64 * 2**stage, 1, rngs=rngs)
            setattr(self, f"layer{stage + 1}", nnx.Sequential(first, second))
        self.fc = nnx.Linear(512, 1000, rngs=rngs)

    def __call__(self, x: Any) -> Any:
        x = nnx.relu(self.bn1(self.conv1(x)))
        x = nnx.max_pool(x, (3, 3), (2, 2), ((1, 1), (1, 1)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((1, 2)))


def linen_resnet18() -> LinenResNet:
    return LinenResNet((2, 2, 2, 2), LinenBasic)


def linen_resnet50() -> LinenResNet:
    return LinenResNet((3, 4, 6, 3), LinenBottleneck)
