"""Blocks of well-known architectures as functions of maps ``[N, C, *positions]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

F = nn.functional


def windowed(x: Any, sizes: Sequence[int], grid: bool) -> Any:
    """``[N * windows, C, prod(sizes)]``; a grid takes every so-and-so-many-th position."""
    n, c, *shape = x.shape
    counts = [size // window for size, window in zip(shape, sizes, strict=True)]
    pairs = zip(sizes, counts, strict=True) if grid else zip(counts, sizes, strict=True)
    x = x.reshape(n, c, *(size for pair in pairs for size in pair))
    first, second = range(2, x.dim(), 2), range(3, x.dim(), 2)
    outer, inner = (second, first) if grid else (first, second)
    return x.permute(0, *outer, 1, *inner).reshape(-1, c, *sizes).flatten(2)


def unwindowed(tokens: Any, shape: Sequence[int], sizes: Sequence[int], grid: bool) -> Any:
    n, c, *lengths = shape
    counts = [size // window for size, window in zip(lengths, sizes, strict=True)]
    axes = len(sizes)
    x = tokens.reshape(n, *counts, c, *sizes)
    outer, inner = range(1, axes + 1), range(axes + 2, 2 * axes + 2)
    pairs = zip(inner, outer, strict=True) if grid else zip(outer, inner, strict=True)
    return x.permute(0, axes + 1, *(dim for pair in pairs for dim in pair)).reshape(shape)


def attended(tokens: Any, fused: bool) -> Any:
    """Self-attention over tokens ``[B, C, L]``."""
    t = tokens.transpose(1, 2)
    if fused:
        return F.scaled_dot_product_attention(t, t, t).transpose(1, 2)
    return ((t @ t.transpose(1, 2)).softmax(-1) @ t).transpose(1, 2)


def window_attention(x: Any, sizes: Sequence[int], shifts: Sequence[int], fused: bool) -> Any:
    """Swin: attention inside windows of a rolled map, rolled back."""
    dims = tuple(range(2, x.dim()))
    moved = torch.roll(x, [-shift for shift in shifts], dims)
    tokens = attended(windowed(moved, sizes, grid=False), fused)
    return torch.roll(unwindowed(tokens, moved.shape, sizes, grid=False), tuple(shifts), dims)


def grid_attention(x: Any, sizes: Sequence[int], fused: bool) -> Any:
    """MaxViT: attention among the positions with the same place in their window."""
    return unwindowed(attended(windowed(x, sizes, grid=True), fused), x.shape, sizes, grid=True)


def focus(x: Any) -> Any:
    """YOLO: the even and the odd positions of the last dimension beside each other."""
    return torch.cat([x[..., ::2], x[..., 1::2]], 1)


def merged_patches(x: Any) -> Any:
    """Swin's patch merging: channels last, slices of every position dimension."""
    x = x.movedim(1, -1)
    for dim in range(1, x.dim() - 1):
        even = torch.arange(0, x.shape[dim], 2)
        x = torch.cat([x.index_select(dim, even), x.index_select(dim, even + 1)], -1)
    return x.movedim(-1, 1)


def gate(x: Any) -> Any:
    """Squeeze and excitation."""
    return x * x.mean(tuple(range(2, x.dim())), keepdim=True).sigmoid()


def coordinate_gate(x: Any, dim: int) -> Any:
    """Coordinate attention: a gate per position along every other dimension."""
    return x * x.mean(dim, keepdim=True).sigmoid()


def strips(x: Any) -> Any:
    """Strip pooling: means along each dimension, added."""
    return sum(x.mean(dim, keepdim=True) for dim in range(2, x.dim()))


def pooled_back(x: Any) -> Any:
    """The image pooling of ASPP: one value, expanded to the map, beside it."""
    pooled = x.amax(tuple(range(2, x.dim())), keepdim=True)
    return torch.cat([x, pooled.expand_as(x)], 1)


