"""What is recorded of a Keras model: names, calls, parameters, and what is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import ForwardError
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph
from rfa_core.receptive.layers import Layer

pytestmark = pytest.mark.keras
keras = pytest.importorskip("keras")
layers, ops = keras.layers, keras.ops

IMAGE = (1, "H", "W", 3)
Layers = Callable[..., dict[str, Layer]]


class Residual(layers.Layer):  # type: ignore[misc]
    """Two convolutions with a learned scale before the sum."""

    def __init__(self, filters: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first = layers.Conv2D(filters, 3, padding="same", name="first")
        self.second = layers.Conv2D(filters, 3, padding="same", name="second")

    def build(self, shape: Any) -> None:
        self.gamma = self.add_weight(shape=(shape[-1],), name="gamma")

    def call(self, x: Any) -> Any:
        return x + self.gamma * self.second(ops.relu(self.first(x)))


class Net(keras.Model):  # type: ignore[misc]
    def __init__(self) -> None:
        super().__init__()
        self.stem = layers.Conv2D(8, 3, strides=2, padding="same", name="stem")
        self.block = Residual(8, name="block")
        self.head = layers.Dense(5, name="head")

    def call(self, x: Any) -> Any:
        x = self.block(self.block(self.stem(x)))
        return self.head(layers.Flatten()(x))


class Raw(layers.Layer):  # type: ignore[misc]
    """A layer in the words of the backend."""

    def call(self, x: Any) -> Any:
        import numpy as np

        return keras.ops.convert_to_tensor(np.asarray(x)[..., :1])

    def compute_output_shape(self, shape: Any) -> Any:
        return (*shape[:-1], 1)


def test_layers_are_named_by_the_layers_around_them(layers_of: Layers) -> None:
    inner = keras.Sequential([layers.Conv2D(4, 3, name="conv"), layers.ReLU()], name="inner")
    x = keras.Input((None, None, 3))
    model = keras.Model(x, layers.Conv2D(2, 1, name="last")(inner(x)))

    found = layers_of(model, IMAGE, 20, 20)

    assert [name for name, layer in found.items() if layer.judgeable == "weights"] == [
        "inner/conv",
        "last",
    ]
    assert found["inner/conv"].type == "Conv2D"


def test_a_layer_that_is_called_twice_is_one_layer(layers_of: Layers) -> None:
    found = layers_of(Net(), IMAGE, 32, 32)

    assert {name: found[name].calls for name in ("stem", "block/first", "block/second")} == {
        "stem": 1,
        "block/first": 2,
        "block/second": 2,
    }
    assert found["block/second"].widest == (19, 19)


def test_every_parameter_is_counted_once(trace_of: Callable[..., Graph]) -> None:
    graph = trace_of(Net(), IMAGE, 32, 32)

    expected = {"stem": 224, "block/first": 584, "block/second": 584, "head": 16 * 16 * 8 * 5 + 5}
    found = dict.fromkeys(expected, 0)
    for node in graph:
        found[node.layer] = found.get(node.layer, 0) + node.parameters
    assert {name: count for name, count in found.items() if count} == {
        **expected,
        "block/multiply": 8,
    }
    assert graph.parameters == sum(found.values())


def test_frozen_weights_count_and_statistics_do_not(trace_of: Callable[..., Graph]) -> None:
    x = keras.Input((None, None, 3))
    model = keras.Model(x, layers.BatchNormalization()(layers.Conv2D(4, 3, use_bias=False)(x)))
    model.trainable = False

    graph = trace_of(model, IMAGE, 16, 16)

    assert graph.parameters == 3 * 3 * 3 * 4 + 2 * 4
    assert sum(node.parameters for node in graph) == graph.parameters


def test_a_model_that_is_not_built_stays_so(trace_of: Callable[..., Graph]) -> None:
    model = Net()

    sizes = [len(trace_of(model, IMAGE, size, size)) for size in (32, 48)]

    assert sizes[0] == sizes[1]
    assert not any(layer.built for layer in model._flatten_layers())
    assert model.variables == []


def test_a_model_is_left_as_it_was_found(trace_of: Callable[..., Graph]) -> None:
    x = keras.Input((None, None, 3))
    model = keras.Model(x, layers.Conv2D(4, 3)(layers.ZeroPadding2D(1)(x)))
    wires = [
        (len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in model._flatten_layers()
    ]

    trace_of(model, IMAGE, 16, 16)

    assert wires == [
        (len(layer._inbound_nodes), len(layer._outbound_nodes)) for layer in model._flatten_layers()
    ]
    assert keras.config.is_traceback_filtering_enabled()


def test_a_layer_that_takes_no_symbols_is_a_bound_and_says_so(layers_of: Layers) -> None:
    x = keras.Input((None, None, 3))
    model = keras.Model(x, layers.Conv2D(2, 3)(Raw(name="raw")(x)))

    found = layers_of(model, IMAGE, 16, 16)

    assert found["raw/raw"].causes_inexact
    assert found["raw/raw"].inexact[0].startswith("Raw computes with tensorflow itself")
    assert not found["conv2d" if "conv2d" in found else list(found)[-1]].exact


@pytest.mark.skipif(not hasattr(ops, "vander"), reason="needs an operation of a later Keras")
def test_operations_that_are_not_known_are_bounds(trace_of: Callable[..., Graph]) -> None:
    x = keras.Input((6, 3))
    model = keras.Model(x, ops.vander(ops.sum(x, axis=(0, 2)), 4))

    graph = trace_of(model, (1, "T", 3), 6)

    unknown = [node.operation for node in graph if isinstance(node.operation, op.Unknown)]
    assert [one.reason for one in unknown] == ["keras.ops: vander is not known to this version"]


def test_a_convolution_of_ones_own_is_followed(layers_of: Layers) -> None:
    class Standardised(layers.Conv2D):  # type: ignore[misc]
        def convolution_op(self, inputs: Any, kernel: Any) -> Any:
            kernel = kernel - ops.mean(kernel, axis=(0, 1), keepdims=True)
            return super().convolution_op(ops.pad(inputs, ((0, 0), (2, 0), (2, 0), (0, 0))), kernel)

    x = keras.Input((None, None, 3))
    model = keras.Model(x, Standardised(4, 3, name="conv")(x))

    found = layers_of(model, IMAGE, 16, 16)["conv"]

    assert (found.type, found.kernel, found.parameters) == ("Standardised", (3, 3), 112)
    assert found.feature_map == (16, 16)


def test_group_statistics_carry_no_pattern(layers_of: Layers) -> None:
    x = keras.Input((None, None, 4))
    y = layers.GroupNormalization(2, name="norm")(layers.Conv2D(4, 3)(x))

    found = layers_of(keras.Model(x, y), (1, "H", "W", 4), 16, 16)["norm"]

    assert (found.output.max, found.output.global_context) == ((3, 3), False)


def test_channels_may_come_first(layers_of: Layers) -> None:
    options = {"padding": "same", "data_format": "channels_first"}
    x = keras.Input((3, None, None))
    y = layers.Conv2D(4, 3, strides=2, name="conv", **options)(x)
    y = layers.MaxPooling2D(3, 2, name="pool", **options)(y)
    y = layers.Conv2DTranspose(4, 4, 2, name="up", **options)(y)

    found = layers_of(keras.Model(x, y), (1, 3, "H", "W"), 32, 32)

    assert {name: found[name].output.max for name in ("conv", "pool", "up")} == {
        "conv": (3, 3),
        "pool": (7, 7),
        "up": (11, 11),
    }
    assert found["up"].feature_map == (16, 16)


def test_a_call_that_fails_names_the_layer(trace_of: Callable[..., Graph]) -> None:
    x = keras.Input((32, 32, 3))
    model = keras.Model(x, layers.Dense(3, name="head")(layers.Flatten()(layers.Conv2D(2, 3)(x))))

    with pytest.raises(ForwardError) as raised:
        trace_of(model, IMAGE, 24, 24)

    assert raised.value.reason.startswith("ValueError")
    assert "24" in raised.value.message


def test_inputs_are_what_the_model_declares() -> None:
    image, sound = keras.Input((None, None, 3)), keras.Input((None, 2))
    width = layers.GlobalMaxPooling2D()(layers.Conv2D(4, 3)(image))
    model = keras.Model([image, sound], [width, layers.LSTM(3)(sound)])
    frontend: Any = frontend_of(model)

    (spec,) = frontend.guess_inputs(model)

    assert spec.axes == ("H", "W", "T")
    assert spec.at((8, 9, 10)) == ((1, 8, 9, 3), (1, 10, 2))
    assert frontend.sizes_named_by(model) == ()


@pytest.mark.parametrize(
    ("shape", "named"),
    [((32, 48, 3), ((32, 48),)), ((None, 48, 3), ((None, 48),)), ((None, None, 3), ())],
)
def test_sizes_that_an_input_fixes_are_named(shape: tuple[int | None, ...], named: object) -> None:
    x = keras.Input(shape)
    model = keras.Model(x, layers.Conv2D(4, 3)(x))

    assert frontend_of(model).sizes_named_by(model) == named


def test_a_model_that_declares_nothing_is_fed_what_its_first_layer_takes() -> None:
    model = Net()

    specs = frontend_of(model).guess_inputs(model)

    assert [spec.at((8, 8))[0] for spec in specs[:2]] == [(1, 8, 8, 3), (1, 8, 8, 1)]
