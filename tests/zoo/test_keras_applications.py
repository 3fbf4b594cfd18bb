"""All of ``keras.applications``: every model is read, exactly, as its layers are configured."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from math import prod
from typing import Any

import pytest

from rfa_core.discovery.build import build
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.load import load
from rfa_core.frontends import frontend_of
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer

LARGER = re.compile(
    "ConvNeXt(Small|Base|Large|XLarge)|DenseNet(169|201)|EfficientNetB[2-7]"
    "|EfficientNetV2(B[1-3]|M|L)|NASNetLarge|ResNet(101|152)V2|VGG19"
)
"""The larger siblings of models, which RFA_WHOLE_ZOOS=1 adds: minutes."""

keras = pytest.importorskip("keras")
pytestmark = [pytest.mark.keras, pytest.mark.zoo]

NAMES = sorted(
    name
    for name, value in vars(keras.applications).items()
    if type(value).__name__ == "function"
    and (os.environ.get("RFA_WHOLE_ZOOS") or not LARGER.fullmatch(name))
)
DISTILL = {"InceptionV3": "inception_v3", "MobileNet": "mobilenet_v1", "VGG16": "vgg_16"}
"""Models of Keras, and what the published table calls the same network."""
SAME_SIZE = {"InceptionResNetV2": "inception_resnet_v2", "ResNet50": "resnet_v1_50"}
DEEPER = {"ResNet101": "resnet_v1_101", "ResNet152": "resnet_v1_152"}


@lru_cache(maxsize=1)
def read(name: str) -> tuple[Any, Graph]:
    target = Target(f"keras:{name}", framework="keras", kind="zoo")
    model: Any = build(load(target, "/"), target, {}, "/").model
    frontend = frontend_of(model)
    spec = frontend.guess_inputs(model)[0]
    named = frontend.sizes_named_by(model)
    size = named[0] if named else (224, 224)
    assert isinstance(size, tuple)
    return model, frontend.trace(model, spec, [one or 224 for one in size], name)


@pytest.mark.parametrize("name", NAMES)
def test_every_model_is_exact_and_read_as_its_layers_are_configured(name: str) -> None:
    model, graph = read(name)
    configured = {
        layer.name: (layer.kernel_size, layer.strides, layer.dilation_rate)
        for layer in model._flatten_layers()
        if hasattr(layer, "kernel_size")
    }

    layers = analyse_graph(graph)

    assert _convolutions(graph) == configured
    assert [layer.name for layer in layers if not layer.exact] == []
    assert graph.parameters == sum(layer.parameters for layer in layers)
    assert graph.parameters == sum(prod(one.shape) for one in model.trainable_variables)


@pytest.mark.parametrize("name", [*DISTILL, *SAME_SIZE, *DEEPER])
def test_sizes_are_those_that_were_published(name: str, published: dict[str, Any]) -> None:
    known = published["distill"][{**DISTILL, **SAME_SIZE, **DEEPER}[name]]

    layers = analyse_graph(read(name)[1])

    assert max(layer.output.max[0] or 0 for layer in layers) == known["r"]


def test_endpoints_of_vgg_are_those_that_were_published(published: dict[str, Any]) -> None:
    known = published["distill"]["vgg_16"]["endpoints"]
    layers = {layer.name: layer for layer in analyse_graph(read("VGG16")[1])}

    found = {name: _size(layers[_keras_name(name)]) for name in known}

    assert found == {name: tuple(end[:2]) for name, end in known.items()}


def test_endpoints_of_inception_are_those_that_were_published(published: dict[str, Any]) -> None:
    known = published["distill"]["inception_v3"]["endpoints"]
    mixed = [tuple(end[:2]) for name, end in known.items() if name.startswith("Mixed")]
    layers = {layer.name: layer for layer in analyse_graph(read("InceptionV3")[1])}

    assert [_size(layers[f"mixed{number}"]) for number in range(11)] == mixed


def test_endpoints_of_mobilenet_are_those_that_were_published(published: dict[str, Any]) -> None:
    known = published["distill"]["mobilenet_v1"]["endpoints_at_224"]
    layers = {layer.name: layer for layer in analyse_graph(read("MobileNet")[1])}
    names = ["conv1", *(f"conv_pw_{number}" for number in range(1, 14))]

    assert [_size(layers[name]) for name in names] == [tuple(end[:2]) for end in known]


def _convolutions(graph: Graph) -> dict[str, tuple[tuple[int, ...], ...]]:
    """The first window of every layer that has one, by the layer's own name."""
    found: dict[str, tuple[tuple[int, ...], ...]] = {}
    for node in graph:
        window = node.operation
        if node.kind == "conv" and isinstance(window, op.Window):
            name = node.layer.rpartition("/")[2]
            found.setdefault(name, (window.kernel, window.stride, window.dilation))
    return found


def _size(layer: Layer) -> tuple[int | None, int]:
    return layer.output.max[0], int(layer.effective_stride[0] or 0)


def _keras_name(name: str) -> str:
    kind, _, number = name.partition("_")
    return f"block{kind[-1]}_{kind[:-1]}{number}" if number else f"block{name[-1]}_{name[:-1]}"
