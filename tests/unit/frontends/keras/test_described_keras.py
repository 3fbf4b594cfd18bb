"""Layers and operations of Keras that plugins describe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import rfa_core as rfa
from rfa_core.errors import ConfigurationError
from rfa_core.frontends.base import ForwardError
from rfa_core.receptive.layers import Layer

pytestmark = pytest.mark.keras
keras = pytest.importorskip("keras")
from rfa_core.frontends.keras import trace as trace  # noqa: E402  # our own translations

layers, ops = keras.layers, keras.ops
IMAGE = (1, "H", "W", 3)
Layers = Callable[..., dict[str, Layer]]


@pytest.fixture(autouse=True)
def forgotten(forgets: Callable[[str], None]) -> None:
    forgets("keras")


class Involution(layers.Layer):  # type: ignore[misc]
    """What nobody can see through, with a layer inside."""

    def __init__(self, kernel: int, strides: int = 1, opaque: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kernel, self.strides, self.opaque = kernel, strides, opaque
        self.inner = layers.Conv2D(8, kernel, strides, padding="same", use_bias=False, name="inner")

    def build(self, shape: Any) -> None:
        self.inner.build(shape)

    def call(self, x: Any) -> Any:
        if self.opaque:
            raise RuntimeError("needs a GPU")
        return self.inner(x)


class Strided(Involution):
    """Keras asks it for a shape, and need not call it."""

    def compute_output_shape(self, shape: Any) -> Any:
        return (shape[0], *(-(-size // self.strides) for size in shape[1:3]), 8)


class Net(keras.Model):  # type: ignore[misc]
    def __init__(self, middle: Any) -> None:
        super().__init__()
        self.first = layers.Conv2D(8, 3, padding="same", name="first")
        self.middle = middle
        self.last = layers.Conv2D(8, 3, padding="same", name="last")

    def call(self, x: Any) -> Any:
        return self.last(self.middle(self.first(x)))


def involution(layer: Any) -> rfa.Window:
    return rfa.Window(layer.kernel, layer.strides, filters=8)


def facts(layer: Layer) -> tuple[Any, ...]:
    return (
        layer.input,
        layer.output,
        layer.effective_stride,
        layer.feature_map,
        layer.parameters,
        layer.macs,
        layer.judgeable,
        layer.exact,
    )


@pytest.mark.parametrize("name", [Involution, "Involution", f"{__name__}.Involution"])
@pytest.mark.parametrize("kind", [Involution, Strided])
@pytest.mark.parametrize("opaque", [True, False])
def test_a_layer_is_taken_as_the_window_that_it_is_said_to_be(
    layers_of: Layers, name: Any, kind: Any, opaque: bool
) -> None:
    rfa.layer_type("keras", name)(involution)
    conv = layers.Conv2D(8, 7, 2, padding="same", use_bias=False, name="middle")

    found = layers_of(Net(kind(7, 2, opaque, name="middle")), IMAGE, 32, 32)

    expected = layers_of(Net(conv), IMAGE, 32, 32)
    assert list(found) == list(expected)
    assert found["middle"].type == kind.__name__
    assert list(map(facts, found.values())) == list(map(facts, expected.values()))
    assert found["last"].output.max == (13, 13)


def test_channels_come_where_the_layer_or_keras_has_them(layers_of: Layers) -> None:
    class First(Involution):
        data_format = "channels_first"

        def compute_output_shape(self, shape: Any) -> Any:
            return shape

    rfa.layer_type("keras", Involution)(lambda layer: rfa.Window((layer.kernel, 1)))
    shape = (1, 3, "H", "W")

    found = layers_of(keras.Sequential([First(5, name="middle")]), shape, 32, 32)

    assert found["middle"].output.max == (5, 1)


@pytest.mark.parametrize(
    ("said", "size", "exact"),
    [
        (rfa.Pointwise(), (3, 3), True),
        (rfa.Everything(), (None, None), True),
        (rfa.Sampled("offsets are computed", rfa.Window(5)), (7, 7), False),
        (rfa.Window(5, channels_last=True), (7, 7), True),
    ],
)
def test_a_layer_may_be_other_things_than_a_window(
    layers_of: Layers, said: Any, size: Any, exact: bool
) -> None:
    rfa.layer_type("keras", Involution)(lambda _layer: said)

    found = layers_of(Net(Involution(5, name="middle")), IMAGE, 32, 32)["middle"]

    assert (found.output.max, found.exact) == (size, exact)


def test_an_operation_is_described_by_its_class(layers_of: Layers) -> None:
    class Smear(keras.Operation):  # type: ignore[misc]
        def __init__(self, kernel: int) -> None:
            super().__init__()
            self.kernel = kernel

        def call(self, _x: Any) -> Any:
            raise RuntimeError("needs a GPU")

        def compute_output_spec(self, x: Any) -> Any:
            return x

    rfa.operation("keras", "Smear")(
        lambda own: rfa.Sampled("places are drawn", rfa.Window(own.kernel))
    )

    found = layers_of(Net(Smear(5)), IMAGE, 32, 32)

    assert [*found] == ["first", "smear", "last"]
    assert (found["smear"].output.max, found["last"].output.max) == ((7, 7), (9, 9))


def test_a_description_that_cannot_be_is_refused(layers_of: Layers) -> None:
    rfa.layer_type("keras", Involution)(lambda _layer: rfa.Window(5, strides=4))

    with pytest.raises(ForwardError) as error:
        layers_of(Net(Strided(5, 2, name="middle")), IMAGE, 32, 32)

    assert "fails in middle" in error.value.message
    assert "raises TypeError" in error.value.message


def test_a_description_that_contradicts_keras_is_refused(layers_of: Layers) -> None:
    rfa.layer_type("keras", Involution)(lambda _layer: rfa.Window(5, stride=4))

    with pytest.raises(ForwardError) as error:
        layers_of(Net(Strided(5, 2, name="middle")), IMAGE, 32, 32)

    assert "fails in middle" in error.value.message
    assert "a kernel of 5 with stride 4, dilation 1 does not make 16 positions" in str(error.value)


def test_what_is_translated_already_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="two translations of the keras layer BaseConv: "):
        rfa.layer_type("keras", "BaseConv")(involution)
    with pytest.raises(ConfigurationError, match="two translations of the keras operation Conv: "):
        rfa.operation("keras", "Conv")(involution)
