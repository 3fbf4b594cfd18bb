"""The blueprints written by hand, in one line per layer."""

from __future__ import annotations

from collections.abc import Sequence

from blueprints import BLUEPRINTS, Tensor

import rfa_core as rfa


def build(name: str) -> rfa.Graph:
    """A network of the name of the blueprint."""
    net = Net(name)
    BLUEPRINTS[name](net, net.graph.input)
    return net.graph


class Net:
    def __init__(self, name: str) -> None:
        self.graph = rfa.Graph(name)

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
        shared = {"kernel": kernel, "stride": stride, "dilation": dilation}
        if depthwise:
            x = self.graph.depthwise_conv(name, x, **shared)
        else:
            x = self.graph.conv(name, x, filters=filters, **shared)
        return self.graph.norm(f"{name}norm", x)

    def up(self, name: str, x: Tensor, filters: int) -> Tensor:
        return self.graph.transposed_conv(name, x, filters=filters, kernel=2, stride=2)

    def pool(self, x: Tensor, kernel: int, stride: int) -> Tensor:
        return self.graph.max_pool(
            self._unnamed("pool"), x, kernel=kernel, stride=stride, padding="same"
        )

    def relu(self, x: Tensor) -> Tensor:
        return self.graph.activation(self._unnamed("relu"), x)

    def add(self, x: Tensor, y: Tensor) -> Tensor:
        return self.graph.add(self._unnamed("add"), x, y)

    def concat(self, parts: Sequence[Tensor]) -> Tensor:
        return self.graph.concat(self._unnamed("concat"), *parts)

    def mean(self, x: Tensor) -> Tensor:
        return self.graph.global_pool(self._unnamed("mean"), x)

    def dense(self, name: str, x: Tensor, units: int) -> Tensor:
        return self.graph.dense(name, x, units=units)

    def _unnamed(self, kind: str) -> str:
        return f"{kind}{len(self.graph)}"
