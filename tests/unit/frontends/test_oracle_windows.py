"""Convolution and pooling in every form, held to the NaN oracle."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest

torch = pytest.importorskip("torch")
nn, F = torch.nn, torch.nn.functional

pytestmark = pytest.mark.torch


class Do(nn.Module):
    """A function of tensors, with parameters if it needs some."""

    def __init__(self, run: Callable[..., Any], *shapes: tuple[int, ...]) -> None:
        super().__init__()
        self.run = run
        self.own = nn.ParameterList(nn.Parameter(torch.full(s, 0.1)) for s in shapes)

    def forward(self, x: Any) -> Any:
        return self.run(x, *self.own)


def chain(*layers: Any) -> Callable[[], Any]:
    return lambda: nn.Sequential(
        *(layer() if isinstance(layer, type) else layer for layer in layers)
    )


def conv(*sizes: Any, **options: Any) -> Any:
    return nn.Conv2d(*sizes, **options)


NETWORKS: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "a chain of kernels, strides and paddings": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 7, stride=2, padding=3),
            nn.ReLU(),
            nn.MaxPool2d(3, 2, 1),
            nn.Conv2d(4, 4, 3, padding=1),
            nn.Conv2d(4, 4, 1, stride=2),
            nn.Conv2d(4, 4, 2),
        ),
        {"size": (3, 96, 96)},
    ),
    "kernels that are not square": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, (1, 7), padding=(0, 3)),
            nn.Conv2d(4, 4, (5, 3), stride=(2, 1)),
            nn.AvgPool2d((3, 2), (1, 2)),
            nn.Conv2d(4, 4, 3, dilation=(1, 3)),
        ),
        {"size": (3, 60, 64)},
    ),
    "grouped and depthwise": (
        lambda: nn.Sequential(
            nn.Conv2d(4, 8, 3, groups=2),
            nn.Conv2d(8, 8, 5, padding=2, groups=8),
            nn.Conv2d(8, 16, 3, stride=2, groups=8),
        ),
        {"size": (4, 40, 40)},
    ),
    "no padding, and more of it than the kernel needs": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 4), nn.Conv2d(4, 4, 3, padding=4), nn.Conv2d(4, 4, 3)
        ),
        {},
    ),
    "same padding by name": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 4, padding="same"), nn.Conv2d(4, 4, 2, dilation=3, padding="same")
        ),
        {},
    ),
    "padding that reflects, replicates and wraps": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1, padding_mode="reflect"),
            nn.Conv2d(4, 4, 5, padding=2, padding_mode="replicate"),
            nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular"),
            nn.Conv2d(4, 4, 3, stride=2, padding=1),
        ),
        {},
    ),
    "layers of padding": (
        lambda: nn.Sequential(
            nn.ZeroPad2d((1, 2, 3, 4)),
            nn.ReflectionPad2d(2),
            nn.Conv2d(3, 4, 3),
            nn.ReplicationPad2d((2, 0, 1, 3)),
            nn.ConstantPad2d(-1, 0.5),
            nn.Conv2d(4, 4, 3),
            nn.CircularPad2d(1),
        ),
        {},
    ),
    "pooling that rounds up": (
        lambda: nn.Sequential(
            nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.AvgPool2d(3, 2, ceil_mode=True),
            nn.Conv2d(3, 4, 3, padding=1),
        ),
        {"size": (3, 50, 50)},
    ),
    "pooling of every kind": (
        lambda: nn.Sequential(
            nn.MaxPool2d(3, 1, dilation=2),
            nn.AvgPool2d(2, count_include_pad=False),
            nn.LPPool2d(2, 3, stride=1),
            nn.MaxPool2d(2),
        ),
        {"size": (3, 64, 64)},
    ),
    "adaptive pooling, even": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d(9), nn.Conv2d(4, 4, 3, padding=1)
        ),
        {"size": (3, 38, 38)},
    ),
    "adaptive pooling, uneven": (
        lambda: nn.Sequential(
            nn.AdaptiveAvgPool2d(17), nn.AdaptiveMaxPool2d((7, 10)), nn.Conv2d(3, 4, 1)
        ),
        {},
    ),
    "pyramid pooling beside a convolution": (
        lambda: nn.Sequential(nn.Conv2d(3, 4, 3), nn.AdaptiveAvgPool2d((6, 6)), nn.ReLU()),
        {"size": (3, 50, 50)},
    ),
    "functional calls": (
        lambda: nn.Sequential(
            Do(lambda x, w: F.conv2d(x, w, stride=2, padding=1), (4, 3, 3, 3)),
            Do(lambda x: F.max_pool2d(x, 2)),
            Do(lambda x: F.avg_pool2d(x, 3, 1, 1)),
            Do(lambda x, w: F.conv2d(x, w, padding="same", dilation=2), (4, 4, 3, 3)),
        ),
        {"size": (3, 64, 64)},
    ),
    "operations in place": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3),
            nn.ReLU(inplace=True),
            Do(lambda x: x.mul_(2).add_(x)),
            Do(lambda x: F.relu_(x).clamp_(0, 6)),
            nn.Conv2d(4, 4, 3),
            nn.Hardswish(inplace=True),
        ),
        {},
    ),
    "one dimension": (
        lambda: nn.Sequential(
            nn.Conv1d(2, 4, 5, stride=2, padding=2),
            nn.MaxPool1d(3, 2, 1),
            nn.Conv1d(4, 4, 3, dilation=4, padding=4),
            nn.AvgPool1d(2),
            nn.Conv1d(4, 4, 3, padding="same"),
            nn.AdaptiveAvgPool1d(5),
        ),
        {"size": (2, 240)},
    ),
    "three dimensions": (
        lambda: nn.Sequential(
            nn.Conv3d(1, 2, (3, 5, 3), stride=(1, 2, 1), padding=(1, 2, 1)),
            nn.MaxPool3d((1, 2, 2)),
            nn.Conv3d(2, 2, 3, padding=1, groups=2),
            nn.AvgPool3d((2, 1, 1)),
            nn.AdaptiveAvgPool3d((4, 4, 6)),
        ),
        {"size": (1, 16, 40, 36)},
    ),
    "a depthwise separable stack": (
        lambda: nn.Sequential(
            nn.Conv2d(3, 8, 3, 2, 1),
            nn.Conv2d(8, 8, 3, padding=1, groups=8, bias=False),
            nn.BatchNorm2d(8),
            nn.ReLU6(),
            nn.Conv2d(8, 4, 1),
            nn.InstanceNorm2d(4),
            nn.GroupNorm(2, 4),
            nn.PReLU(4),
        ),
        {},
    ),
    "a convolution that reads its own weight twice": (
        lambda: nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), Twice()),
        {},
    ),
}


class Twice(nn.Module):
    """One convolution called on its own result."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)

    def forward(self, x: Any) -> Any:
        return self.conv(self.conv(x)) + 1


