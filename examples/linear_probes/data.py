"""Grey images of any size that digits fill.

Everything is drawn at 32 pixels, from the seed; images of other sizes are these, scaled. Digits
hold nothing finer than 16 pixels show, so a larger image of them says no more, only larger.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

DRAWN = 32
"""Pixels per side at which images are drawn."""

NOISE = 0.6


@dataclass(frozen=True, slots=True)
class Split:
    """Images of shape (N, 1, size, size) with mean 0 and deviation 1, and their classes (N)."""

    train: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


def load(size: int, seed: int, train: int, test: int) -> Split:
    """So many images of ``size`` pixels per side; at any size the same ones, scaled."""
    chance = torch.Generator().manual_seed(seed)
    parts = []
    for count, training in ((train, True), (test, False)):
        images, classes = digits(count, chance, training, seed)
        images = _scaled(images, size)
        parts.append(((images - images.mean()) / images.std(), classes))
    return Split(*parts)


def digits(count: int, chance: torch.Generator, train: bool, seed: int) -> tuple[Tensor, Tensor]:
    """Handwritten digits, 8x8, turned, scaled, moved and noisy: they fill the image.

    A third of the 1,797 digits is kept for testing, another third for each seed.
    """
    images, classes = _digits()
    order = torch.randperm(len(classes), generator=torch.Generator().manual_seed(seed))
    chosen = order[len(classes) // 3 :] if train else order[: len(classes) // 3]
    chosen = chosen[torch.randint(len(chosen), (count,), generator=chance)]
    turned = 0.6 * (torch.rand(count, generator=chance) - 0.5)
    scaled = 0.9 + 0.4 * torch.rand(count, generator=chance)
    moved = 0.3 * (torch.rand(count, 2, generator=chance) - 0.5)
    cos, sin = scaled * turned.cos(), scaled * turned.sin()
    rows = torch.stack([cos, -sin, moved[:, 0], sin, cos, moved[:, 1]], dim=1).view(count, 2, 3)
    grid = affine_grid(rows, [count, 1, DRAWN, DRAWN], align_corners=False)
    drawn = grid_sample(images[chosen], grid, align_corners=False)
    noise = torch.randn(count, 1, DRAWN // 2, DRAWN // 2, generator=chance)
    return drawn + NOISE * _scaled(noise, DRAWN), classes[chosen]


@cache
def _digits() -> tuple[Tensor, Tensor]:
    from sklearn.datasets import load_digits

    bundled = load_digits()
    images = torch.tensor(bundled.images, dtype=torch.float32).unsqueeze(1) / 16
    return images, torch.tensor(bundled.target)


def _scaled(images: Tensor, size: int) -> Tensor:
    if images.shape[-1] == size:
        return images
    return interpolate(images, size=(size, size), mode="bilinear", antialias=True)
