"""Batches of photographs, in folders that are named after the species."""

from pathlib import Path

import torch

SIZE = 32
ENDS = {".jpg", ".png"}


def species(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def photographs(folder: Path) -> list[tuple[Path, int]]:
    return [
        (path, label)
        for label, name in enumerate(species(folder))
        for path in sorted((folder / name).iterdir())
        if path.suffix in ENDS
    ]


def centred(image: torch.Tensor) -> torch.Tensor:
    """The square in the middle, scaled, of an image in [channels, height, width]."""
    side = min(image.shape[-2:])
    top, left = ((length - side) // 2 for length in image.shape[-2:])
    square = image[:, top : top + side, left : left + side]
    return torch.nn.functional.interpolate(square[None], size=(SIZE, SIZE), mode="area")[0]
