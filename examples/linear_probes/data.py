"""Two tasks, as grey images of any size: digits that fill the image, and pairs of marks.

Everything is drawn at 32 pixels, from the seed; images of other sizes are these, scaled. Digits
hold nothing finer than 16 pixels show, so a larger image of them says no more, only larger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample, interpolate

DRAWN = 32
"""Pixels per side at which images are drawn."""

DIGIT_NOISE = 0.6
MARK_NOISE = 0.25


@dataclass(frozen=True, slots=True)
class Split:
    """Images of shape (N, 1, size, size) with mean 0 and deviation 1, and their classes (N)."""

    train: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


Task = Callable[[int, torch.Generator, bool, int], tuple[Tensor, Tensor]]
"""From a number of images, a source of chance, whether to train or to test, and a seed."""


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
    return drawn + DIGIT_NOISE * _scaled(noise, DRAWN), classes[chosen]


def pairs(extent: int) -> Task:
    """A plus and a cross; the class says in which of eight directions the cross lies.

    Both together are ``extent`` pixels wide or high, anywhere in the image. Nothing smaller
    tells the class apart from how close the marks are to the edge.
    """

    def drawn(count: int, chance: torch.Generator, train: bool, seed: int) -> tuple[Tensor, Tensor]:
        del train, seed
        classes = torch.randint(len(DIRECTIONS), (count,), generator=chance)
        step = DIRECTIONS[classes] * (extent - len(PLUS))
        low, high = (-step).clamp(min=0), DRAWN - len(PLUS) - step.clamp(min=0)
        place = low + (torch.rand(count, 2, generator=chance) * (high - low + 1)).long()
        images = MARK_NOISE * torch.randn(count, 1, DRAWN, DRAWN, generator=chance)
        rows = torch.arange(len(PLUS))
        sample = torch.arange(count)[:, None, None]
        for mark, (y, x) in ((PLUS, place.T), (CROSS, (place + step).T)):
            images[sample, 0, (y[:, None] + rows)[:, :, None], (x[:, None] + rows)[:, None]] += mark
        return images, classes

    return drawn


CROSS = torch.eye(5).maximum(torch.eye(5).flip(0))
PLUS = torch.zeros(5, 5)
PLUS[2, :] = PLUS[:, 2] = 1
DIRECTIONS = torch.tensor([(y, x) for y in (-1, 0, 1) for x in (-1, 0, 1) if (y, x) != (0, 0)])

TASKS: dict[str, Task] = {"digits": digits, "near pairs": pairs(12), "far pairs": pairs(28)}


def load(task: str, size: int, seed: int, train: int, test: int) -> Split:
    """Images of ``task`` with ``size`` pixels per side; at any size the same ones, scaled."""
    chance = torch.Generator().manual_seed(seed)
    parts = []
    for count, training in ((train, True), (test, False)):
        images, classes = TASKS[task](count, chance, training, seed)
        images = _scaled(images, size)
        parts.append(((images - images.mean()) / images.std(), classes))
    return Split(*parts)


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
