"""Torchvision's classifiers through PyTorch's exporter: the same layers as without it."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

from rfa_core.api import analyse
from rfa_core.receptive.layers import Layer

for _name in ("torchvision", "onnx", "onnxscript"):
    pytest.importorskip(_name)

pytestmark = [pytest.mark.torch, pytest.mark.onnx, pytest.mark.zoo]

BUILT_FAKE = [
    "alexnet", "resnet18", "densenet121", "mobilenet_v3_small", "shufflenet_v2_x1_0",
    "efficientnet_b0", "inception_v3",
]  # fmt: skip
BUILT_REAL = ["convnext_tiny", "regnet_y_400mf", "swin_t"]
"""Models whose constructors read numbers, which fake tensors have none of."""
OPTIONS: dict[str, dict[str, Any]] = {"inception_v3": {"init_weights": False}}


def exported(name: str) -> Any:
    """The ONNX model of a torchvision model; its weights are placeholders without numbers."""
    import onnx_ir
    import torch
    import torchvision
    from torch._subclasses import FakeTensorMode

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if name in BUILT_REAL:
            model = torchvision.models.get_model(name, weights=None).eval()
            program = torch.onnx.export(
                model, (_image(),), dynamo=True, optimize=False, verbose=False
            )
        else:
            with FakeTensorMode():
                model = torchvision.models.get_model(
                    name, weights=None, **OPTIONS.get(name, {})
                ).eval()
                program = torch.onnx.export(
                    model, (_image(),), dynamo=True, optimize=False, verbose=False
                )
    assert program is not None
    learned = {name for name, _ in model.named_parameters()}
    for key, value in program.model.graph.initializers.items():
        if key in learned or name not in BUILT_REAL:
            value.const_value = onnx_ir.ExternalTensor(
                "nowhere", 0, 0, value.dtype, shape=value.shape, name=key
            )
    return onnx_ir.to_proto(program.model)


def _image() -> Any:
    import torch

    return torch.zeros(1, 3, 224, 224)


@pytest.mark.parametrize("name", [*BUILT_FAKE, *BUILT_REAL])
def test_every_convolution_is_the_one_that_pytorch_has(name: str, layers_of: Any):
    expected = _convolutions(layers_of(name, 224))

    report = analyse(exported(name), 224)

    found = {one.layer.name: one.layer for one in report.layers}
    assert _convolutions(found) == expected


def _convolutions(layers: dict[str, Layer]) -> dict[str, tuple[Any, ...]]:
    return {
        name: (
            layer.kernel, layer.stride, layer.dilation, layer.input, layer.output,
            layer.effective_stride, layer.feature_map, layer.parameters, layer.macs, layer.exact,
        )
        for name, layer in layers.items()
        if layer.operation == "conv"
    }  # fmt: skip
