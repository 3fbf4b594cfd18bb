"""Footprints are those of the network, not of the image: small maps change nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from building import Net

from rfa_core.receptive.collect import analyse_graph


def pixel_shuffle(net: Net, name: str, times: int) -> str:
    _, channels, height, width = net.shape(name)
    kept = channels // times**2
    digits = net.reshape(name, 1, kept, times, times, height, width)
    turned = net.permute(digits, 0, 1, 4, 2, 5, 3)
    return net.reshape(turned, 1, kept, height * times, width * times)


def pixel_unshuffle(net: Net, name: str, times: int) -> str:
    _, channels, height, width = net.shape(name)
    digits = net.reshape(name, 1, channels, height // times, times, width // times, times)
    turned = net.permute(digits, 0, 1, 3, 5, 2, 4)
    return net.reshape(turned, 1, channels * times**2, height // times, width // times)


def u_net(net: Net) -> None:
    skips, name = [], net.input
    for _ in range(3):
        name = net.conv(net.conv(name, 3), 3)
        skips.append(name)
        name = net.pool(name, 2)
    for skip in reversed(skips):
        name = net.transposed(net.conv(name, 3), 2, 2)
        name = net.conv(net.concat(1, skip, name), 3, channels=2)


def upsampled(net: Net, mode: str) -> None:
    name = net.conv(net.conv(net.input, 4, 4, padding=0), 3)
    _, _, height, width = net.shape(name)
    name = net.resample(name, (height * 2, width * 2), mode)
    for _ in range(4):
        name = net.conv(name, 3)


def super_resolution(net: Net) -> None:
    name = net.conv(pixel_unshuffle(net, net.input, 4), 3)
    name = pixel_shuffle(net, name, 2)
    for _ in range(4):
        name = net.conv(name, 3)
    net.conv(name, 3, 2)


def padded_by_hand(net: Net) -> None:
    name = net.input
    for _ in range(4):
        for dim in (2, 3):
            name = net.pad(name, dim, 1, 2)
        name = net.conv(name, 4, 1, padding=0)
        name = net.pool(name, 2)


def wide_phases(net: Net) -> None:
    name = net.conv(net.input, 4, 4, padding=0)
    name = net.transposed(name, 5, 3, padding=1)
    for _ in range(3):
        name = net.conv(name, 3)


@pytest.mark.parametrize(
    "build",
    [
        u_net,
        lambda net: upsampled(net, "nearest"),
        lambda net: upsampled(net, "linear"),
        super_resolution,
        padded_by_hand,
        wide_phases,
    ],
    ids=["u_net", "nearest", "linear", "super_resolution", "padded_by_hand", "wide_phases"],
)
@pytest.mark.parametrize("size", [16, 32])
def test_every_layer_has_the_footprint_that_it_has_on_a_large_image(
    build: Callable[[Net], None], size: int
):
    found = []
    for resolution in (size, 128):
        net = Net(resolution, resolution, channels=4)
        build(net)
        found.append(analyse_graph(net.graph()))

    small, large = found
    weighted = [
        (one.name, one.output.min, one.output.max, one.effective_stride)
        for one in small
        if one.judgeable
    ]
    assert weighted == [
        (one.name, one.output.min, one.output.max, one.effective_stride)
        for one in large
        if one.judgeable
    ]
