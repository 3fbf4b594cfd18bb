"""Small networks of every well-known kind, held to the NaN oracle element by element."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch_modules import Do

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from rfa_core.testing import verify  # noqa: E402

F = nn.functional

pytestmark = pytest.mark.torch


def conv(before: int, after: int, kernel: int = 3, stride: int = 1, **options: Any) -> Any:
    padding = options.pop("padding", (kernel - 1) // 2 * options.get("dilation", 1))
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, padding, **options),
        nn.BatchNorm2d(after),
        nn.ReLU(),
    )


class Residual(nn.Module):
    def __init__(self, body: nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: Any) -> Any:
        return x + self.body(x)


class Branches(nn.Module):
    """Branches on the same map, side by side."""

    def __init__(self, *branches: nn.Module) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Any) -> Any:
        return torch.cat([branch(x) for branch in self.branches], 1)


class UNet(nn.Module):
    """Two levels; what comes from below is cut to the map it is put beside."""

    def __init__(self, ups: Callable[[], nn.Module]) -> None:
        super().__init__()
        self.down = nn.ModuleList([conv(3, 4), conv(4, 4), conv(4, 4)])
        self.ups = nn.ModuleList([ups(), ups()])
        self.merge = nn.ModuleList([conv(8, 4), conv(8, 4)])

    def forward(self, x: Any) -> Any:
        a = self.down[0](x)
        b = self.down[1](F.max_pool2d(a, 2))
        c = self.down[2](F.max_pool2d(b, 2))
        b = self.merge[0](torch.cat([b, self.ups[0](c)], 1))
        return self.merge[1](torch.cat([a, self.ups[1](b)], 1))


UPS: dict[str, Callable[[], nn.Module]] = {
    "nearest": lambda: nn.Upsample(scale_factor=2),
    "bilinear": lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
    "corners": lambda: nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True),
    "bicubic": lambda: nn.Upsample(scale_factor=2, mode="bicubic"),
    "transposed": lambda: nn.ConvTranspose2d(4, 4, 2, 2),
    "overlapping": lambda: nn.ConvTranspose2d(4, 4, 4, 2, 1),
    "uneven": lambda: nn.ConvTranspose2d(4, 4, 3, 2, 1, 1),
    "shuffled": lambda: nn.Sequential(nn.Conv2d(4, 16, 1), nn.PixelShuffle(2)),
}


class ImagePooling(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, 1)

    def forward(self, x: Any) -> Any:
        pooled = self.conv(F.adaptive_avg_pool2d(x, 1))
        return F.interpolate(pooled, size=x.shape[2:], mode="bilinear")


def deeplab() -> nn.Module:
    rates = (conv(4, 4, dilation=rate) for rate in (2, 4, 6))
    pyramid = Branches(conv(4, 4, 1), *rates, ImagePooling(4, 4))
    return nn.Sequential(conv(3, 4, stride=2), conv(4, 4, stride=2), pyramid, conv(20, 4, 1))


class Pyramid(nn.Module):
    """A feature pyramid: from the top down, with lateral layers."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.ModuleList(
            [conv(3, 4, stride=2), conv(4, 4, stride=2), conv(4, 4, stride=2)]
        )
        self.lateral = nn.ModuleList(nn.Conv2d(4, 4, 1) for _ in range(3))
        self.out = nn.ModuleList(nn.Conv2d(4, 4, 3, padding=1) for _ in range(3))

    def forward(self, x: Any) -> Any:
        maps = []
        for layer in self.body:
            x = layer(x)
            maps.append(x)
        top, outs = None, []
        for lateral, out, one in zip(self.lateral, self.out, reversed(maps), strict=True):
            here = lateral(one)
            top = here if top is None else here + F.interpolate(top, size=here.shape[2:])
            outs.append(out(top))
        return outs


class Causal(nn.Module):
    """A block of a temporal convolutional network: padded on both sides, cut at the end."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.cut = 2 * dilation
        self.conv = nn.Conv1d(channels, channels, 3, padding=2 * dilation, dilation=dilation)

    def forward(self, x: Any) -> Any:
        return x + F.relu(self.conv(x)[..., : -self.cut])


def video() -> nn.Module:
    def block(stride: int) -> nn.Module:
        return (
            Residual(
                nn.Sequential(
                    nn.Conv3d(4, 4, 3, padding=1),
                    nn.ReLU(),
                    nn.Conv3d(4, 4, (1, 3, 3), padding=(0, 1, 1)),
                )
            )
            if stride == 1
            else nn.Conv3d(4, 4, 3, stride, 1)
        )

    return nn.Sequential(
        nn.Conv3d(3, 4, (3, 5, 5), (1, 2, 2), (1, 2, 2)), block(1), block(2), block(1)
    )


class Tokens(nn.Module):
    """``[N, C, H, W]`` to tokens, some layers on them, and back to a map."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: Any) -> Any:
        tokens = self.layers(x.flatten(2).transpose(1, 2))
        return tokens.transpose(1, 2).unflatten(2, x.shape[2:])


