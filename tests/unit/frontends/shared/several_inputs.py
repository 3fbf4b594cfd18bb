"""Models that take several tensors, or one with more axes than an image."""

from __future__ import annotations

from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn = torch.nn


class TwoStream(nn.Module):
    """Colours and motion, with other kernels, joined half way."""

    def __init__(self) -> None:
        super().__init__()
        self.colours = nn.Sequential(nn.Conv2d(3, 4, (3, 5)), nn.Conv2d(4, 4, 3, 2))
        self.motion = nn.Sequential(
            nn.Conv2d(2, 4, (7, 5), padding=(1, 0)), nn.MaxPool2d((2, 4), 2)
        )
        self.joined = nn.Conv2d(8, 4, (1, 3))

    def forward(self, rgb: Any, flow: Any) -> Any:
        return self.joined(torch.cat([self.colours(rgb), self.motion(flow)], 1))


class Siamese(nn.Module):
    """One tower for both, whose results are compared."""

    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(nn.Conv2d(3, 4, 5), nn.ReLU(), nn.Conv2d(4, 4, (3, 1), 2))
        self.after = nn.Conv2d(4, 1, (1, 3))

    def forward(self, left: Any, right: Any) -> Any:
        return self.after((self.tower(left) - self.tower(right)).abs())


class SoundAndSight(nn.Module):
    """A sequence and an image, each with axes of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.ear = nn.Sequential(
            nn.Conv1d(2, 4, 9, padding=4), nn.Conv1d(4, 4, 5, 2, 2), nn.Conv1d(4, 4, 1)
        )
        self.eye = nn.Sequential(nn.Conv2d(3, 4, (3, 5)), nn.Conv2d(4, 4, (5, 1)))
        self.head = nn.Linear(8, 2)

    def forward(self, audio: Any, image: Any) -> Any:
        return self.head(torch.cat([self.ear(audio).mean(2), self.eye(image).mean((2, 3))], 1))


def volume() -> Any:
    return nn.Sequential(nn.Conv3d(1, 4, (1, 3, 5)), nn.Conv3d(4, 4, (3, 1, 1)))