def shifted(x: Any, dim: int) -> Any:
    """Temporal shift: one channel from after, one from before, the others stay."""
    out = torch.zeros_like(x)
    length = x.shape[dim]
    out[:, :1].narrow(dim, 0, length - 1).copy_(x[:, :1].narrow(dim, 1, length - 1))
    out[:, 1:2].narrow(dim, 1, length - 1).copy_(x[:, 1:2].narrow(dim, 0, length - 1))
    out[:, 2:] = x[:, 2:]
    return out


def downshifted(x: Any) -> Any:
    """Every position added to the next one in place."""
    y = x.clone()
    y[..., 1:] += x[..., :-1]
    return y


def replaced(x: Any, y: Any, start: int, step: int) -> Any:
    """Some positions of the last dimension taken from another map."""
    out = x.clone()
    out[..., start::step] = y[..., start::step]
    return out


def shuffled(x: Any, groups: int) -> Any:
    """ShuffleNet, written as a view."""
    n, c, *sizes = x.shape
    return x.view(n, groups, c // groups, *sizes).transpose(1, 2).reshape(n, c, *sizes)


def scales(x: Any, layer: Any) -> Any:
    """Res2Net: every chunk of channels is added to what the chunk before has become."""
    first, *rest = x.split(1, 1)
    outs = [first]
    for part in rest:
        outs.append(layer(part + outs[-1]))
    return torch.cat(outs, 1)


def channels_last(x: Any, layer: Any) -> Any:
    return layer(x.movedim(1, -1)).movedim(-1, 1)


def filtered(x: Any, dims: Sequence[int]) -> Any:
    """A global filter: there and back by Fourier."""
    return torch.fft.irfftn(torch.fft.rfftn(x, dim=dims), s=[x.shape[d] for d in dims], dim=dims)


class ClassToken(nn.Module):
    """Tokens with others before them, a layer on each, and the grid again."""

    def __init__(self, channels: int, count: int, attends: bool) -> None:
        super().__init__()
        self.tokens = nn.Parameter(torch.ones(1, count, channels))
        self.layer = nn.Linear(channels, channels)
        self.attends = attends

    def forward(self, x: Any) -> Any:
        t = torch.cat([self.tokens, x.flatten(2).transpose(1, 2)], 1)
        t = self.layer(t)
        if self.attends:
            t = t + attended(t.transpose(1, 2), True).transpose(1, 2)
        return t[:, self.tokens.shape[1] :].transpose(1, 2).unflatten(2, x.shape[2:])


class Attention(nn.Module):
    """Global attention over all positions, beside the map itself."""

    def __init__(self, channels: int, heads: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(channels, heads, batch_first=True)

    def forward(self, x: Any) -> Any:
        t = x.flatten(2).transpose(1, 2)
        return x + self.attention(t, t, t)[0].transpose(1, 2).unflatten(2, x.shape[2:])


class Mixer(nn.Module):
    """A dense layer over the positions of one dimension, beside the map itself."""

    def __init__(self, dim: int, size: int) -> None:
        super().__init__()
        self.dim = dim
        self.layer = nn.Linear(size, size)

    def forward(self, x: Any) -> Any:
        return x + self.layer(x.transpose(self.dim, -1)).transpose(self.dim, -1)


class Recurrent(nn.Module):
    """A recurrent layer along one dimension, beside the map itself."""

    def __init__(self, dim: int, channels: int, kind: str, bidirectional: bool) -> None:
        super().__init__()
        self.dim = dim
        self.layer = getattr(nn, kind)(
            channels, channels, batch_first=True, bidirectional=bidirectional
        )

    def forward(self, x: Any) -> Any:
        t = x.movedim(1, -1).movedim(self.dim - 1, -2)
        out = self.layer(t.flatten(0, -3))[0][..., : x.shape[1]]
        return x + out.reshape(t.shape).movedim(-2, self.dim - 1).movedim(-1, 1)
