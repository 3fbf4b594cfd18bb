"""Slices, shuffles, rolls, sliding windows and writes in place, held to the NaN oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from torch_modules import Do

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch


def between(run: Callable[..., Any], channels: int = 4) -> Callable[[], Any]:
    """``run`` after a convolution with stride and before one without."""
    return lambda: nn.Sequential(
        nn.Conv2d(3, 4, 3, 2, 1), Do(run), nn.Conv2d(channels, 4, 3, padding=1), nn.ReLU()
    )


def focus(x: Any) -> Any:
    corners = [x[..., row::2, column::2] for row in (0, 1) for column in (0, 1)]
    return torch.cat(corners, 1)


def space_to_depth(x: Any) -> Any:
    n, c, h, w = x.shape
    return (
        x.view(n, c, h // 2, 2, w // 2, 2)
        .permute(0, 3, 5, 1, 2, 4)
        .reshape(n, 4 * c, h // 2, w // 2)
    )


def depth_to_space(x: Any) -> Any:
    n, c, h, w = x.shape
    return x.view(n, 2, 2, c // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(n, c // 4, 2 * h, 2 * w)


def unfolded(x: Any) -> Any:
    n, c, h, w = x.shape
    return F.unfold(x, 3, padding=1).view(n, 9 * c, h, w)


def blurred(x: Any) -> Any:
    n, c, h, w = x.shape
    patches = F.unfold(x, 3, padding=1).view(n, c, 9, h, w)
    return patches.mean(2)


def folded(x: Any) -> Any:
    columns = F.unfold(x, 4, stride=2)
    return F.fold(columns, x.shape[-2:], 4, stride=2)


def slid(x: Any) -> Any:
    return x.unfold(2, 3, 1).unfold(3, 3, 1).sum((-2, -1))


def slid_far(x: Any) -> Any:
    return x.unfold(2, 4, 2).unfold(3, 4, 2).amax((-2, -1))


def shifted(x: Any) -> Any:
    out = torch.zeros_like(x)
    out[:, :1, 1:] = x[:, :1, :-1]
    out[:, 1:2, :-1] = x[:, 1:2, 1:]
    out[:, 2:3, :, 1:] = x[:, 2:3, :, :-1]
    out[:, 3:] = x[:, 3:]
    return out


def stuffed(x: Any) -> Any:
    n, c, h, w = x.shape
    out = x.new_zeros(n, c, 2 * h, 2 * w)
    out[:, :, ::2, ::2] = x
    return out


def spread(x: Any) -> Any:
    return x.repeat_interleave(2, 2).repeat_interleave(2, 3)


def pooled_by_hand(x: Any) -> Any:
    n, c, h, w = x.shape
    return x.reshape(n, c, h // 2, 2, w // 2, 2).amax(dim=(3, 5))


def windowed_mean(x: Any) -> Any:
    n, c, h, w = x.shape
    windows = x.reshape(n, c, h // 5, 5, w // 5, 5)
    return (windows - windows.mean((3, 5), keepdim=True)).reshape(n, c, h, w)


def repeated_up(x: Any) -> Any:
    n, c, h, w = x.shape
    return x[:, :, :, None, :, None].expand(n, c, h, 2, w, 2).reshape(n, c, 2 * h, 2 * w)


def written_over(x: Any) -> Any:
    x = x.clone()
    x[:, :, 3:-3, 3:-3] += x[:, :, :-6, :-6].clone()
    x[:, 0].mul_(2)
    x[:, 1, ::2] = 0
    return x


def written_through_views(x: Any) -> Any:
    out = torch.zeros_like(x)
    first, second = out.chunk(2, 1)
    first.copy_(x[:, 2:])
    second.narrow(3, 1, 19).copy_(x[:, :2].narrow(3, 0, 19))
    second.select(3, 0).zero_()
    return out


def read_through_an_old_view(x: Any) -> Any:
    out = torch.zeros_like(x)
    old = out[:, :, 1::2]
    out[:, :, 2:] = x[:, :, :-2]
    return old


def written_transposed(x: Any) -> Any:
    out = torch.zeros_like(x).transpose(1, 3)
    out[:, 2:, :, :2] = x.transpose(1, 3)[:, :-2, :, 2:]
    return out.transpose(3, 1) + x


def written_channels_last(x: Any) -> Any:
    out = x.contiguous(memory_format=torch.channels_last)
    out[:, 1] = x[:, 0].clone() + F.pad(x[:, 2], (0, 0, 2, 0))[:, :-2]
    return out


def written_as_windows(x: Any) -> Any:
    n, c, h, w = x.shape
    out = x.clone()
    out.view(n, c, h // 2, 2, w // 2, 2)[:, :, :, 0, :, 1] = x[:, :, 1::2, ::2]
    out.view(n * c, h, w).mul_(2)
    return out


def changed_after_slicing(x: Any) -> Any:
    x = x.clone()
    left = x[..., :-4]
    x.copy_(F.avg_pool2d(x, 5, 1, 2))
    return left


def chosen(x: Any) -> Any:
    return torch.where(x > 0, x, F.avg_pool2d(x, 3, 1, 1))


def masked(x: Any) -> Any:
    mask = torch.ones(x.shape[-2:], dtype=torch.bool, device=x.device).tril()
    return x.masked_fill(~mask, 0.0)


def gathered_rows(x: Any) -> Any:
    return torch.index_select(x, 2, torch.arange(0, 20, 2, device=x.device))


def columns_of_channels(x: Any) -> Any:
    """Indices of channels and columns, with the rows between them: these come first."""
    columns = torch.arange(0, x.shape[3], 2)
    return x[:, torch.arange(4)[:, None], :, columns].permute(2, 0, 3, 1)


def resized_by_index(x: Any) -> Any:
    rows = torch.arange(2 * x.shape[2], device=x.device) // 2
    columns = torch.arange(2 * x.shape[3], device=x.device) // 2
    return x[:, :, rows[:, None], columns]


def masked_channels(x: Any) -> Any:
    return x[:, torch.tensor([True, False, True, True])]


def zeroed_where_negative(x: Any) -> Any:
    x = x.clone()
    x[x < 0] = 0
    x[:, [0, 2]] = x[:, [1, 3]]
    x[:, :, torch.arange(0, 20, 4, device=x.device)] = 0.5
    return x


def summed(x: Any) -> Any:
    return torch.einsum("nchw,cd->ndhw", x, torch.ones(4, 4, device=x.device))


def convolved_by_product(x: Any) -> Any:
    n, _, h, w = x.shape
    columns = F.unfold(x, 3, padding=1)
    weight = torch.ones(4, columns.shape[1], device=x.device)
    return (weight @ columns).view(n, 4, h, w)


RUNS: dict[str, tuple[Callable[..., Any], int, tuple[str, ...]]] = {
    "focus": (focus, 16, ()),
    "space to depth": (space_to_depth, 16, ("1",)),
    "depth to space": (depth_to_space, 1, ()),
    "pixels unshuffled and shuffled back": (
        lambda x: F.pixel_shuffle(F.pixel_unshuffle(x, 2), 2),
        4,
        (),
    ),
    "strided slices": (lambda x: x[:, :, 1::2, ::3], 4, ()),
    "slices from the end": (lambda x: x[:, :, -14:-2, :-3], 4, ()),
    "a roll along the axes": (lambda x: torch.roll(x, (2, -1), (2, 3)), 4, ()),
    "a roll of everything": (lambda x: torch.roll(x, 0), 4, ()),
    "a roll of channels": (lambda x: x.roll(1, 1), 4, ()),
    "a flip of the columns": (lambda x: x.flip(3), 4, ()),
    "an image and its mirror": (lambda x: torch.cat([x, x.flip(1)], 1), 8, ()),
    "a transposition and back": (lambda x: F.avg_pool2d(x.mT, (3, 1), 1).mT, 4, ()),
    "movements of dimensions": (
        lambda x: x.movedim(1, -1).swapaxes(1, 2).transpose(1, 2).permute(0, 3, 1, 2),
        4,
        (),
    ),
    "unfolding into channels": (unfolded, 36, ("1",)),
    "unfolding, and a mean": (blurred, 4, ()),
    "unfolding and folding": (folded, 4, ()),
    "sliding windows": (slid, 4, ()),
    "sliding windows with a step": (slid_far, 4, ()),
    "a shift by writing slices": (shifted, 4, ()),
    "zeros put between": (stuffed, 4, ()),
    "repeated elements": (spread, 4, ()),
    "repetition by expansion": (repeated_up, 4, ()),
    "pooling by reshaping": (pooled_by_hand, 4, ()),
    "means of windows": (windowed_mean, 4, ()),
    "adding in place to a part": (written_over, 4, ()),
    "writing through views": (written_through_views, 4, ()),
    "a choice by condition": (chosen, 4, ()),
    "a mask": (masked, 4, ()),
    "reading through an older view": (read_through_an_old_view, 4, ()),
    "writing into a transposed tensor": (written_transposed, 4, ()),
    "writing into channels that come last": (written_channels_last, 4, ()),
    "writing into windows": (written_as_windows, 4, ()),
    "a slice of what is overwritten later": (changed_after_slicing, 4, ()),
    "a constant index of channels": (lambda x: x[:, [2, 0, 3, 1]], 4, ()),
    "a constant index of rows": (gathered_rows, 4, ()),
    "a constant index of dimensions apart": (columns_of_channels, 4, ()),
    "a constant index of both axes": (resized_by_index, 4, ()),
    "a constant mask of channels": (masked_channels, 3, ()),
    "a computed mask to be overwritten": (zeroed_where_negative, 4, ()),
    "einsum over channels": (summed, 4, ()),
    "convolution as a product": (convolved_by_product, 4, ()),
    "stack and unbind": (lambda x: torch.stack(x.unbind(1)[::-1], 1), 4, ()),
    "tiles of channels": (lambda x: x.repeat(1, 2, 1, 1), 8, ()),
    "splits of several sizes": (
        lambda x: torch.cat(x.split([1, 2, 1], 1)[::-1], 1),
        4,
        (),
    ),
    "flatten and unflatten": (lambda x: x.flatten(2).relu().unflatten(2, x.shape[2:]), 4, ()),
    "a cumulative sum over channels": (lambda x: x.cumsum(1), 4, ()),
    "softmax over channels": (lambda x: x.softmax(1) * x, 4, ()),
    "padding by concatenation": (
        lambda x: torch.cat([x[:, :, :2] * 0, x[:, :, 2:-2], torch.zeros_like(x[:, :, :2])], 2),
        4,
        (),
    ),
}


@pytest.mark.parametrize("name", RUNS)
def test_rearrangements_see_what_the_oracle_sees(name: str, compare: Any) -> None:
    run, channels, apart = RUNS[name]

    observed, analysed = compare(
        name, between(run, channels), size=(3, 80, 80), narrow=40, apart=apart
    )

    assert analysed == observed


class Chomp(nn.Module):
    """A causal convolution: padded on both sides, the future cut off."""

    def __init__(self, dilation: int, before: int = 4) -> None:
        super().__init__()
        self.conv = nn.Conv1d(before, 4, 3, padding=2 * dilation, dilation=dilation)
        self.cut = Do(lambda x: x[:, :, : -2 * dilation].contiguous())

    def forward(self, x: Any) -> Any:
        return self.cut(self.conv(x)).relu()


class Temporal(nn.Module):
    """Two causal convolutions and a shortcut."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.body = nn.Sequential(Chomp(dilation), Chomp(dilation))
        self.join = nn.ReLU()

    def forward(self, x: Any) -> Any:
        return self.join(x + self.body(x))