class AcrossTokens(nn.Module):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.layer = nn.Linear(count, count)

    def forward(self, tokens: Any) -> Any:
        return self.layer(tokens.transpose(1, 2)).transpose(1, 2)


class Attention(nn.Module):
    """Fused self-attention over ``[B, L, C]``."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)

    def forward(self, tokens: Any) -> Any:
        q, k, v = self.qkv(tokens).chunk(3, -1)
        return self.out(F.scaled_dot_product_attention(q, k, v))


class ClassToken(nn.Module):
    """A hybrid: a token before the grid, attention over all, and the grid again."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.ones(1, 1, channels))
        self.block = Residual(Attention(channels))

    def forward(self, tokens: Any) -> Any:
        return self.block(torch.cat([self.token, tokens], 1))[:, 1:]


def mixer() -> nn.Module:
    across, over = Residual(AcrossTokens(64)), Residual(nn.Linear(8, 8))
    return nn.Sequential(nn.Conv2d(3, 8, 4, 4), Tokens(nn.LayerNorm(8), across, over))


def conv_mixer() -> nn.Module:
    depthwise = Residual(nn.Sequential(nn.Conv2d(8, 8, 5, groups=8, padding="same"), nn.GELU()))
    return nn.Sequential(nn.Conv2d(3, 8, 4, 4), depthwise, nn.Conv2d(8, 8, 1), nn.BatchNorm2d(8))


class Gate(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layer = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Any) -> Any:
        return x * self.layer(x.mean((2, 3), keepdim=True)).sigmoid()


def inverted(channels: int) -> nn.Module:
    wide = 2 * channels
    depthwise = conv(wide, wide, groups=wide)
    return Residual(
        nn.Sequential(conv(channels, wide, 1), depthwise, Gate(wide), nn.Conv2d(wide, channels, 1))
    )


def coatnet() -> nn.Module:
    return nn.Sequential(
        conv(3, 8, stride=2),
        inverted(8),
        conv(8, 8, stride=2),
        Tokens(Residual(Attention(8))),
        nn.Conv2d(8, 8, 3, padding=1),
    )


class Scales(nn.Module):
    """Res2Net: each chunk is added to what the chunk before it has become."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(conv(2, 2) for _ in range(3))

    def forward(self, x: Any) -> Any:
        first, *rest = x.split(2, 1)
        outs = [first]
        for part, layer in zip(rest, self.layers, strict=True):
            outs.append(layer(part + outs[-1]))
        return torch.cat(outs, 1)


class Ghost(nn.Module):
    def __init__(self, before: int, after: int) -> None:
        super().__init__()
        half = -(-after // 2)
        self.first, self.cheap, self.after = (
            conv(before, half, 1),
            conv(half, half, groups=half),
            after,
        )

    def forward(self, x: Any) -> Any:
        made = self.first(x)
        return torch.cat([made, self.cheap(made)], 1)[:, : self.after]


class CrossStage(nn.Module):
    """CSP: one half goes through the blocks, the other around them."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.blocks = nn.Sequential(Residual(conv(half, half)), Residual(conv(half, half)))
        self.out = conv(channels, channels, 1)

    def forward(self, x: Any) -> Any:
        around, through = x.chunk(2, 1)
        return self.out(torch.cat([around, self.blocks(through)], 1))


