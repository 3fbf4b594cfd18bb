"""torchvision's models for other tasks than classification: a handful of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from rfa_core.api import check
from rfa_core.config.settings import Settings
from rfa_core.findings import ModelReport
from rfa_core.receptive.resolution import parse_resolution

pytest.importorskip("torchvision")

pytestmark = [pytest.mark.torch, pytest.mark.zoo]


def report_of(name: str, resolution: str) -> ModelReport:
    settings = Settings(root=str(Path.cwd()), resolutions=(parse_resolution(resolution),))
    return check([f"torchvision:{name}"], settings).models[0]


def inexact(model: ModelReport) -> list[str]:
    judged = [each.layer for each in model.resolutions[0].layers]
    return [layer.name for layer in judged if layer.judgeable == "weights" and not layer.exact]


@pytest.mark.parametrize(
    ("name", "resolution", "layer", "size"),
    [
        ("deeplabv3_resnet50", "520", "classifier.0.convs.3.0", (1003, 1003)),
        ("fcn_resnet50", "520", "classifier.4", (443, 443)),
        ("lraspp_mobilenet_v3_large", "520", "classifier.low_classifier", (35, 35)),
        ("r3d_18", "16x112x112", "layer4.1.conv2.0", (109, 219, 219)),
        ("mc3_18", "16x112x112", "layer4.1.conv2.0", (11, 219, 219)),
        ("r2plus1d_18", "16x112x112", "layer4.1.conv2.0.3", (109, 219, 219)),
        ("quantized_resnet18", "224", "layer4.1.conv2", (435, 435)),
        ("quantized_shufflenet_v2_x0_5", "224", "conv5.0", (527, 527)),
    ],
)
def test_layers_see_as_much_along_each_axis_as_their_kernels_add_up_to(
    name: str, resolution: str, layer: str, size: tuple[int, ...]
) -> None:
    """The sizes are sums of ``(k - 1) * d * j`` by hand, as ResNet-50 with dilated stages 3 and 4:
    7 + 4 + 3 * 8 + 8 + 3 * 16 + 16 + 5 * 32 + 32 + 2 * 64 = 427, and 2 * 36 * 8 more."""
    model = report_of(name, resolution)

    layers = {each.layer.name: each.layer for each in model.resolutions[0].layers}
    assert (model.status, model.resolutions[0].unsupported, inexact(model)) == (
        "analysed",
        None,
        [],
    )
    assert layers[layer].output.max == size


@pytest.mark.parametrize(
    ("name", "resolution"), [("s3d", "16x224x224"), ("swin3d_t", "16x112x112")]
)
def test_clips_are_exact(name: str, resolution: str) -> None:
    model = report_of(name, resolution)

    assert (model.status, model.resolutions[0].unsupported, inexact(model)) == (
        "analysed",
        None,
        [],
    )


@pytest.mark.parametrize(
    ("name", "where", "operation", "beyond"),
    [
        ("fasterrcnn_resnet50_fpn", "rpn", "nonzero", "; not reached: roi_heads"),
        ("maskrcnn_resnet50_fpn", "rpn", "nonzero", "; not reached: roi_heads"),
        ("retinanet_resnet50_fpn", "the model's own forward", "index", ""),
        ("fcos_resnet50_fpn", "the model's own forward", "index", ""),
        ("ssd300_vgg16", "the model's own forward", "index", ""),
    ],
)
def test_detectors_are_exact_up_to_where_data_decide(
    name: str, where: str, operation: str, beyond: str
) -> None:
    model = report_of(name, "320")

    assert (model.status, inexact(model)) == ("analysed", [])
    assert model.stopped == f"{where}: data decide what {operation} returns{beyond}"


def test_optical_flow_is_exact_up_to_where_it_looks_up_its_own_flow() -> None:
    model = report_of("raft_large", "128")

    layers = [each.layer for each in model.resolutions[0].layers]
    reasons = {reason for layer in layers for reason in layer.inexact}
    encoders = [layer for layer in layers if layer.name.startswith("feature_encoder")]
    assert (model.status, reasons) == (
        "analysed",
        {"grid_sample reads positions that data decide"},
    )
    assert all(layer.exact for layer in encoders)
    assert any("[1, 3, 128, 128], [1, 3, 128, 128]" in note for note in model.notes)
