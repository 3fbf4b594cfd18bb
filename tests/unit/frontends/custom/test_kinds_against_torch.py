"""Every kind of layer of a custom graph sees what the same PyTorch module sees."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import pytest

import rfa_core as rfa

torch = pytest.importorskip("torch")
from torch import Tensor, nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402, N812

pytestmark = pytest.mark.torch

Facts = dict[str, tuple[Any, ...]]
KEPT = ("first", "second", "last")


def facts(model: object, resolution: str) -> Facts:
    """What is known of the layers ``first``, ``second`` and ``last``."""
    found = rfa.analyse(model, resolution).layers
    return {
        one.layer.name: (
            one.layer.kernel,
            one.layer.stride,
            one.layer.dilation,
            one.layer.input,
            one.layer.output,
            one.layer.effective_stride,
            one.layer.feature_map,
            one.layer.parameters,
            one.layer.macs,
            one.verdict,
        )
        for one in found
        if one.layer.name in KEPT
    }


class Between(nn.Module):
    """A convolution, something in between, and two convolutions."""

    def __init__(self, between: Callable[[Tensor], Tensor], channels: int, axes: int) -> None:
        super().__init__()
        conv = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1]
        self.first = conv(3, 8, 5, stride=2, padding=2)
        self.between = between
        self.second = conv(channels, 8, 3, padding=2, dilation=2)
        self.last = conv(8, 4, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.second(self.between(self.first(x))))


def custom(kind: str, options: dict[str, Any], axes: int) -> rfa.Graph:
    net = rfa.Graph("net", axes=axes)
    net.conv("first", filters=8, kernel=5, stride=2, padding=2)
    if kind:
        net.layer("between", kind, **options)
    net.conv("second", filters=8, kernel=3, padding=2, dilation=2)
    net.conv("last", filters=4, kernel=3, padding=1)
    return net


def instance(x: Tensor) -> Tensor:
    return F.instance_norm(x)


def halves(x: Tensor) -> Tensor:
    return x[:, :4]


def shuffled(x: Tensor) -> Tensor:
    n, c, *sizes = x.shape
    return x.view(n, 2, c // 2, *sizes).transpose(1, 2).reshape(x.shape)


def pooled(x: Tensor) -> Tensor:
    return x + F.adaptive_avg_pool2d(x, 1)


def windows(x: Tensor) -> Tensor:
    """Attention within windows of 4, as a Swin transformer does it."""
    n, c, h, w = x.shape
    tokens = x.view(n, c, h // 4, 4, w // 4, 4).permute(0, 2, 4, 3, 5, 1)
    tokens = tokens.reshape(-1, 16, c)
    mixed = torch.softmax(tokens @ tokens.transpose(1, 2), -1) @ tokens
    mixed = mixed.view(n, h // 4, w // 4, 4, 4, c).permute(0, 5, 1, 3, 2, 4)
    return mixed.reshape(x.shape)


def shifted(x: Tensor) -> Tensor:
    return torch.roll(windows(torch.roll(x, (-2, -2), (2, 3))), (2, 2), (2, 3))


def attention(x: Tensor) -> Tensor:
    tokens = x.flatten(2).transpose(1, 2)
    mixed = torch.softmax(tokens @ tokens.transpose(1, 2), -1) @ tokens
    return mixed.transpose(1, 2).reshape(x.shape)


CASES: list[tuple[int, str, dict[str, Any], Callable[[Tensor], Tensor], int]] = [
    (2, "", {}, nn.Identity(), 8),
    (2, "activation", {}, nn.ReLU(), 8),
    (2, "norm", {}, nn.BatchNorm2d(8), 8),
    (2, "norm", {"statistics": "instance"}, instance, 8),
    (2, "max_pool", {"kernel": 3, "stride": 2, "padding": 1}, nn.MaxPool2d(3, 2, 1), 8),
    (2, "max_pool", {"kernel": (2, 4), "dilation": (3, 1)},
     nn.MaxPool2d((2, 4), (2, 4), dilation=(3, 1)), 8),
    (2, "avg_pool", {"kernel": 2}, nn.AvgPool2d(2), 8),
    (2, "adaptive_pool", {"size": (6, 1)}, nn.AdaptiveAvgPool2d((6, 1)), 8),
    (2, "global_pool", {}, nn.AdaptiveAvgPool2d(1), 8),
    (2, "upsample", {"factor": (2, 3)}, nn.Upsample(scale_factor=(2, 3)), 8),
    (2, "upsample", {"factor": 2, "mode": "linear"},
     nn.Upsample(scale_factor=2, mode="bilinear"), 8),
    (2, "upsample", {"factor": 2, "mode": "cubic"}, nn.Upsample(scale_factor=2, mode="bicubic"), 8),
    (2, "pixel_shuffle", {"factor": 2}, nn.PixelShuffle(2), 2),
    (2, "pixel_unshuffle", {"factor": 2}, nn.PixelUnshuffle(2), 32),
    (2, "channel_shuffle", {"groups": 2}, shuffled, 8),
    (2, "channels", {"start": 0, "stop": 4}, halves, 4),
    (2, "pad", {"start": (1, 0), "end": (2, 0), "mode": "reflect"},
     lambda x: F.pad(x, (0, 0, 1, 2), "reflect"), 8),
    (2, "crop", {"start": 3, "end": (1, 2)}, lambda x: F.pad(x, (-3, -2, -3, -1)), 8),
    (2, "transposed_conv", {"filters": 6, "kernel": 4, "stride": 2, "padding": 1},
     nn.ConvTranspose2d(8, 6, 4, 2, 1), 6),
    (2, "transposed_conv",
     {"filters": 6, "kernel": 3, "stride": 3, "padding": "valid", "dilation": 2,
      "output_padding": 1, "groups": 2, "bias": False},
     nn.ConvTranspose2d(8, 6, 3, 3, 0, 1, 2, False, 2), 6),
    (2, "depthwise_conv", {"kernel": 3, "padding": 1, "multiplier": 2},
     nn.Conv2d(8, 16, 3, padding=1, groups=8), 16),
    (2, "conv", {"filters": 8, "kernel": (1, 7), "stride": (1, 3), "padding": (0, 3), "groups": 4},
     nn.Conv2d(8, 8, (1, 7), (1, 3), (0, 3), groups=4), 8),
    (2, "attention", {"window": 4}, windows, 8),
    (2, "attention", {"window": 4, "shift": 2}, shifted, 8),
    (2, "attention", {}, attention, 8),
    (2, "permute", {"order": (0, 2, 1)}, lambda x: x.transpose(2, 3), 8),
    (2, "reshape", {"shape": (16, 0, -1)}, lambda x: x.reshape(1, 16, x.shape[2], -1), 16),
    (1, "max_pool", {"kernel": 2}, nn.MaxPool1d(2), 8),
    (1, "pixel_unshuffle", {"factor": 4}, lambda x: x.view(1, 8, -1, 4).transpose(2, 3)
     .reshape(1, 32, -1), 32),
    (3, "max_pool", {"kernel": (1, 2, 2)}, nn.MaxPool3d((1, 2, 2)), 8),
    (3, "upsample", {"factor": (1, 2, 2)}, nn.Upsample(scale_factor=(1, 2, 2)), 8),
]  # fmt: skip
RESOLUTIONS = {1: "96", 2: "64x96", 3: "16x32x48"}


def named(value: object) -> str:
    """Without the address of a function, which differs between the workers of one run."""
    return str(getattr(value, "__name__", value))[:24]


@pytest.mark.parametrize(("axes", "kind", "options", "module", "channels"), CASES, ids=named)
def test_a_kind_sees_what_the_pytorch_module_sees(
    axes: int, kind: str, options: dict[str, Any], module: Callable[[Tensor], Tensor], channels: int
) -> None:
    written = custom(kind, options, axes)

    found = facts(written, RESOLUTIONS[axes])

    assert set(found) == set(KEPT)
    assert found == facts(Between(module, channels, axes), RESOLUTIONS[axes])


def test_branches_meet_as_in_pytorch() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 8, 7, 2, 3)
            self.left = nn.Conv2d(8, 8, 3, padding=1)
            self.right = nn.Conv2d(8, 8, 5, padding=4, dilation=2)
            self.gate = nn.Conv2d(8, 8, 1)
            self.first = nn.Conv2d(16, 8, 3, 2, 1)
            self.second = nn.Conv2d(8, 8, 3, padding=1)
            self.last = nn.Linear(8, 10)

        def forward(self, x: Tensor) -> Tensor:
            x = self.stem(x)
            x = x * self.gate(F.adaptive_avg_pool2d(x, 1))
            x = self.first(torch.cat([self.left(x), self.right(x)], 1))
            x = x + self.second(x)
            return self.last(x.mean((2, 3)))

    net = rfa.Graph("net")
    net.conv("stem", filters=8, kernel=7, stride=2, padding=3)
    pooled = net.global_pool("pool", "stem")
    gate = net.conv("gate", pooled, filters=8, kernel=1)
    gated = net.multiply("gated", "stem", gate)
    net.concat(
        "both",
        net.conv("left", gated, filters=8, kernel=3, padding=1),
        net.conv("right", gated, filters=8, kernel=5, padding=4, dilation=2),
    )
    first = net.conv("first", filters=8, kernel=3, stride=2, padding=1)
    net.add("sum", first, net.conv("second", filters=8, kernel=3, padding=1))
    net.dense("last", net.global_pool("mean"), units=10)

    assert facts(net, "48") == facts(nn.Sequential(OrderedDict(net=Net())).net, "48")