class Shuffle(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        half = channels // 2
        self.body = nn.Sequential(
            conv(half, half, 1),
            nn.Conv2d(half, half, 3, padding=1, groups=half),
            conv(half, half, 1),
        )

    def forward(self, x: Any) -> Any:
        around, through = x.chunk(2, 1)
        return F.channel_shuffle(torch.cat([around, self.body(through)], 1), 2)


def focused(x: Any) -> Any:
    parts = [x[..., row::2, column::2] for column in (0, 1) for row in (0, 1)]
    return torch.cat(parts, 1)


class Windows(nn.Module):
    """Attention inside windows of ``size``, or among their like places (``grid``); channels last.

    ``cosine`` compares directions, as in the second version of Swin.
    """

    def __init__(
        self, channels: int, size: int, shift: int = 0, grid: bool = False, cosine: bool = False
    ) -> None:
        super().__init__()
        self.size, self.shift, self.grid, self.cosine = size, shift, grid, cosine
        self.norm, self.qkv = nn.LayerNorm(channels), nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)

    def forward(self, x: Any) -> Any:
        n, height, width, c = x.shape
        rows, columns = height // self.size, width // self.size
        y = torch.roll(self.norm(x), (-self.shift, -self.shift), (1, 2))
        shape = (
            (n, self.size, rows, self.size, columns, c)
            if self.grid
            else (n, rows, self.size, columns, self.size, c)
        )
        order = (0, 2, 4, 1, 3, 5) if self.grid else (0, 1, 3, 2, 4, 5)
        y = y.view(shape).permute(order).reshape(-1, self.size**2, c)
        q, k, v = self.qkv(y).chunk(3, -1)
        if self.cosine:
            q, k = F.normalize(q, dim=-1), F.normalize(k, dim=-1)
        y = self.out((q @ k.transpose(1, 2)).softmax(-1) @ v)
        back = (0, 3, 1, 4, 2, 5) if self.grid else (0, 1, 3, 2, 4, 5)
        y = y.view(n, rows, columns, self.size, self.size, c).permute(back).reshape(x.shape)
        return x + torch.roll(y, (self.shift, self.shift), (1, 2))


class Merging(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layer = nn.Linear(4 * channels, 2 * channels, bias=False)

    def forward(self, x: Any) -> Any:
        corners = [x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)]
        return self.layer(torch.cat(corners, -1))


def swin(cosine: bool) -> nn.Module:
    first = [Windows(4, 4, cosine=cosine), Windows(4, 4, 2, cosine=cosine)]
    last = Windows(8, 4, cosine=cosine)
    return nn.Sequential(
        nn.Conv2d(3, 4, 2, 2), Do(lambda x: x.permute(0, 2, 3, 1)), *first, Merging(4), last
    )


def maxvit() -> nn.Module:
    blocks = [Windows(4, 4), Windows(4, 4, grid=True)]
    last = Do(lambda x: x.permute(0, 3, 1, 2))
    return nn.Sequential(
        conv(3, 4, stride=2),
        inverted(4),
        Do(lambda x: x.permute(0, 2, 3, 1)),
        *blocks,
        last,
        conv(4, 4),
    )


MODELS: dict[str, tuple[Callable[[], nn.Module], int | None]] = {
    **{f"U-Net, {name}": (lambda ups=ups: UNet(ups), None) for name, ups in UPS.items()},
    "DeepLab": (deeplab, None),
    "FPN": (Pyramid, None),
    "TCN": (lambda: nn.Sequential(nn.Conv1d(2, 4, 1), *(Causal(4, 2**n) for n in range(4))), None),
    "3D ResNet": (video, None),
    "MLP-Mixer": (mixer, 32),
    "ConvMixer": (conv_mixer, None),
    "CoAtNet": (coatnet, None),
    "Res2Net": (lambda: nn.Sequential(conv(3, 8), Scales(), conv(8, 8, stride=2), Scales()), None),
    "GhostNet": (lambda: nn.Sequential(conv(3, 8, stride=2), Ghost(8, 9), Ghost(9, 7)), None),
    "CSP": (lambda: nn.Sequential(conv(3, 8, stride=2), CrossStage(8), CrossStage(8)), None),
    "YOLO's focus": (lambda: nn.Sequential(Do(focused), conv(12, 4), conv(4, 4, stride=2)), None),
    "Swin": (lambda: swin(cosine=False), 64),
    "Swin v2": (lambda: swin(cosine=True), 64),
    "MaxViT": (maxvit, 64),
    "ShuffleNet": (lambda: nn.Sequential(conv(3, 8, stride=2), Shuffle(8), Shuffle(8)), None),
    "ViT hybrid": (
        lambda: nn.Sequential(conv(3, 8, stride=2), Tokens(ClassToken(8)), conv(8, 8)),
        32,
    ),
}  # fmt: skip

WHOLE_IMAGE = {"MaxViT": ["4.out", "6.0"]}
"""Layers that see from one end of the image to the other, whatever its size."""


@pytest.mark.parametrize("name", MODELS)
def test_every_layer_sees_what_the_oracle_sees(name: str) -> None:
    build, resolution = MODELS[name]

    found = verify(build(), resolution)

    assert found.agrees, found
    assert [layer.name for layer in found.missed] == WHOLE_IMAGE.get(name, [])