def temporal_shift(x: Any) -> Any:
    clips = x.transpose(1, 2)
    out = torch.zeros_like(clips)
    out[:, :-1, :1] = clips[:, 1:, :1]
    out[:, 1:, 1:2] = clips[:, :-1, 1:2]
    out[:, :, 2:] = clips[:, :, 2:]
    return out.transpose(1, 2)


SEQUENCES: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "TCN": (
        lambda: nn.Sequential(nn.Conv1d(2, 4, 1), *(Temporal(2**n) for n in range(3))),
        (2, 130),
    ),
    "causal padding": (
        lambda: nn.Sequential(
            nn.ConstantPad1d((4, 0), 0.0), nn.Conv1d(2, 4, 3, dilation=2), nn.Conv1d(4, 4, 3)
        ),
        (2, 50),
    ),
    "a temporal shift between convolutions": (
        lambda: nn.Sequential(
            nn.Conv3d(1, 4, (1, 3, 3)), Do(temporal_shift), nn.Conv3d(4, 4, 1), Do(temporal_shift)
        ),
        (1, 14, 12, 12),
    ),
    "strided sums": (
        lambda: nn.Sequential(
            nn.Conv1d(2, 4, 3), Do(lambda x: x[..., ::2] + x[..., 1::2]), nn.Conv1d(4, 4, 2)
        ),
        (2, 62),
    ),
    "frames of a signal": (
        lambda: nn.Sequential(
            Do(lambda x: x.unfold(-1, 8, 4).mean(1).transpose(1, 2)), nn.Conv1d(8, 4, 3)
        ),
        (2, 100),
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences_see_what_the_oracle_sees(name: str, compare: Any) -> None:
    build, size = SEQUENCES[name]
    apart = ("0",) if name.startswith("frames") else ()

    observed, analysed = compare(name, build, size=size, apart=apart)

    assert analysed == observed
