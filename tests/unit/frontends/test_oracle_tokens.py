"""Windows of attention, tokens and mixers, held to the NaN oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch_modules import Do

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch


class Attention(nn.Module):
    """Self-attention over the last but one dimension; ``fused`` in one operation."""

    def __init__(self, channels: int, fused: bool, heads: int = 2) -> None:
        super().__init__()
        self.qkv = nn.Linear(channels, 3 * channels)
        self.out = nn.Linear(channels, channels)
        self.fused, self.heads = fused, heads

    def forward(self, x: Any) -> Any:
        n, length, c = x.shape
        qkv = self.qkv(x).reshape(n, length, 3, self.heads, c // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv.unbind(0)
        if self.fused:
            y = F.scaled_dot_product_attention(q, k, v)
        else:
            y = (q @ k.transpose(-2, -1) * 0.5).softmax(-1) @ v
        return self.out(y.transpose(1, 2).reshape(n, length, c))


class Windows(nn.Module):
    """Swin's block on ``[N, H, W, C]``: attention inside windows, moved by ``shift``."""

    def __init__(self, channels: int, size: int, shift: int, fused: bool) -> None:
        super().__init__()
        self.size, self.shift = size, shift
        self.norm = nn.LayerNorm(channels)
        self.attention = Attention(channels, fused)
        self.mlp = nn.Sequential(
            nn.LayerNorm(channels), nn.Linear(channels, 4), nn.Linear(4, channels)
        )

    def forward(self, x: Any) -> Any:
        y = (
            torch.roll(self.norm(x), (-self.shift, -self.shift), (1, 2))
            if self.shift
            else self.norm(x)
        )
        y = self.joined(self.attention(self.parted(y)), x.shape)
        y = torch.roll(y, (self.shift, self.shift), (1, 2)) if self.shift else y
        x = x + y
        return x + self.mlp(x)

    def parted(self, x: Any) -> Any:
        n, h, w, c = x.shape
        x = x.view(n, h // self.size, self.size, w // self.size, self.size, c)
        return x.permute(0, 1, 3, 2, 4, 5).reshape(-1, self.size**2, c)

    def joined(self, windows: Any, shape: Any) -> Any:
        n, h, w, c = shape
        x = windows.view(n, h // self.size, w // self.size, self.size, self.size, c)
        return x.permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)


class Grid(Windows):
    """MaxViT's grid attention: tokens that are a window apart see each other."""

    def parted(self, x: Any) -> Any:
        n, h, w, c = x.shape
        x = x.view(n, self.size, h // self.size, self.size, w // self.size, c)
        return x.permute(0, 2, 4, 1, 3, 5).reshape(-1, self.size**2, c)

    def joined(self, windows: Any, shape: Any) -> Any:
        n, h, w, c = shape
        x = windows.view(n, h // self.size, w // self.size, self.size, self.size, c)
        return x.permute(0, 3, 1, 4, 2, 5).reshape(n, h, w, c)


class Merge(nn.Module):
    """Patch merging: four neighbours become channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.linear = nn.Linear(4 * channels, channels, bias=False)

    def forward(self, x: Any) -> Any:
        parts = [x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)]
        return self.linear(torch.cat(parts, -1))


def last() -> Any:
    return Do(lambda x: x.permute(0, 2, 3, 1))


def swin(fused: bool) -> Callable[[], Any]:
    return lambda: nn.Sequential(
        nn.Conv2d(3, 4, 2, 2),
        last(),
        Windows(4, 5, 0, fused),
        Windows(4, 5, 2, fused),
        Merge(4),
        Windows(4, 5, 0, fused),
        Do(lambda x: x * 1),
    )


class Vision(nn.Module):
    """Tokens with a class token, and a map made of the others again."""

    def __init__(self, fused: bool) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, 4)
        self.token = nn.Parameter(torch.zeros(1, 1, 8))
        self.places = nn.Parameter(torch.zeros(1, 101, 8))
        self.norm = nn.LayerNorm(8)
        self.attention = Attention(8, fused)
        self.mlp = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.after = nn.Conv2d(8, 4, 3, padding=1)

    def forward(self, x: Any) -> Any:
        tokens = self.patches(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.token.expand(len(x), -1, -1), tokens], 1) + self.places
        tokens = tokens + self.attention(self.norm(tokens))
        tokens = tokens + self.mlp(tokens)
        return self.after(tokens[:, 1:].transpose(1, 2).reshape(len(x), 8, 10, 10))


class Encoder(nn.Module):
    """The framework's own transformer over a sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Conv1d(2, 8, 4, 4)
        self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
        self.after = nn.Linear(8, 3)

    def forward(self, x: Any) -> Any:
        return self.after(self.layer(self.embed(x).transpose(1, 2)))


class Mixer(nn.Module):
    """MLP-Mixer: a dense layer over tokens, another over channels."""

    def __init__(self) -> None:
        super().__init__()
        self.patches = nn.Conv2d(3, 8, 4, 4)
        self.tokens = nn.Sequential(nn.Linear(100, 16), nn.GELU(), nn.Linear(16, 100))
        self.channels = nn.Sequential(nn.LayerNorm(8), nn.Linear(8, 16), nn.Linear(16, 8))

    def forward(self, x: Any) -> Any:
        x = self.patches(x).flatten(2).transpose(1, 2)
        x = x + self.tokens(x.transpose(1, 2)).transpose(1, 2)
        return x + self.channels(x)


class Strips(nn.Module):
    """Products along one axis at a time: rows are global, columns stay local."""

    def __init__(self) -> None:
        super().__init__()
        self.before = nn.Conv2d(3, 4, 3, padding=1)
        self.rows = nn.Linear(40, 40)
        self.after = nn.Conv2d(4, 4, 3)

    def forward(self, x: Any) -> Any:
        x = self.before(x)
        return self.after(x + self.rows(x))


NETWORKS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "windows with shifts, fused": (
        swin(True),
        {"size": (3, 160, 160), "narrow": 20, "last": ("1", "2", "3", "4", "5", "6")},
    ),
    "windows with shifts, by softmax": (
        swin(False),
        {"size": (3, 160, 160), "narrow": 20, "last": ("1", "2", "3", "4", "5", "6")},
    ),
    "attention over a grid": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3, 2, 1), last(), Windows(4, 4, 0, True), Do(lambda x: x * 1)
        ),
        {"size": (3, 64, 64), "narrow": 16, "last": ("1", "2", "3", "4", "5", "6")},
    ),
    "tokens with a class token, fused": (
        lambda: Vision(True),
        {"constant": ("attention",), "tokens": 1, "skip": ("attention.out", "attention.qkv")},
    ),
    "tokens with a class token, by softmax": (
        lambda: Vision(False),
        {"constant": ("attention",), "tokens": 1, "skip": ("attention.out", "attention.qkv")},
    ),
    "the framework's transformer": (
        Encoder,
        {
            "size": (2, 60),
            "constant": ("layer.self_attn",),
            "last": ("layer", "after"),
            "skip": (
                "layer.dropout",
                "layer.dropout1",
                "layer.dropout2",
                "layer.self_attn.out_proj",
            ),
        },
    ),
    "a mixer": (
        Mixer,
        {"constant": ("tokens",), "tokens": 0, "skip": ("tokens.0", "tokens.1", "tokens.2")},
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_tokens_see_what_the_oracle_sees(name: str, compare: Any) -> None:
    build, options = NETWORKS[name]

    observed, analysed = compare(name, build, **options)

    assert analysed == observed


def test_attention_over_a_grid_sees_the_whole_map(layers_of: Any) -> None:
    layers = layers_of(
        lambda: nn.Sequential(nn.Conv2d(3, 4, 4, 4), last(), Grid(4, 4, 0, True)), (3, 64, 64)
    )

    mlp = {layer.name: layer for layer in layers}["2.mlp.1"]

    assert mlp.output.max == (52, 52)


def test_a_product_along_one_axis_leaves_the_other_local(layers_of: Any) -> None:
    layers = {layer.name: layer for layer in layers_of(Strips, (3, 40, 40))}

    assert layers["after"].output.max == (5, 5)
    assert layers["after"].output.global_context
    assert layers["rows"].output.max == (3, None)


class ShiftedWindows(nn.Module):
    """Two blocks of window attention, the second shifted, on a map or on its tokens."""

    def __init__(self, tokens: bool) -> None:
        super().__init__()
        self.tokens = tokens
        self.stem = nn.Conv2d(3, 4, 4, stride=4)
        self.mlp = nn.ModuleList(nn.Linear(4, 4) for _ in range(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x).permute(0, 2, 3, 1)
        _, height, width, channels = x.shape
        kept = (1, height * width, channels) if self.tokens else x.shape
        for shift, mlp in zip((0, 2), self.mlp, strict=True):
            y = x.reshape(1, height, width, channels).roll((-shift, -shift), (1, 2))
            y = y.view(1, height // 4, 4, width // 4, 4, channels).permute(0, 1, 3, 2, 4, 5)
            y = y.reshape(-1, 16, channels)
            y = (y @ y.transpose(1, 2)).softmax(-1) @ y
            y = y.view(1, height // 4, width // 4, 4, 4, channels).permute(0, 1, 3, 2, 4, 5)
            y = y.reshape(1, height, width, channels).roll((shift, shift), (1, 2))
            x = mlp(x.reshape(kept) + y.reshape(kept))
        return x


def test_tokens_are_measured_in_the_central_half_of_their_map_along_both_axes(
    layers_of: Callable[..., Any],
) -> None:
    sizes = [
        {layer.name: layer.output.max for layer in layers if layer.name.startswith("mlp")}
        for tokens in (False, True)
        for layers in [layers_of(lambda tokens=tokens: ShiftedWindows(tokens), (3, 96, 128))]
    ]

    assert sizes == [{"mlp.0": (16, 16), "mlp.1": (32, 32)}] * 2
