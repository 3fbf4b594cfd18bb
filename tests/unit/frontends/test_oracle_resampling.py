"""Up- and down-sampling, alone and in encoders with decoders, held to the NaN oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch_modules import Do

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch


def resize(**options: Any) -> Any:
    return Do(lambda x: F.interpolate(x, **options))


RESIZING: dict[str, Callable[[], Any]] = {
    "nearest, twofold": lambda: nn.Upsample(scale_factor=2),
    "nearest, threefold": lambda: nn.Upsample(scale_factor=3, mode="nearest"),
    "nearest, to a size": lambda: resize(size=(31, 45)),
    "nearest, smaller": lambda: resize(size=(9, 13)),
    "nearest, exact": lambda: resize(scale_factor=2, mode="nearest-exact"),
    "nearest, exact, to a size": lambda: resize(size=(23, 31), mode="nearest-exact"),
    "nearest, one and a half": lambda: resize(scale_factor=1.5),
    "nearest, one and a half, computed": lambda: resize(
        scale_factor=1.7, recompute_scale_factor=True
    ),
    "bilinear, twofold": lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
    "bilinear, fourfold": lambda: nn.UpsamplingBilinear2d(scale_factor=4),
    "bilinear, corners": lambda: resize(scale_factor=2, mode="bilinear", align_corners=True),
    "bilinear, corners, to a size": lambda: resize(
        size=(37, 41), mode="bilinear", align_corners=True
    ),
    "bilinear, to a size": lambda: resize(size=(37, 41), mode="bilinear"),
    "bilinear, smaller": lambda: resize(scale_factor=0.5, mode="bilinear"),
    "bilinear, to the same size": lambda: resize(size=(20, 20), mode="bilinear"),
    "bilinear, smaller, smoothed": lambda: resize(
        scale_factor=0.5, mode="bilinear", antialias=True
    ),
    "bilinear, larger, smoothed": lambda: resize(scale_factor=2, mode="bilinear", antialias=True),
    "bicubic, twofold": lambda: resize(scale_factor=2, mode="bicubic"),
    "bicubic, corners": lambda: resize(scale_factor=3, mode="bicubic", align_corners=True),
    "bicubic, smaller, smoothed": lambda: resize(size=(15, 18), mode="bicubic", antialias=True),
    "area": lambda: resize(size=(7, 9), mode="area"),
    "a transposed convolution": lambda: nn.ConvTranspose2d(4, 4, 2, stride=2),
    "a wide transposed convolution": lambda: nn.ConvTranspose2d(4, 4, 4, stride=2, padding=1),
    "a transposed convolution, three fourths": lambda: nn.ConvTranspose2d(
        4, 4, 3, stride=4, output_padding=1
    ),
    "a grouped transposed convolution": lambda: nn.ConvTranspose2d(4, 8, 5, 3, 2, groups=2),
    "shuffled pixels": lambda: nn.Sequential(nn.Conv2d(4, 16, 3, padding=1), nn.PixelShuffle(2)),
    "unshuffled pixels": lambda: nn.PixelUnshuffle(2),
}


@pytest.mark.parametrize("name", RESIZING)
def test_resizing_sees_what_the_oracle_sees(name: str, compare: Any) -> None:
    def build() -> Any:
        resizing = RESIZING[name]()
        channels = 16 if name == "unshuffled pixels" else 8 if "grouped" in name else 4
        after = nn.Conv2d(channels, 2, 3, padding=1)
        return nn.Sequential(nn.Conv2d(3, 4, 3, 2, 1), resizing, after, nn.ReLU())

    apart = ("1",) if name == "unshuffled pixels" else ()

    observed, analysed = compare(name, build, size=(3, 60, 60), narrow=40, apart=apart)

    assert analysed == observed


DECODING: dict[str, Callable[[int, int], Any]] = {
    "nearest": lambda a, b: nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(a, b, 1)),
    "bilinear": lambda a, b: nn.Sequential(
        nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(a, b, 1)
    ),
    "bilinear with corners": lambda a, b: nn.Sequential(
        nn.UpsamplingBilinear2d(scale_factor=2), nn.Conv2d(a, b, 1)
    ),
    "bicubic": lambda a, b: nn.Sequential(
        nn.Upsample(scale_factor=2, mode="bicubic"), nn.Conv2d(a, b, 1)
    ),
    "transposed": lambda a, b: nn.ConvTranspose2d(a, b, 2, stride=2),
    "transposed, overlapping": lambda a, b: nn.ConvTranspose2d(a, b, 3, 2, 1, 1),
    "shuffled": lambda a, b: nn.Sequential(nn.Conv2d(a, 4 * b, 1), nn.PixelShuffle(2)),
}


class UNet(nn.Module):
    """Two steps down, two up, with what was cut off handed over."""

    def __init__(self, up: Callable[[int, int], Any], padding: int = 1) -> None:
        super().__init__()
        self.first = self._pair(1, 4, padding)
        self.second = self._pair(4, 6, padding)
        self.bottom = self._pair(6, 8, padding)
        self.pool = nn.MaxPool2d(2)
        self.up_second, self.up_first = up(8, 6), up(6, 4)
        self.back_second = self._pair(12, 6, padding)
        self.back_first = self._pair(8, 4, padding)
        self.head = nn.Conv2d(4, 2, 1)

    def _pair(self, before: int, after: int, padding: int) -> Any:
        first = nn.Conv2d(before, after, 3, padding=padding)
        return nn.Sequential(first, nn.ReLU(), nn.Conv2d(after, after, 3, padding=padding))

    def forward(self, x: Any) -> Any:
        first = self.first(x)
        second = self.second(self.pool(first))
        deep = self.up_second(self.bottom(self.pool(second)))
        deep = self.back_second(torch.cat([self._cropped(second, deep), deep], 1))
        deep = self.up_first(deep)
        return self.head(self.back_first(torch.cat([self._cropped(first, deep), deep], 1)))

    def _cropped(self, skipped: Any, other: Any) -> Any:
        rows, columns = other.shape[2:]
        top, left = (skipped.shape[2] - rows) // 2, (skipped.shape[3] - columns) // 2
        return skipped[:, :, top : top + rows, left : left + columns]


@pytest.mark.parametrize("name", DECODING)
def test_a_u_net_sees_what_the_oracle_sees(name: str, compare: Any) -> None:
    observed, analysed = compare(name, lambda: UNet(DECODING[name]), size=(1, 144, 144), narrow=16)

    assert analysed == observed


def test_a_u_net_without_padding_sees_what_the_oracle_sees(compare: Any) -> None:
    observed, analysed = compare(
        "valid", lambda: UNet(DECODING["transposed"], padding=0), size=(1, 140, 140), narrow=60
    )

    assert analysed == observed


class Pyramid(nn.Module):
    """A feature pyramid: laterals added to what comes from above, resized to fit."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.ModuleList(nn.Conv2d(1 if n == 0 else 4, 4, 3, 2, 1) for n in range(3))
        self.laterals = nn.ModuleList(nn.Conv2d(4, 4, 1) for _ in range(3))
        self.smooth = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(3))

    def forward(self, x: Any) -> list[Any]:
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        total = self.laterals[2](maps[2])
        merged = [total]
        for n in (1, 0):
            total = self.laterals[n](maps[n]) + F.interpolate(total, size=maps[n].shape[-2:])
            merged.append(total)
        return [smooth(one) for smooth, one in zip(self.smooth, merged, strict=True)]


