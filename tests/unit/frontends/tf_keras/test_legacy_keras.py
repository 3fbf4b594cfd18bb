"""Models of legacy Keras, layer by layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import ForwardError
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph

tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("tf_keras")
pytestmark = [pytest.mark.tensorflow, pytest.mark.filterwarnings("ignore")]


def nested() -> Any:
    """A nested model, a layer that is called twice, and every kind of convolution."""
    image = keras.Input((None, None, 3))
    block = keras.Sequential(
        [
            keras.layers.Conv2D(8, 3, strides=2, padding="same", name="strided"),
            keras.layers.LayerNormalization(),
            keras.layers.Dropout(0.3),
        ],
        name="block",
    )
    shared = keras.layers.Conv2D(8, 3, dilation_rate=2, padding="same", name="shared")
    x = keras.layers.GroupNormalization(2)(shared(shared(block(image))))
    x = keras.layers.SeparableConv2D(4, 3, dilation_rate=2, name="separable")(x)
    x = keras.layers.Conv2DTranspose(4, 3, strides=2, padding="same", name="transposed")(x)
    x = keras.layers.GlobalAveragePooling2D(name="pool")(x)
    return keras.Model(image, keras.layers.Dense(3, name="dense")(x))


def graph_of(build: Callable[[], Any], size: int = 64) -> tuple[Any, Graph]:
    from rfa_core.discovery.tensorflow_builder import build_tensorflow

    model, _, notes = build_tensorflow(build, "model", "/nowhere")
    assert notes == ()
    frontend = frontend_of(model)
    spec = frontend.guess_inputs(model)[0]
    return model, frontend.trace(model, spec, (size,) * spec.count, "model")


def test_published_weights_are_neither_fetched_nor_read() -> None:
    from rfa_core.discovery.tensorflow_builder import build_tensorflow

    def pretrained() -> Any:
        return keras.applications.MobileNetV2(weights="imagenet", include_top=False)

    model, _, notes = build_tensorflow(pretrained, "model", "/nowhere")

    assert notes == ()
    assert model.count_params() == 2_257_984


def test_layers_have_the_names_the_calls_and_the_parameters_of_keras() -> None:
    model, graph = graph_of(nested)

    found = [
        (layer.name, layer.type, layer.calls, layer.output.max, layer.parameters)
        for layer in analyse_graph(graph)
        if layer.judgeable or layer.name in ("pool", "dense")
    ]
    assert found == [
        ("block/strided", "Conv2D", 1, (3, 3), 224),
        ("shared", "Conv2D", 2, (11, 11), 584),
        ("separable", "SeparableConv2D", 1, (27, 27), 108),
        ("transposed", "Conv2DTranspose", 1, (29, 29), 148),
        ("pool", "GlobalAveragePooling2D", 1, (None, None), 0),
        ("dense", "Dense", 1, (None, None), 15),
    ]
    assert graph.parameters == model.count_params()
    assert graph.framework == "tf_keras"


def test_no_weight_has_a_value_and_the_library_is_left_as_it_was() -> None:
    plain = keras.layers.Layer.__call__

    model, _ = graph_of(nested)

    assert not tf.raw_ops.VarIsInitializedOp(resource=model.weights[0].handle)
    assert keras.layers.Layer.__call__ is plain


def test_recurrent_layers_see_everything_before_them() -> None:
    _, graph = graph_of(
        lambda: keras.Sequential(
            [
                keras.layers.Input((None, 4)),
                keras.layers.Conv1D(8, 3, dilation_rate=2, padding="causal", name="conv"),
                keras.layers.LSTM(5, return_sequences=True, name="lstm"),
                keras.layers.Bidirectional(keras.layers.GRU(3, return_sequences=True), name="two"),
                keras.layers.TimeDistributed(keras.layers.Dense(2), name="each"),
                keras.layers.SimpleRNN(4, name="last"),
            ]
        )
    )

    layers = {layer.name: layer for layer in analyse_graph(graph)}
    assert not graph.stopped
    assert not [layer.name for layer in layers.values() if layer.inexact]
    assert layers["conv"].output.max == (5,)
    assert [
        (layers[name].output.max, layers[name].output.global_context, layers[name].parameters)
        for name in ("lstm", "two/forward_gru", "last")
    ] == [((None,), True, 280), ((None,), True, 90), ((None,), True, 28)]


def test_a_convolution_inside_a_loop_is_a_bound_that_says_so() -> None:
    model = keras.Sequential(
        [keras.layers.Input((5, 20, 20, 3)), keras.layers.ConvLSTM2D(4, 3, name="conv_lstm")]
    )
    frontend = frontend_of(model)
    graph = frontend.trace(model, frontend.guess_inputs(model)[0], (5, 20, 20), "model")

    (layer,) = [layer for layer in analyse_graph(graph) if layer.name == "conv_lstm"]
    assert layer.inexact == ("a loop is not followed",)


def test_a_subclassed_model_is_read_where_its_code_uses_tensorflow() -> None:
    class Custom(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.conv = keras.layers.Conv2D(4, 3, padding="same")

        def call(self, x: Any) -> Any:
            y = tf.nn.avg_pool2d(tf.nn.relu(self.conv(x)), 2, 2, "VALID")
            return tf.image.resize(y, tf.shape(x)[1:3], "nearest") + self.conv(x)[..., :1]

    _, graph = graph_of(Custom)

    found = [(layer.name, layer.output.max) for layer in analyse_graph(graph)]
    assert ("conv2d", (3, 3)) in found
    assert ("avg_pool2d", (4, 4)) in found


def test_a_size_that_the_model_does_not_take_is_told_with_its_layer() -> None:
    model = keras.Sequential(
        [
            keras.layers.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, name="first"),
            keras.layers.Conv2D(4, 9, name="second"),
        ]
    )
    frontend = frontend_of(model)
    (spec,) = frontend.guess_inputs(model)

    with pytest.raises(ForwardError) as raised:
        frontend.trace(model, spec, (8, 8), "model")

    assert raised.value.layer == "second"
    assert "ValueError" in raised.value.reason


def test_lines_are_those_of_the_project(tmp_path: Path) -> None:
    from rfa_core.discovery.tensorflow_builder import build_tensorflow

    file = tmp_path / "models.py"
    file.write_text(
        "import tf_keras as keras\n"
        "def model():\n"
        "    image = keras.Input((None, None, 3))\n"
        "    conv = keras.layers.Conv2D(4, 3)\n"
        "    return keras.Model(image, conv(image))\n"
    )
    space: dict[str, Any] = {}
    exec(compile(file.read_text(), str(file), "exec"), space)

    model, lines, _ = build_tensorflow(space["model"], "model", str(tmp_path))
    frontend = frontend_of(model)
    (spec,) = frontend.guess_inputs(model)
    graph = frontend.trace(model, spec, (16, 16), "model", lines, str(tmp_path))

    (conv,) = [node for node in graph if node.weighted]
    assert [place.line for place in conv.constructed] == [4]


@pytest.mark.torch
@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("VGG16", "vgg16"),
        ("MobileNetV2", "mobilenet_v2"),
        ("EfficientNetB0", "efficientnet_b0"),
        ("ConvNeXtTiny", "convnext_tiny"),
    ],
)
def test_applications_see_what_the_same_networks_of_torchvision_see(ours: str, theirs: str) -> None:
    torchvision = pytest.importorskip("torchvision")
    _, graph = graph_of(lambda: getattr(keras.applications, ours)(weights=None), 224)
    other = getattr(torchvision.models, theirs)()
    frontend = frontend_of(other)
    reference = frontend.trace(other, frontend.guess_inputs(other)[0], (224, 224), theirs)

    assert _footprints(graph) == _footprints(reference)


@pytest.mark.parametrize(("name", "size"), [("MobileNet", 315), ("VGG16", 212)])
def test_applications_have_the_published_receptive_fields(name: str, size: int) -> None:
    _, graph = graph_of(
        lambda: getattr(keras.applications, name)(weights=None, include_top=False), 299
    )

    sizes = [layer.output.max[0] for layer in analyse_graph(graph)]
    assert max(found for found in sizes if found is not None) == size


def _footprints(graph: Graph) -> list[tuple[Any, Any]]:
    """Of all layers that apply weights on maps, in order."""
    return sorted(
        (layer.output.max, layer.output.min)
        for layer in analyse_graph(graph)
        if layer.judgeable == "weights" and layer.output.max != (None, None)
    )
