"""One architecture, five frameworks: the same footprints and verdicts, layer by layer."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

import pytest
from blueprints import BLUEPRINTS

import rfa_core as rfa

LIBRARIES: dict[str, tuple[str, ...]] = {
    "torch": ("torch",),
    "keras": ("tensorflow", "keras"),
    "onnx": ("torch", "onnx"),
    "jax": ("jax", "flax"),
    "custom": (),
}
RESOLUTIONS = (32, 128)


@pytest.mark.zoo
@pytest.mark.torch
@pytest.mark.parametrize("name", BLUEPRINTS)
@pytest.mark.parametrize("framework", [name for name in LIBRARIES if name != "torch"])
@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_every_framework_gives_the_same_layers(name: str, framework: str, resolution: int) -> None:
    for library in LIBRARIES[framework]:
        pytest.importorskip(library)

    found = layers_of(framework, name, resolution)

    assert found == layers_of("torch", name, resolution)


@cache
def layers_of(framework: str, name: str, resolution: int) -> dict[str, tuple[Any, ...]]:
    """What is said of every judged layer, by its name in the blueprint."""
    analysis = rfa.analyse(import_module(f"builders.{framework}_nets").build(name), resolution)
    return {
        judged.layer.name: (
            judged.layer.kernel,
            judged.layer.stride,
            judged.layer.dilation,
            judged.layer.input,
            judged.layer.output,
            judged.layer.effective_stride,
            judged.layer.input_feature_map,
            judged.layer.feature_map,
            judged.layer.macs,
            judged.layer.exact,
            judged.verdict,
        )
        for judged in analysis.layers
        if judged.layer.judgeable == "weights" or judged.layer.name == "head"
    }