def test_a_feature_pyramid_sees_what_the_oracle_sees(compare: Any) -> None:
    observed, analysed = compare("pyramid", Pyramid, size=(1, 96, 96), narrow=24)

    assert analysed == observed


VOLUMES: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "one dimension, linear": (
        lambda: nn.Sequential(
            nn.Conv1d(1, 2, 5, 4), nn.Upsample(scale_factor=4, mode="linear"), nn.Conv1d(2, 2, 3)
        ),
        (1, 90),
    ),
    "one dimension, nearest": (
        lambda: nn.Sequential(
            nn.Conv1d(1, 2, 5, 4), nn.Upsample(scale_factor=4), nn.Conv1d(2, 2, 3)
        ),
        (1, 90),
    ),
    "three dimensions, trilinear": (
        lambda: nn.Sequential(
            nn.Conv3d(1, 2, 3, 2, 1),
            nn.Upsample(scale_factor=2, mode="trilinear"),
            nn.ConvTranspose3d(2, 2, 2, 2),
        ),
        (1, 20, 20, 22),
    ),
}


@pytest.mark.parametrize("name", VOLUMES)
def test_resizing_in_other_dimensions_sees_what_the_oracle_sees(name: str, compare: Any) -> None:
    build, size = VOLUMES[name]

    observed, analysed = compare(name, build, size=size)

    assert analysed == observed
