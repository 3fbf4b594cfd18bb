"""Published numbers, networks written by hand."""

from __future__ import annotations

import pytest
from building import Net

from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict, decided_by_tie, judge

VGG_16 = {
    "conv1_1": (3, 1), "pool1": (6, 2), "conv2_1": (10, 2), "pool2": (16, 4), "conv3_1": (24, 4),
    "conv3_2": (32, 4), "pool3": (44, 8), "conv4_1": (60, 8), "conv4_2": (76, 8),
    "pool4": (100, 16), "conv5_1": (132, 16), "conv5_2": (164, 16), "pool5": (212, 32),
}  # fmt: skip
"""Endpoint: receptive field and effective stride (Araujo et al., Distill, 2019)."""


def vgg_16(size: int) -> list[Layer]:
    net = Net(size, size)
    name = net.input
    for block, depth in enumerate((2, 2, 3, 3, 3), start=1):
        for number in range(1, depth + 1):
            name = net.conv(name, 3, layer=f"conv{block}_{number}")
        name = net.pool(name, 2, layer=f"pool{block}")
    return list(analyse_graph(net.graph()))


def resnet_18(
    size: int, stem: tuple[int, int], pooled: bool, blocks: tuple[int, ...]
) -> list[Layer]:
    net = Net(size, size)
    kernel, stride = stem
    name = net.conv(net.input, kernel, stride, layer="conv1")
    if pooled:
        name = net.conv(name, 3, 2, groups=0, weighted=False, kind="max_pool2d", layer="pool")
    for stage, depth in enumerate(blocks, start=1):
        for block in range(depth):
            path = f"layer{stage}.{block}"
            step = 2 if stage > 1 and block == 0 else 1
            first = net.conv(name, 3, step, layer=f"{path}.conv1")
            second = net.conv(first, 3, layer=f"{path}.conv2")
            if step == 2:
                name = net.conv(name, 1, 2, padding=0, layer=f"{path}.downsample")
            name = net.relu(name, second, layer=f"{path}.add")
    return list(analyse_graph(net.graph()))


def count(layers: list[Layer], size: int, policy: Policy | None = None) -> tuple[int, int]:
    """How many 3x3 and 7x7 convolutions are unproductive, and how many critical."""
    found = [
        judge(layer, (size, size), policy or Policy()) for layer in layers if max(layer.kernel) > 1
    ]
    return found.count(Verdict.UNPRODUCTIVE), found.count(Verdict.CRITICAL)


@pytest.mark.parametrize("size", [224, 64, 32])
def test_vgg_16_has_the_published_footprints_at_any_resolution(size: int):
    layers = {layer.name: layer for layer in vgg_16(size)}

    found = {
        name: (layers[name].output.max[0], layers[name].effective_stride[0]) for name in VGG_16
    }

    assert found == VGG_16


def test_the_seventh_convolution_of_vgg_16_receives_exactly_32_pixels():
    convolutions = [layer for layer in vgg_16(32) if layer.operation == "conv"]

    seventh, eighth = convolutions[6], convolutions[7]

    assert (seventh.input.min, eighth.input.min) == ((32, 32), (44, 44))
    assert judge(seventh, (32, 32), Policy()) is Verdict.UNPRODUCTIVE
    assert judge(seventh, (32, 32), Policy(strict_tie=True)) is Verdict.CRITICAL
    assert judge(eighth, (32, 32), Policy(strict_tie=True)) is Verdict.UNPRODUCTIVE
    assert [decided_by_tie(layer, (32, 32)) for layer in convolutions[5:9]] == [
        False, True, False, False,
    ]  # fmt: skip


def test_resnet_18_at_16_pixels_has_eight_unproductive_and_eight_critical_convolutions():
    layers = resnet_18(16, (7, 2), True, (2, 2, 2, 2))

    assert count(layers, 16) == (8, 8)
    assert all(
        judge(layer, (16, 16), Policy()) is Verdict.UNPRODUCTIVE
        for layer in layers
        if layer.name.endswith("conv2")
    )


def test_the_repaired_forms_of_resnet_18_have_no_unproductive_convolutions():
    assert count(resnet_18(16, (3, 2), True, (2, 1)), 16) == (0, 3)
    assert count(resnet_18(16, (3, 1), False, (2, 3, 3)), 16) == (0, 2)


@pytest.mark.parametrize("size", [16, 64, 224])
def test_resnet_18_has_the_published_footprints(size: int):
    layers = {layer.name: layer for layer in resnet_18(size, (7, 2), True, (2, 2, 2, 2))}

    assert layers["layer4.1.conv2"].output.max == (435, 435)
    assert layers["layer1.0.conv1"].output.min == (19, 19)
