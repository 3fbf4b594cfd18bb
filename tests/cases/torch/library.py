"""Networks out of libraries: the line that asked for them."""

from __future__ import annotations

import timm
import torchvision
from torch import Tensor, nn


def of_torchvision(classes: int = 10) -> nn.Module:
    model = torchvision.models.resnet18(num_classes=classes)  # expect: RFA101 of_torchvision
    model.fc = nn.Linear(512, classes)
    return model


def of_timm() -> nn.Module:
    return timm.create_model("resnet18", num_classes=10)  # expect: RFA101 of_timm


class Segmenter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        whole = torchvision.models.resnet18()  # expect: RFA101 Segmenter
        self.backbone = nn.Sequential(*list(whole.children())[:-2])
        self.head = nn.Conv2d(512, 21, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.backbone(x))
