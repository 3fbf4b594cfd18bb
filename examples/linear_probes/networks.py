"""Two small networks whose early strides suit large images: a plain one and its residual twin."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

CHANNELS = 24
"""The same everywhere: no probe gets more features than another."""

STAGES = 4
CLASSES = 10


class Layer(nn.Sequential):
    """A convolution, batch normalisation, ReLU."""

    def __init__(self, channels_in: int, channels: int, kernel: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            channels_in, channels, kernel, stride=stride, padding=kernel // 2, bias=False
        )
        self.norm = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()


class Block(nn.Module):
    """Two layers and a way around them."""

    def __init__(self, channels_in: int, channels: int, stride: int) -> None:
        super().__init__()
        self.first = Layer(channels_in, channels, 3, stride)
        self.second = Layer(channels, channels, 3)
        self.shortcut = nn.Sequential()
        if stride != 1 or channels_in != channels:
            self.shortcut = nn.Sequential(nn.Conv2d(channels_in, channels, 1, stride=stride))

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x)) + self.shortcut(x)


def plain() -> nn.Sequential:
    """Nine convolutions: a stem that leaves a quarter of each axis, and four stages of two."""
    return _network(_pair)


def residual() -> nn.Sequential:
    """The same convolutions with a way around each stage."""
    return _network(Block)


def probed(net: nn.Module) -> dict[str, nn.Module]:
    """For each 3x3 or 5x5 convolution, by name, the module after which its work is to be seen.

    Behind normalisation and ReLU; for the second one of a block, behind the sum.
    """
    found: dict[str, nn.Module] = {}
    for name, module in net.named_modules():
        if isinstance(module, Block):
            found[f"{name}.second.conv"] = module
        elif isinstance(module, Layer):
            found.setdefault(f"{name}.conv", module)
    order = [f"{name}.conv" for name, module in net.named_modules() if isinstance(module, Layer)]
    return {name: found[name] for name in order}


def _pair(channels_in: int, channels: int, stride: int) -> nn.Sequential:
    return nn.Sequential(Layer(channels_in, channels, 3, stride), Layer(channels, channels, 3))


def _network(stage: Callable[[int, int, int], nn.Module]) -> nn.Sequential:
    net = nn.Sequential()
    net.add_module("stem", Layer(1, CHANNELS, 5, stride=2))
    net.add_module("pool", nn.MaxPool2d(2))
    for number in range(1, STAGES + 1):
        net.add_module(f"stage{number}", stage(CHANNELS, CHANNELS, 1 if number == 1 else 2))
    net.add_module("mean", nn.AdaptiveAvgPool2d(1))
    net.add_module("flat", nn.Flatten())
    net.add_module("head", nn.Linear(CHANNELS, CLASSES))
    return net
