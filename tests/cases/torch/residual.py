"""Residual networks of basic blocks, in stages."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class BasicBlock(nn.Module):
    def __init__(self, planes_in: int, planes: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(planes_in, planes, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.shortcut = nn.Sequential()
        if stride != 1 or planes_in != planes:
            self.shortcut = nn.Conv2d(planes_in, planes, 1, stride=stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.shortcut(x))


class ResNet(nn.Module):
    def __init__(self, depths: tuple[int, int, int, int], classes: int = 10) -> None:
        super().__init__()
        self.planes = 8
        self.conv1 = nn.Conv2d(3, 8, 7, stride=2, padding=3, bias=False)
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._make_layer(8, depths[0], stride=1)
        self.layer2 = self._make_layer(16, depths[1], stride=2)
        self.layer3 = self._make_layer(32, depths[2], stride=2)
        self.layer4 = self._make_layer(64, depths[3], stride=2)
        self.head = nn.Linear(64, classes)

    def _make_layer(self, planes: int, depth: int, stride: int) -> nn.Sequential:
        layers = []
        for step in (stride, *[1] * (depth - 1)):
            layers.append(BasicBlock(self.planes, planes, step))
            self.planes = planes
        return nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        x = self.layer2(self.layer1(self.pool(self.conv1(x))))
        return self.head(self.layer4(self.layer3(x)).mean((2, 3)))


def resnet18() -> ResNet:  # expect: RFA101 resnet18
    return ResNet((2, 2, 2, 2))


class Stages(nn.Module):
    """The same stages, without a way around them."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 7, stride=4, padding=3)
        self.layer1 = self._make_layer(8, 8)
        self.layer2 = self._make_layer(8, 16, stride=2)
        self.layer3 = self._make_layer(16, 32)  # expect: RFA101 Stages
        self.layer4 = self._make_layer(32, 64, stride=2)  # expect: RFA101 Stages

    def _make_layer(self, planes_in: int, planes: int, stride: int = 1) -> nn.Sequential:
        return nn.Sequential(
            nn.Conv2d(planes_in, planes, 5, stride=stride, padding=2),
            nn.Conv2d(planes, planes, 5, padding=2),
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layer4(self.layer3(self.layer2(self.layer1(self.conv1(x)))))
