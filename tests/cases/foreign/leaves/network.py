"""The classifier."""

import torch
from torch import nn


class Separable(nn.Module):
    """A depthwise and a pointwise convolution, as in MobileNet."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(
            channels_in, channels_in, kernel_size=3, padding=1, groups=channels_in, bias=False
        )
        self.pointwise = nn.Conv2d(channels_in, channels_out, kernel_size=1, bias=False)
        self.norm = nn.BatchNorm2d(channels_out)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.relu(self.norm(self.pointwise(self.depthwise(x))))


class LeafNet(nn.Module):
    def __init__(self, species: int = 12, width: int = 32) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, width, kernel_size=3, stride=2, padding=1, bias=False)
        self.early = Separable(width, 2 * width)
        self.reduce = nn.MaxPool2d(2)
        self.late = nn.Sequential(
            Separable(2 * width, 4 * width),
            Separable(4 * width, 4 * width),
            Separable(4 * width, 4 * width),
        )
        self.head = nn.Linear(4 * width, species)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.reduce(self.early(self.stem(x)))
        return self.head(self.late(x).mean(dim=(2, 3)))


def leaf_net(species: int = 12) -> LeafNet:
    """The network of the last field trip."""
    return LeafNet(species)
