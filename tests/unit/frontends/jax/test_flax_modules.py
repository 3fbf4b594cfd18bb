"""Modules of Flax: names, weights, modes, and the footprints of the same network in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

pytest.importorskip("jax")
pytest.importorskip("flax")

import jax
import jax.numpy as jnp
from flax import linen, nnx
from flax_resnets import NnxResNet18, linen_resnet18, linen_resnet50

from rfa_core.frontends import ForwardError, frontend_of, input_spec
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer

pytestmark = pytest.mark.jax

IMAGE = input_spec((1, "H", "W", 3), "given")


def traced(model: object, size: int = 64) -> Graph:
    return frontend_of(model).trace(model, IMAGE, (size, size), "net")


def layers(model: object, size: int = 64) -> dict[str, Layer]:
    return {layer.name: layer for layer in analyse_graph(traced(model, size))}


def facts(layer: Layer) -> tuple[Any, ...]:
    return layer.input, layer.output, layer.parameters, layer.macs, layer.exact


@pytest.mark.torch
@pytest.mark.parametrize(
    ("build", "name"), [(linen_resnet18, "resnet18"), (linen_resnet50, "resnet50")]
)
def test_resnets_in_linen_are_torchvisions(build: Callable[[], Any], name: str) -> None:
    torchvision = pytest.importorskip("torchvision")
    other = torchvision.models.get_model(name, weights=None)
    spec = input_spec((1, 3, "H", "W"), "given")
    expected = analyse_graph(frontend_of(other).trace(other, spec, (224, 224), name))

    found = layers(build(), 224)

    convolutions = {
        layer.name: facts(layer) for layer in expected if layer.type in ("Conv2d", "Linear")
    }
    renamed = {
        path.replace("_", "."): facts(layer)
        for path, layer in found.items()
        if layer.type in ("Conv", "Dense")
    }
    assert renamed == convolutions
    assert traced(build(), 64).parameters == sum(p.numel() for p in other.parameters())


def test_nnx_says_what_linen_says() -> None:
    by_linen, by_nnx = layers(linen_resnet18()), layers(nnx.eval_shape(_nnx_resnet18))

    kinds = ("Conv", "BatchNorm", "Dense", "Linear")
    assert {
        path.replace(".layers.", "."): facts(layer)
        for path, layer in by_nnx.items()
        if layer.type in kinds
    } == {
        path.replace("_", "."): facts(layer)
        for path, layer in by_linen.items()
        if layer.type in kinds
    }


def _nnx_resnet18() -> NnxResNet18:
    return NnxResNet18(rngs=nnx.Rngs(0))


class Modes(nnx.Module):
    def __init__(self, rngs: nnx.Rngs) -> None:
        self.conv = nnx.Conv(3, 4, (3, 3), rngs=rngs)
        norms = [
            nnx.BatchNorm(4, rngs=rngs),
            nnx.GroupNorm(4, num_groups=2, rngs=rngs),
            nnx.LayerNorm(4, rngs=rngs),
        ]
        if hasattr(nnx, "InstanceNorm"):  # from Flax 0.11 on
            norms.append(nnx.InstanceNorm(4, rngs=rngs))
        self.norms = getattr(nnx, "List", list)(norms)  # before 0.12 lists are taken as they are
        self.drop = nnx.Dropout(0.5, rngs=rngs)

    def __call__(self, x: Any) -> Any:
        for _ in range(2):
            x = self.drop(self.conv(x))
            x = jnp.concatenate([x[..., :3]], -1) if _ == 0 else x
        for norm in self.norms:
            x = norm(x)
        return x


def test_the_model_is_left_as_it_was_found() -> None:
    model = Modes(nnx.Rngs(0))
    kept = (nnx.Param, nnx.RngCount)
    before = jax.tree.map(jnp.copy, nnx.to_pure_dict(nnx.state(model, nnx.Any(*kept))))
    methods = {kind: vars(kind).get("__call__") for kind in (Modes, nnx.Conv, nnx.BatchNorm)}

    traced(model)

    after = nnx.to_pure_dict(nnx.state(model, nnx.Any(*kept)))
    assert jax.tree.all(jax.tree.map(jnp.array_equal, before, after))
    assert {kind: vars(kind).get("__call__") for kind in methods} == methods
    assert not model.drop.deterministic
    assert not model.norms[0].use_running_average


def test_norms_leave_footprints_alone_and_calls_are_counted() -> None:
    model = Modes(nnx.Rngs(0))
    count = len(model.norms)

    graph = traced(model)

    found = {layer.name: layer for layer in analyse_graph(graph)}
    assert found["conv"].calls == 2
    assert found["conv"].output.max == (3, 3)
    assert [found[f"norms.{n}"].output.max for n in range(count)] == [(5, 5)] * count
    assert not any(found[f"norms.{n}"].output.global_context for n in range(count))
    assert sum(node.parameters for node in graph) == graph.parameters == 112 + 8 * count


class Any1D(linen.Module):
    @linen.compact
    def __call__(self, x: Any, deterministic: bool) -> Any:
        x = linen.Conv(4, (5,))(x)
        return linen.Dropout(0.5, deterministic=deterministic)(x)


class Tokens(linen.Module):
    @linen.compact
    def __call__(self, x: Any) -> Any:
        return linen.Conv(4, (3,))(linen.Embed(10, 4)(x))


@pytest.mark.parametrize(
    ("model", "first"),
    [
        (linen_resnet18(), (1, 9, 9, 3)),
        (Any1D(), (1, 9, 3)),
        (nnx.eval_shape(lambda: Modes(nnx.Rngs(0))), (1, 9, 9, 3)),
        (nnx.eval_shape(lambda: nnx.Conv(5, 4, (3, 3, 3), rngs=nnx.Rngs(0))), (1, 9, 9, 9, 5)),
    ],
    ids=["Linen", "one axis", "NNX", "three axes"],
)
def test_inputs_are_guessed_from_the_first_kernels(model: Any, first: Sequence[int]) -> None:
    guess = frontend_of(model).guess_inputs(model)[0]

    assert guess.at((9,) * guess.count) == (tuple(first),)


def test_whole_numbers_are_guessed_for_an_embedding() -> None:
    model = Tokens()
    frontend = frontend_of(model)
    running = []
    for guess in frontend.guess_inputs(model):
        try:
            frontend.trace(model, guess, (16,) * guess.count, "tokens")
        except ForwardError:
            continue
        running.append(guess)

    assert [guess.tensors[0].indices for guess in running] == [True]


class Broken(linen.Module):
    def setup(self) -> None:
        self.first = linen.Conv(4, (3, 3))
        self.second = linen.Dense(4)

    def __call__(self, x: Any) -> Any:
        return self.second(self.first(x)) @ jnp.ones((7, 7))


class Outer(linen.Module):
    @linen.compact
    def __call__(self, x: Any) -> Any:
        return Broken(name="inner")(x)


def test_a_forward_pass_that_fails_is_told_with_its_module() -> None:
    with pytest.raises(ForwardError) as error:
        traced(Outer())

    assert error.value.layer == "inner"
    assert error.value.reason.startswith("TypeError: dot_general requires contracting dimensions")


def test_a_function_counts_what_it_closes_over() -> None:
    weights = {"kernel": jnp.ones((3, 3, 3, 8)), "bias": jnp.zeros(8)}
    numbers = ("NHWC", "HWIO", "NHWC")

    def forward(x: Any) -> Any:
        y = jax.lax.conv_general_dilated(
            x, weights["kernel"], (2, 2), "SAME", dimension_numbers=numbers
        )
        return jax.nn.relu(y + weights["bias"])

    graph = traced(forward)

    assert graph.parameters == 216 + 8
    assert [(node.layer, node.parameters) for node in graph] == [
        ("input", 0),
        ("conv", 216),
        ("add", 8),
        ("relu", 0),
    ]


def test_what_is_not_understood_is_only_a_bound() -> None:
    def forward(x: Any) -> Any:
        ordered = jnp.sort(x, axis=1)
        return jax.lax.while_loop(lambda y: y.sum() < 10, lambda y: y + 1, ordered)

    found = analyse_graph(traced(forward))

    assert {layer.name: layer.inexact for layer in found if layer.causes_inexact} == {
        "sort": ("sort orders positions by their values",),
        "while": (
            "sort orders positions by their values",
            "data decide how often a loop turns",
        ),
    }
