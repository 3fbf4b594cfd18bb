"""Five architectures, each written once, for any framework.

A blueprint is a function of a ``Builder`` and its input. Layers that can be judged have names;
what the names mean in a framework, and how it pads, is the builder's matter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

Tensor = Any


class Builder(Protocol):
    """One framework: the layers that the blueprints are made of."""

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
        """A convolution that keeps the map, but for its stride, and a norm."""

    def up(self, name: str, x: Tensor, filters: int) -> Tensor:
        """A transposed convolution of kernel 2 and stride 2."""

    def pool(self, x: Tensor, kernel: int, stride: int) -> Tensor:
        """Maximum pooling that keeps the map, but for its stride."""

    def relu(self, x: Tensor) -> Tensor: ...

    def add(self, x: Tensor, y: Tensor) -> Tensor: ...

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        """Along the channels."""

    def mean(self, x: Tensor) -> Tensor:
        """Over all positions, which are gone."""

    def dense(self, name: str, x: Tensor, units: int) -> Tensor: ...


Blueprint = Callable[[Builder, Tensor], Tensor]


def resnet18(net: Builder, x: Tensor) -> Tensor:
    x = net.pool(net.relu(net.conv("stem", x, 16, 7, 2)), 3, 2)
    for stage, filters in enumerate((16, 32, 64, 128), 1):
        for block in range(2):
            stride = 2 if stage > 1 and block == 0 else 1
            name, short = f"s{stage}b{block}", x
            if stride > 1:
                short = net.conv(f"{name}short", x, filters, 1, stride)
            x = net.relu(net.conv(f"{name}first", x, filters, 3, stride))
            x = net.relu(net.add(net.conv(f"{name}second", x, filters, 3), short))
    return net.dense("head", net.mean(x), 10)


def vgg16(net: Builder, x: Tensor) -> Tensor:
    for stage, (filters, count) in enumerate(((8, 2), (16, 2), (32, 3), (64, 3), (64, 3)), 1):
        for place in range(count):
            x = net.relu(net.conv(f"s{stage}c{place}", x, filters, 3))
        x = net.pool(x, 2, 2)
    return net.dense("head", net.mean(x), 10)


def mobilenet_v2(net: Builder, x: Tensor) -> Tensor:
    x, inputs = net.relu(net.conv("stem", x, 8, 3, 2)), 8
    stages = ((1, 8, 1, 1), (6, 8, 2, 2), (6, 8, 3, 2), (6, 16, 4, 2), (6, 16, 3, 1), (6, 24, 3, 2))
    for stage, (widening, filters, count, first) in enumerate(stages, 1):
        for block in range(count):
            stride, name = first if block == 0 else 1, f"s{stage}b{block}"
            inner = x
            if widening > 1:
                inner = net.relu(net.conv(f"{name}wide", x, inputs * widening, 1))
            inner = net.relu(
                net.conv(f"{name}deep", inner, inputs * widening, 3, stride, depthwise=True)
            )
            inner = net.conv(f"{name}narrow", inner, filters, 1)
            x = net.add(x, inner) if stride == 1 and inputs == filters else inner
            inputs = filters
    x = net.relu(net.conv("last", x, 48, 1))
    return net.dense("head", net.mean(x), 10)


def unet(net: Builder, x: Tensor) -> Tensor:
    skips = []
    for depth in range(4):
        for place in range(2):
            x = net.relu(net.conv(f"down{depth}c{place}", x, 8 << depth, 3))
        skips.append(x)
        x = net.pool(x, 2, 2)
    for place in range(2):
        x = net.relu(net.conv(f"bottomc{place}", x, 128, 3))
    for depth in reversed(range(4)):
        x = net.concat([net.up(f"up{depth}", x, 8 << depth), skips[depth]])
        for place in range(2):
            x = net.relu(net.conv(f"up{depth}c{place}", x, 8 << depth, 3))
    return net.conv("map", x, 2, 1)


def dilated(net: Builder, x: Tensor) -> Tensor:
    x = net.relu(net.conv("stem", x, 16, 3, 2))
    for place, dilation in enumerate((1, 2, 4, 8)):
        x = net.add(x, net.relu(net.conv(f"c{place}", x, 16, 3, dilation=dilation)))
    branches = [net.conv("b0", x, 16, 1)]
    branches += [net.conv(f"b{rate}", x, 16, 3, dilation=rate) for rate in (6, 12, 18)]
    return net.conv("map", net.relu(net.concat(branches)), 2, 1)


BLUEPRINTS: dict[str, Blueprint] = {
    "resnet18": resnet18,
    "vgg16": vgg16,
    "mobilenet_v2": mobilenet_v2,
    "unet": unet,
    "dilated": dilated,
}
