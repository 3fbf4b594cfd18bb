"""Layers one by one, as attributes and in a Sequential."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Plain(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 7, stride=4, padding=3)
        self.conv1 = nn.Conv2d(8, 8, 5, padding=2)
        self.conv2 = nn.Conv2d(8, 8, 5, padding=2)
        self.conv3 = nn.Conv2d(8, 8, 5, padding=2)
        self.conv4 = nn.Conv2d(8, 8, 5, padding=2)
        self.conv5 = nn.Conv2d(8, 8, 5, padding=2)  # expect: RFA101 Plain
        self.conv6 = nn.Conv2d(  # expect: RFA101 Plain
            8,
            8,
            kernel_size=5,
            padding=2,
        )
        self.head = nn.Linear(8, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.conv2(torch.relu(self.conv1(self.stem(x)))))
        x = self.conv6(self.conv5(self.conv4(self.conv3(x))))
        return self.head(x.mean((2, 3)))


def listed() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 8, stride=8),
        nn.Conv2d(8, 8, 7, padding=3),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1),
        nn.ReLU(),
        nn.Conv2d(8, 8, 3, padding=1),  # expect: RFA101 listed
        nn.ReLU(),
    )
