"""Layers from loops: one line builds good ones and bad ones, and is to blame for neither."""

from __future__ import annotations

from torch import Tensor, nn


class Looped(nn.Module):  # expect: RFA101 Looped
    def __init__(self, depth: int = 10) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 8, stride=8)
        self.body = nn.ModuleList()
        for _ in range(depth):
            self.body.append(nn.Conv2d(8, 8, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        for layer in self.body:
            x = layer(x)
        return x


class TwoLoops(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        narrow = [nn.Conv2d(3 if n == 0 else 8, 8, 2, stride=2) for n in range(4)]
        self.narrow = nn.Sequential(*narrow)
        self.middle = nn.Conv2d(8, 8, 7, padding=3)
        wide = [nn.Conv2d(8, 8, 3, padding=1) for _ in range(3)]  # expect: RFA101 TwoLoops
        self.wide = nn.Sequential(*wide)

    def forward(self, x: Tensor) -> Tensor:
        return self.wide(self.middle(self.narrow(x)))


CONFIGURATIONS: dict[str, list[int | str]] = {
    "small": [8, "M", 8, "M", 16, 16, "M", 16, 16],
    "large": [8, 8, "M", 16, 16, "M", 32, 32, 32, 32, "M", 32, 32, 32, 32, "M", 32, 32, 32, 32],
}


class VGG(nn.Module):
    def __init__(self, configuration: list[int | str]) -> None:
        super().__init__()
        self.features = _stacked(configuration)

    def forward(self, x: Tensor) -> Tensor:
        return self.features(x)


def _stacked(configuration: list[int | str]) -> nn.Sequential:
    layers: list[nn.Module] = []
    channels = 3
    for entry in configuration:
        if isinstance(entry, int):
            layers += [nn.Conv2d(channels, entry, 3, padding=1), nn.ReLU()]
            channels = entry
        else:
            layers.append(nn.MaxPool2d(2))
    return nn.Sequential(*layers)


def vgg_small() -> VGG:
    return VGG(CONFIGURATIONS["small"])


def vgg_large() -> VGG:  # expect: RFA101 vgg_large
    return VGG(CONFIGURATIONS["large"])
