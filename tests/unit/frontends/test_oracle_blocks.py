"""The building blocks of convolutional networks, held to the NaN oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch_modules import Do

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch


class Add(nn.Module):
    """Branches on the same map, added."""

    def __init__(self, *branches: Any) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.join = Do(lambda *maps: sum(maps[1:], start=maps[0]))

    def forward(self, x: Any) -> Any:
        return self.join(*(branch(x) for branch in self.branches))


class Cat(Add):
    """Branches on the same map, side by side."""

    def __init__(self, *branches: Any) -> None:
        super().__init__(*branches)
        self.join = Do(lambda *maps: torch.cat(maps, 1))


def conv(before: int, after: int, kernel: int = 3, stride: int = 1, **options: Any) -> Any:
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, kernel // 2, **options),
        nn.BatchNorm2d(after),
        nn.ReLU(inplace=True),
    )


def residual(before: int, after: int, stride: int = 1) -> Any:
    body = nn.Sequential(conv(before, after, 3, stride), nn.Conv2d(after, after, 3, padding=1))
    same = stride == 1 and before == after
    return nn.Sequential(
        Add(nn.Identity() if same else nn.Conv2d(before, after, 1, stride), body), nn.ReLU()
    )


class Dense(nn.Module):
    """Every layer reads all the layers before it."""

    def __init__(self, before: int, growth: int, count: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(conv(before + n * growth, growth) for n in range(count))

    def forward(self, x: Any) -> Any:
        features = [x]
        for layer in self.layers:
            features.append(layer(torch.cat(features, 1)))
        return torch.cat(features, 1)


class Shuffled(nn.Module):
    """Half of the channels pass; the halves are mixed afterwards."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        depthwise = nn.Conv2d(half, half, 3, padding=1, groups=half)
        self.body = nn.Sequential(conv(half, half, 1), depthwise, conv(half, half, 1))
        self.mix = Do(self._mixed)

    def forward(self, x: Any) -> Any:
        passed, changed = x.chunk(2, dim=1)
        return self.mix(torch.cat([passed, self.body(changed)], 1))

    @staticmethod
    def _mixed(x: Any) -> Any:
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


class Scales(nn.Module):
    """Res2Net: each split is added to what the split before it has become."""

    def __init__(self, channels: int, count: int = 4) -> None:
        super().__init__()
        width = channels // count
        self.convs = nn.ModuleList(conv(width, width) for _ in range(count - 1))
        self.after = nn.Conv2d(channels, channels, 1)
        self.width = width

    def forward(self, x: Any) -> Any:
        first, *rest = torch.split(x, self.width, 1)
        outs, last = [first], None
        for part, layer in zip(rest, self.convs, strict=True):
            last = layer(part if last is None else part + last)
            outs.append(last)
        return self.after(torch.cat(outs, 1)) + x


class Ghost(nn.Module):
    """Half of the channels are cheap copies of the other half; more than asked are cut off."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        half = -(-after // 2)
        self.primary = conv(before, half, 1)
        self.cheap = conv(half, half, 3, groups=half)
        self.after = after

    def forward(self, x: Any) -> Any:
        first = self.primary(x)
        return torch.cat([first, self.cheap(first)], 1)[:, : self.after]


class Partial(nn.Module):
    """CSP as in C2f: one half is taken through blocks, every step is kept."""

    def __init__(self, channels: int, count: int = 2) -> None:
        super().__init__()
        half = channels // 2
        self.before = conv(channels, channels, 1)
        self.blocks = nn.ModuleList(residual(half, half) for _ in range(count))
        self.after = conv((2 + count) * half, channels, 1)

    def forward(self, x: Any) -> Any:
        parts = list(self.before(x).chunk(2, 1))
        for block in self.blocks:
            parts.append(block(parts[-1]))
        return self.after(torch.cat(parts, 1))


class Gated(nn.Module):
    """Squeeze and excitation."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.squeeze = nn.AdaptiveAvgPool2d(1)
        self.gate = nn.Sequential(
            nn.Conv2d(channels, 2, 1), nn.SiLU(), nn.Conv2d(2, channels, 1), nn.Sigmoid()
        )
        self.after = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: Any) -> Any:
        return self.after(x * self.gate(self.squeeze(x)))


