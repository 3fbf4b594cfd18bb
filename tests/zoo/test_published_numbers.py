"""Numbers out of papers, held to the analysis of torchvision's and of rebuilt models."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

torch = pytest.importorskip("torch")
torchvision = pytest.importorskip("torchvision")

from rfa_core.api import analyse  # noqa: E402
from rfa_core.receptive.layers import Layer  # noqa: E402
from rfa_core.receptive.policy import Policy  # noqa: E402
from rfa_core.receptive.verdict import Verdict  # noqa: E402

nn = torch.nn

pytestmark = [pytest.mark.torch, pytest.mark.zoo]

VGG16 = {
    "conv1_1": "features.0", "pool1": "features.4", "conv2_1": "features.5",
    "pool2": "features.9", "conv3_1": "features.10", "conv3_2": "features.12",
    "pool3": "features.16", "conv4_1": "features.17", "conv4_2": "features.19",
    "pool4": "features.23", "conv5_1": "features.24", "conv5_2": "features.26",
    "pool5": "features.30",
}  # fmt: skip

INCEPTION = {
    "Conv2d_1a_3x3": "Conv2d_1a_3x3.conv", "Conv2d_2a_3x3": "Conv2d_2a_3x3.conv",
    "Conv2d_2b_3x3": "Conv2d_2b_3x3.conv", "MaxPool_3a_3x3": "maxpool1",
    "Conv2d_4a_3x3": "Conv2d_4a_3x3.conv", "MaxPool_5a_3x3": "maxpool2",
    "Mixed_7b": "Mixed_7b.cat_3", "Mixed_7c": "Mixed_7c.cat_3",
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "resnet50",
        "resnet101",
        "resnet152",
        "vgg16",
        "alexnet",
        "inception_v3",
        "densenet121",
        "googlenet",
    ],
)
def test_the_largest_footprint_is_the_published_one(
    name: str, published: Any, layers_of: Any
) -> None:
    largest = published["torchvision_r_max"][name]

    layers = layers_of(name, 224).values()

    assert max(layer.output.max for layer in layers if layer.feature_map[0]) == (largest, largest)


def test_vgg_has_the_published_endpoints(published: Any, layers_of: Any) -> None:
    endpoints = published["distill"]["vgg_16"]["endpoints"]

    layers = layers_of("vgg16", 224)

    found = {end: _size_and_stride(layers[name]) for end, name in VGG16.items()}
    assert found == {end: numbers[:2] for end, numbers in endpoints.items()}


def test_inception_has_the_published_endpoints(published: Any, layers_of: Any) -> None:
    endpoints = published["distill"]["inception_v3"]["endpoints"]

    layers = layers_of("inception_v3", 299)

    names = {end: INCEPTION.get(end, f"{end}.cat") for end in endpoints}
    found = {end: _size_and_stride(layers[name]) for end, name in names.items()}
    assert found == {end: numbers[:2] for end, numbers in endpoints.items()}


def test_mobilenet_has_the_published_endpoints(published: Any) -> None:
    endpoints = published["distill"]["mobilenet_v1"]["endpoints_at_224"]

    layers = _layers(mobilenet_v1(), 224)

    found = [_size_and_stride(layers[f"{n}.0"]) for n in range(len(endpoints))]
    assert found == [numbers[:2] for numbers in endpoints]


def test_patchgan_sees_patches_of_70_pixels(published: Any) -> None:
    size = published["patchgan_n3"]

    layers = list(_layers(patchgan(), 256).values())

    assert layers[-1].output.max == (size, size)


@pytest.mark.parametrize(("place", "wide"), [(0, 2), (1, 3), (2, 4)])
def test_bagnets_see_patches_of_their_size(place: int, wide: int, published: Any) -> None:
    size = published["bagnet"][place]

    layers = list(_layers(bagnet(wide), 224).values())

    assert max(layer.output.max for layer in layers) == (size, size)


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (lambda: resnet18(), "original"),
        (lambda: resnet18([2, 1], stride=2), "stem 3x3 stride 2, max-pool, blocks [2, 1]"),
        (
            lambda: resnet18([2, 3, 3], stride=1, pooled=False),
            "stem 3x3 stride 1, no max-pool, blocks [2, 3, 3]",
        ),
    ],
)
def test_resnet_on_16_pixels_has_the_published_verdicts(
    edit: Callable[[], Any], name: str, published: Any
) -> None:
    expected = published["rfa_resnet18_at_16"][name]

    report = analyse(edit(), 16).model.resolutions[0]

    convolutions = [one.verdict for one in report.layers if one.layer.operation == "conv"]
    assert {key: convolutions.count(Verdict(key)) for key in expected} == expected


def test_the_border_layers_of_vgg_at_32_pixels_are_the_published_ones(published: Any) -> None:
    expected = published["border_layer"]["vgg16_at_32"]

    with torch.device("meta"):
        model = torchvision.models.vgg16()
    borders = {
        key: analyse(model, 32, policy=Policy(strict_tie=strict)).unproductive[0].layer
        for key, strict in (("tie counts", False), ("strict", True))
    }

    found = {key: (layer.name, layer.input.min[0]) for key, layer in borders.items()}
    assert found == {key: (one["layer"], one["r_in"]) for key, one in expected.items()}


@pytest.mark.parametrize("resolution", [32, 64])
def test_the_unproductive_layers_of_resnet_are_the_published_ones(
    resolution: int, published: Any, report_of: Any
) -> None:
    expected = published["border_layer"][f"resnet18_at_{resolution}"]

    report = report_of("resnet18", resolution).resolutions[0]

    names = [judged.layer.name for judged in report.with_verdict(Verdict.UNPRODUCTIVE)]
    assert names == expected


def test_swin_sees_windows_and_shifted_windows(published: Any, layers_of: Any) -> None:
    expected = published["swin_t_sizes_at_224_min_max_over_positions"]

    layers = layers_of("swin_t", 224)

    found = {
        "after block 1 (windows)": layers["features.1.0.mlp.3"].output.max[0],
        "after block 2 (shifted)": layers["features.1.1.mlp.3"].output.max[0],
        "stage 2, first block": layers["features.3.0.mlp.3"].output.max[0],
    }
    assert found == {place: largest for place, (_, largest) in expected.items()}


def _size_and_stride(layer: Layer) -> list[Any]:
    assert len(set(layer.output.max)) == len(set(layer.effective_stride)) == 1
    return [layer.output.max[0], layer.effective_stride[0]]


def _layers(model: Any, resolution: int) -> dict[str, Layer]:
    return {one.layer.name: one.layer for one in analyse(model, resolution).layers}


def mobilenet_v1() -> Any:
    strides = [2, 1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]
    layers = (
        nn.Sequential(nn.Conv2d(4, 4, 3, stride, 1, groups=4), nn.Conv2d(4, 4, 1), nn.ReLU())
        for stride in strides[1:]
    )
    return nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 3, strides[0], 1)), *layers)


def patchgan() -> Any:
    channels = [3, 4, 4, 4, 4, 1]
    strides = [2, 2, 2, 1, 1]
    return nn.Sequential(
        *(nn.Conv2d(channels[n], channels[n + 1], 4, stride, 1) for n, stride in enumerate(strides))
    )


def bagnet(wide: int) -> Any:
    """ResNet-50 with one 3x3 kernel in each of the first ``wide - 1`` stages and the stem."""
    stem = [nn.Conv2d(3, 4, 1), nn.Conv2d(4, 4, 3)]
    return nn.Sequential(*stem, *_bottlenecks(wide))


def _bottlenecks(wide: int) -> Iterator[Any]:
    for stage, (blocks, stride) in enumerate([(3, 2), (4, 2), (6, 2), (3, 1)]):
        for block in range(blocks):
            kernel = 3 if stage < wide and block == 0 else 1
            yield nn.Sequential(
                nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, kernel, stride if block == 0 else 1), nn.ReLU()
            )


def resnet18(
    blocks: list[int] | None = None, stride: int | None = None, pooled: bool = True
) -> Any:
    """ResNet-18 with other stages and another stem."""
    block = torchvision.models.resnet.BasicBlock
    with torch.device("meta"):
        model = torchvision.models.resnet.ResNet(block, [*(blocks or [2] * 4), 1, 1][:4])
        if stride is not None:
            model.conv1 = nn.Conv2d(3, 64, 3, stride, 1, bias=False)
        if not pooled:
            model.maxpool = nn.Identity()
        for stage in range(len(blocks or [2] * 4), 4):
            setattr(model, f"layer{stage + 1}", nn.Identity())
        model.fc = nn.Linear(64 * 2 ** (len(blocks or [2] * 4) - 1), 1000)
    return model