@pytest.mark.parametrize("name", NETWORKS)
def test_windows_see_what_the_oracle_sees(name: str, compare: Any) -> None:
    build, options = NETWORKS[name]

    observed, analysed = compare(name, build, **options)

    assert analysed == observed


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "dilation"),
    [
        (k, s, p, d)
        for k, s, p, d in product((1, 2, 3, 5), (1, 2, 3), (0, 1, 2), (1, 2))
        if 2 * p <= (k - 1) * d + 1
    ],
)
def test_a_convolution_between_two_others_sees_what_the_oracle_sees(
    kernel: int, stride: int, padding: int, dilation: int, compare: Any
) -> None:
    def build() -> Any:
        middle = nn.Conv1d(2, 2, kernel, stride, padding, dilation)
        return nn.Sequential(nn.Conv1d(1, 2, 3, stride=2), middle, nn.Conv1d(2, 2, 3))

    observed, analysed = compare("between", build, size=(1, 110))

    assert analysed == observed


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "dilation"),
    [
        (k, s, p, d)
        for k, s, p, d in product((1, 2, 3, 4, 5), (1, 2, 3), (0, 1), (1, 2))
        if 2 * p <= (k - 1) * d + 1
    ],
)
def test_a_transposed_convolution_sees_what_the_oracle_sees(
    kernel: int, stride: int, padding: int, dilation: int, compare: Any
) -> None:
    def build() -> Any:
        up = nn.ConvTranspose1d(2, 2, kernel, stride, padding, stride - 1, dilation=dilation)
        return nn.Sequential(nn.Conv1d(1, 2, 3, stride=2, padding=1), up, nn.Conv1d(2, 2, 3))

    observed, analysed = compare("transposed", build, size=(1, 60))

    assert analysed == observed
