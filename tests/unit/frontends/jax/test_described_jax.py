"""Modules of Flax and primitives of JAX that plugins describe."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from facts import facts

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp
from flax import linen, nnx
from jax.extend.core import Primitive

import rfa_core as rfa
from rfa_core.errors import ConfigurationError
from rfa_core.frontends import ForwardError, frontend_of, input_spec
from rfa_core.frontends.jax import FRONTEND
from rfa_core.frontends.jax.models import Function
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer

pytestmark = pytest.mark.jax

IMAGE = input_spec((1, "H", "W", 3), "given")


@pytest.fixture(autouse=True)
def forgotten(forgets: Callable[[str], None]) -> None:
    forgets("jax")


class Involution(linen.Module):  # type: ignore[misc]
    """Blurs twice, with a module inside."""

    kernel: int
    stride: int = 1

    @linen.compact
    def __call__(self, x: Any) -> Any:
        size = (self.kernel, self.kernel)
        x = linen.Conv(8, size, self.stride, padding="SAME", use_bias=False)(x)
        return jax.nn.relu(x) * 2


class Net(linen.Module):  # type: ignore[misc]
    middle: Any

    @linen.compact
    def __call__(self, x: Any) -> Any:
        x = linen.Conv(8, (3, 3), name="first")(x)
        return linen.Conv(8, (3, 3), name="last")(self.middle(x))


class NnxInvolution(nnx.Module):
    def __init__(self, kernel: int, stride: int, rngs: nnx.Rngs) -> None:
        self.kernel, self.stride = kernel, stride
        self.inner = nnx.Conv(8, 8, (kernel, kernel), stride, use_bias=False, rngs=rngs)

    def __call__(self, x: Any) -> Any:
        return jax.nn.relu(self.inner(x)) * 2


class NnxNet(nnx.Module):
    def __init__(self, described: bool, rngs: nnx.Rngs) -> None:
        self.first = nnx.Conv(3, 8, (3, 3), rngs=rngs)
        self.middle = (
            NnxInvolution(7, 2, rngs)
            if described
            else nnx.Conv(8, 8, (7, 7), 2, use_bias=False, rngs=rngs)
        )
        self.last = nnx.Conv(8, 8, (3, 3), rngs=rngs)

    def __call__(self, x: Any) -> Any:
        return self.last(self.middle(self.first(x)))


def involution(module: Any) -> rfa.Window:
    return rfa.Window(module.kernel, module.stride, filters=8)


def layers(model: object) -> dict[str, Layer]:
    graph = frontend_of(model).trace(model, IMAGE, (32, 32), "net")
    return {layer.name: layer for layer in analyse_graph(graph)}


@pytest.mark.parametrize("name", [Involution, "Involution", f"{__name__}.Involution"])
def test_a_module_of_linen_is_taken_as_the_window_that_it_is_said_to_be(name: Any) -> None:
    rfa.layer_type("jax", name)(involution)
    conv = linen.Conv(8, (7, 7), 2, use_bias=False)

    found = layers(Net(Involution(7, 2)))

    assert found["middle"].type == "Involution"
    assert facts(found) == facts(layers(Net(conv)))
    assert found["last"].output.max == (13, 13)


def test_a_module_of_nnx_is_taken_as_the_window_that_it_is_said_to_be() -> None:
    rfa.layer_type("jax", NnxInvolution)(involution)

    found = layers(nnx.eval_shape(lambda: NnxNet(True, nnx.Rngs(0))))

    assert found["middle"].type == "NnxInvolution"
    assert facts(found) == facts(layers(nnx.eval_shape(lambda: NnxNet(False, nnx.Rngs(0)))))


def test_a_module_that_is_called_twice_is_described_twice() -> None:
    class Twice(linen.Module):  # type: ignore[misc]
        make: Any

        @linen.compact
        def __call__(self, x: Any) -> Any:
            x = linen.Conv(8, (1, 1))(x)
            middle = self.make(name="middle")
            return linen.Conv(8, (1, 1), name="last")(middle(middle(x)))

    rfa.layer_type("jax", Involution)(involution)

    found = layers(Twice(partial(Involution, 7)))

    convolution = partial(linen.Conv, 8, (7, 7), use_bias=False)
    assert facts(found) == facts(layers(Twice(convolution)))
    assert (found["middle"].calls, found["last"].output.max) == (2, (13, 13))


@pytest.mark.parametrize("transform", [linen.jit, linen.remat])
def test_a_module_of_linen_may_be_transformed(transform: Any) -> None:
    class Around(linen.Module):  # type: ignore[misc]
        @linen.compact
        def __call__(self, x: Any) -> Any:
            x = linen.Conv(8, (3, 3), name="first")(x)
            return transform(Involution)(7, name="middle")(x)

    rfa.layer_type("jax", Involution)(lambda module: rfa.Window(module.kernel + 2))

    for _ in range(2):  # JAX keeps what it traced
        found = layers(Around())

        assert (found["middle"].type, found["middle"].kernel) == ("Involution", (9, 9))


def test_a_module_of_nnx_may_be_transformed() -> None:
    class Around(nnx.Module):
        def __init__(self, rngs: nnx.Rngs) -> None:
            self.first = nnx.Conv(3, 8, (3, 3), rngs=rngs)
            self.middle = NnxInvolution(7, 1, rngs)

        def __call__(self, x: Any) -> Any:
            return applied(self.middle, self.first(x))

    @nnx.jit
    def applied(module: Any, x: Any) -> Any:
        return module(x)

    rfa.layer_type("jax", NnxInvolution)(lambda module: rfa.Window(module.kernel + 2))

    for _ in range(2):
        found = layers(nnx.eval_shape(lambda: Around(nnx.Rngs(0))))

        assert (found["NnxInvolution"].kernel, found["NnxInvolution"].output.max) == (
            (9, 9),
            (11, 11),
        )


def test_results_of_a_module_and_what_reads_them_are_connected() -> None:
    class Both(linen.Module):  # type: ignore[misc]
        @linen.compact
        def __call__(self, x: Any, y: Any) -> Any:
            return jnp.sin(x) + y, jnp.cos(y)

    class Around(linen.Module):  # type: ignore[misc]
        @linen.compact
        def __call__(self, x: Any) -> Any:
            wide = linen.Conv(3, (3, 3))(x)
            first, second = Both(name="both")(wide, x)
            return linen.Conv(8, (3, 3), name="last")(first), second

    rfa.layer_type("jax", Both)(lambda _module: rfa.Window(5))

    found = layers(Around())

    assert (found["both"].output.max, found["last"].output.max) == ((7, 7), (9, 9))


@pytest.mark.parametrize(
    ("said", "size", "exact"),
    [
        (rfa.Pointwise(), (3, 3), True),
        (rfa.Everything(), (None, None), True),
        (rfa.Sampled("offsets are computed", rfa.Window(5)), (7, 7), False),
    ],
)
def test_a_module_may_be_other_things_than_a_window(said: Any, size: Any, exact: bool) -> None:
    rfa.layer_type("jax", Involution)(lambda _module: said)

    found = layers(Net(Involution(5)))["middle"]

    assert (found.output.max, found.exact) == (size, exact)


LIES = {
    "of other sizes": (
        lambda _module: rfa.Window(5, stride=4),
        "a kernel of 5 with stride 4, dilation 1 does not make 32 positions of 32",
    ),
    "that fails": (lambda module: module.size, "raises AttributeError: "),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_description_that_cannot_be_is_refused(lie: str) -> None:
    describe, said = LIES[lie]
    rfa.layer_type("jax", Involution)(describe)

    with pytest.raises(ForwardError) as error:
        layers(Net(Involution(5)))

    assert "fails in middle: DescriptionError: " in error.value.message
    assert said in error.value.message


involve_p = Primitive("involve")


@involve_p.def_abstract_eval
def _involved(x: Any, weight: Any, *, stride: int, mode: str) -> Any:  # noqa: ARG001
    n, h, w, _ = x.shape
    return jax.core.ShapedArray((n, -(-h // stride), -(-w // stride), weight.shape[-1]), x.dtype)


def network(x: Any) -> Any:
    kernel = jnp.ones((3, 3, 3, 8))
    x = jax.lax.conv_general_dilated(
        x, kernel, (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    x = involve_p.bind(x, jnp.ones((7, 7, 8, 8)), stride=2, mode="fast")
    return jax.nn.relu(x)


def traced() -> Graph:
    return FRONTEND.trace(Function(network), IMAGE, (32, 32), "network")


def test_a_primitive_is_the_window_that_its_parameters_say() -> None:
    before = {layer.name: layer for layer in analyse_graph(traced())}

    @rfa.operation("jax", "involve")
    def involve(shapes: Any, stride: int, **_others: Any) -> rfa.Window:
        return rfa.Window(shapes[1][:2], stride)

    found = {layer.name: layer for layer in analyse_graph(traced())}

    assert not before["involve"].exact
    assert (found["involve"].kernel, found["involve"].output.max) == ((7, 7), (9, 9))
    assert (found["involve"].macs, found["involve"].judgeable) == (7**2 * 8 * 8 * 256, "weights")
    assert all(layer.exact for layer in found.values())


def test_a_primitive_that_is_bounded_is_one_layer() -> None:
    @rfa.operation("jax", "involve")
    def involve(**_others: Any) -> rfa.Sampled:
        return rfa.Sampled("places are computed", rfa.Window(7, 2))

    found = [(one.name, one.output.max) for one in analyse_graph(traced())]

    assert ("involve", (9, 9)) in found
    assert "involve_2" not in dict(found)


def test_a_wrong_description_of_a_primitive_names_it() -> None:
    rfa.operation("jax", "involve")(lambda **_others: rfa.Window(3, stride=3))

    with pytest.raises(ForwardError, match=r"a kernel of 3 with stride 3, .* 16 positions of 32"):
        traced()


def test_what_is_translated_already_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="two translations of the jax operation conv_gene"):
        rfa.operation("jax", "conv_general_dilated")(lambda: rfa.Pointwise())