class Spatial(nn.Module):
    """CBAM's gate over positions: mean and maximum over channels, then a wide kernel."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(2, 1, 7, padding=3)
        self.gate = Do(lambda x, mask: x * mask.sigmoid())

    def forward(self, x: Any) -> Any:
        pooled = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        return self.gate(x, self.conv(pooled))


class Norm2d(nn.LayerNorm):
    """A norm over channels that come first."""

    def forward(self, x: Any) -> Any:
        return F.layer_norm(x.permute(0, 2, 3, 1), self.normalized_shape).permute(0, 3, 1, 2)


class ConvNext(nn.Module):
    """A wide depthwise kernel and two dense layers with channels last."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.mlp = nn.Sequential(
            nn.LayerNorm(channels), nn.Linear(channels, 8), nn.GELU(), nn.Linear(8, channels)
        )
        self.scale = nn.Parameter(torch.ones(channels, 1, 1))

    def forward(self, x: Any) -> Any:
        y = self.mlp(self.depthwise(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        return x + self.scale * y


class Context(nn.Module):
    """The mean of the image, laid out over the map again."""

    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.conv = nn.Conv2d(before, after, 1)

    def forward(self, x: Any) -> Any:
        mean = self.conv(self.pool(x))
        return F.interpolate(mean, size=x.shape[-2:], mode="bilinear")


NETWORKS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "ResNet": (
        lambda: nn.Sequential(
            conv(3, 4, 5, 2),
            nn.MaxPool2d(3, 2, 1),
            residual(4, 4),
            residual(4, 6, 2),
            residual(6, 6),
        ),
        {"size": (3, 240, 240), "narrow": 24},
    ),
    "DenseNet": (
        lambda: nn.Sequential(
            conv(3, 4, 3, 2), Dense(4, 2, 3), conv(10, 4, 1), nn.AvgPool2d(2), Dense(4, 2, 2)
        ),
        {"size": (3, 96, 96), "narrow": 16},
    ),
    "Inception": (
        lambda: nn.Sequential(
            conv(3, 4, 3, 2),
            Cat(
                conv(4, 2, 1),
                nn.Sequential(conv(4, 2, 1), conv(2, 2, 5)),
                nn.Sequential(nn.MaxPool2d(3, 1, 1), conv(4, 2, 1)),
                nn.Conv2d(4, 2, (1, 7), padding=(0, 3)),
            ),
            conv(8, 4, 3, 2),
            Cat(nn.Conv2d(4, 2, 3, 2), nn.MaxPool2d(3, 2), nn.AvgPool2d(3, 2)),
            nn.Conv2d(10, 4, 3),
        ),
        {"size": (3, 160, 160), "narrow": 40},
    ),
    "ShuffleNet": (
        lambda: nn.Sequential(conv(3, 8, 3, 2), *(Shuffled(8) for _ in range(5)), conv(8, 4)),
        {"size": (3, 80, 80), "narrow": 16},
    ),
    "ShuffleNet with the layer of the framework": (
        lambda: nn.Sequential(
            Cat(nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 7, padding=3)),
            nn.ChannelShuffle(2),
            nn.Conv2d(8, 8, 3, groups=2),
            nn.ChannelShuffle(4),
            nn.Conv2d(8, 8, 3, groups=8),
        ),
        {},
    ),
    "Res2Net": (
        lambda: nn.Sequential(conv(3, 8, 3, 2), Scales(8), Scales(8), conv(8, 4)),
        {"size": (3, 120, 120), "narrow": 16},
    ),
    "GhostNet": (
        lambda: nn.Sequential(conv(3, 4, 3, 2), Ghost(4, 7), conv(7, 7, 3, groups=7), Ghost(7, 8)),
        {"size": (3, 60, 60), "narrow": 16},
    ),
    "CSP": (
        lambda: nn.Sequential(conv(3, 8, 3, 2), Partial(8), conv(8, 8, 3, 2), Partial(8, 1)),
        {"size": (3, 160, 160), "narrow": 16},
    ),
    "squeeze and excitation": (
        lambda: nn.Sequential(conv(3, 4), Gated(4), Gated(4)),
        {"constant": ("1.squeeze", "2.squeeze")},
    ),
    "gates over positions": (lambda: nn.Sequential(conv(3, 4), Spatial(), conv(4, 4)), {}),
    "ConvNeXt": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 4, 4), Norm2d(4), ConvNext(4), ConvNext(4), nn.Conv2d(4, 4, 2, 2)
        ),
        {
            "size": (3, 160, 160),
            "narrow": 32,
            "last": tuple(f"{n}.mlp.{k}" for n in (2, 3) for k in range(4)),
        },
    ),
    "ConvMixer": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3, 3),
            *(
                nn.Sequential(
                    Add(nn.Identity(), nn.Conv2d(4, 4, 5, groups=4, padding="same")),
                    nn.Conv2d(4, 4, 1),
                )
                for _ in range(3)
            ),
        ),
        {"size": (3, 120, 120), "narrow": 30},
    ),
    "RepVGG": (
        lambda: nn.Sequential(
            Add(conv(3, 4, 3, 2), conv(3, 4, 1, 2)),
            Add(conv(4, 4), conv(4, 4, 1), nn.BatchNorm2d(4)),
        ),
        {},
    ),
    "a spatial pyramid with dilations": (
        lambda: nn.Sequential(
            conv(3, 4, 3, 2),
            Cat(
                nn.Conv2d(4, 2, 1),
                nn.Conv2d(4, 2, 3, padding=3, dilation=3),
                nn.Conv2d(4, 2, 3, padding=6, dilation=6),
                Context(4, 2),
            ),
            conv(8, 4),
        ),
        {"constant": ("1.branches.3.pool",), "size": (3, 80, 80), "narrow": 30},
    ),
    "several paths of pooling": (
        lambda: nn.Sequential(
            conv(3, 4, 1),
            Cat(*(nn.MaxPool2d(k, 1, k // 2) for k in (5, 9, 13)), nn.Identity()),
            nn.Conv2d(16, 4, 1),
        ),
        {},
    ),
    "gates of halves": (
        lambda: nn.Sequential(
            Cat(nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(3, 4, 5, padding=2)),
            nn.GLU(1),
            nn.Conv2d(4, 4, 3),
            Do(lambda x: F.glu(x, dim=1)),
        ),
        {},
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_blocks_see_what_the_oracle_sees(name: str, compare: Any) -> None:
    build, options = NETWORKS[name]

    observed, analysed = compare(name, build, **options)

    assert analysed == observed
