"""Convolutions and poolings of torchvision models, held to numbers found by other means."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rfa_core.receptive.layers import Layer

pytest.importorskip("torchvision")

pytestmark = [pytest.mark.torch, pytest.mark.zoo]

MODELS = list(
    json.loads((Path(__file__).parent / "data/torchvision-footprints.json").read_text())["models"]
)


@pytest.mark.parametrize("name", MODELS)
def test_every_convolution_and_pooling_has_the_measured_footprint(
    name: str, measured: Any, layers_of: Any
) -> None:
    expected = measured[name]["layers"]

    layers = layers_of(name, measured[name]["resolution"]).values()

    assert [_row(layer) for layer in layers if _is_listed(layer)] == expected


@pytest.mark.parametrize("name", MODELS)
def test_the_parameters_of_the_layers_add_up_to_the_parameters_of_the_model(
    name: str, measured: Any, report_of: Any, layers_of: Any
) -> None:
    resolution = measured[name]["resolution"]

    total = sum(layer.parameters for layer in layers_of(name, resolution).values())

    assert report_of(name, resolution).parameters == measured[name]["parameters"]
    assert total == measured[name]["parameters"] - _unused(name)


def _unused(name: str) -> int:
    """Parameters of auxiliary heads, which run in training only."""
    return 6_379_984 if name == "googlenet" else 0


def _is_listed(layer: Layer) -> bool:
    return layer.operation == "conv" or layer.operation in ("max_pool2d", "avg_pool2d")


def _row(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "op": layer.operation,
        "kernel": list(layer.kernel),
        "stride": list(layer.stride),
        "dilation": list(layer.dilation),
        "r_in_min": list(layer.input.min),
        "r_in_max": list(layer.input.max),
        "r_min": list(layer.output.min),
        "r_max": list(layer.output.max),
        "input_map": list(layer.input_feature_map),
        "feature_map": list(layer.feature_map),
    }
