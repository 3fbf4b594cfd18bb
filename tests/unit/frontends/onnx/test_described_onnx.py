"""Operators of ONNX that plugins describe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from facts import facts
from onnx import helper
from onnx_oracle import model_of

import rfa_core as rfa
from rfa_core.errors import ConfigurationError
from rfa_core.frontends.base import ForwardError
from rfa_core.frontends.onnx import FRONTEND as FRONTEND  # our own translations

pytestmark = pytest.mark.onnx

Layers = Callable[..., dict[str, Any]]
IMAGE = ["N", 3, "H", "W"]
KERNELS = {
    "first.weight": np.zeros((8, 3, 3, 3), np.float32),
    "middle.weight": np.zeros((8, 8, 7, 7), np.float32),
    "last.weight": np.zeros((8, 8, 3, 3), np.float32),
}


@pytest.fixture(autouse=True)
def forgotten(forgets: Callable[[str], None]) -> None:
    forgets("onnx")


def model(op_type: str, domain: str, results: tuple[str, ...] = ("b",), **attributes: Any) -> Any:
    """Three layers, the one in the middle is of ``domain``."""
    middle = helper.make_node(
        op_type, ["a", "middle.weight"], list(results), domain=domain, **attributes
    )
    nodes = [
        helper.make_node("Conv", ["x", "first.weight"], ["a"], pads=[1, 1, 1, 1]),
        middle,
        helper.make_node("Conv", [results[-1], "last.weight"], ["y"], pads=[1, 1, 1, 1]),
    ]
    return model_of(nodes, IMAGE, KERNELS)


def as_convolution() -> Any:
    return model("Conv", "", strides=[2, 2], pads=[3, 3, 3, 3])


@pytest.mark.parametrize("results", [("b",), ("also", "b")])
def test_an_operator_is_the_window_that_its_attributes_say(
    layers_of: Layers, results: tuple[str, ...]
) -> None:
    @rfa.operation("onnx", "com.acme::Involve")
    def involve(kernel: int, stride: int, mode: str = "") -> rfa.Window:
        assert mode == "fast"
        return rfa.Window(kernel, stride)

    involved = model("Involve", "com.acme", results, kernel=7, stride=2, mode="fast")
    found = layers_of(involved)

    assert found["middle"].type == "Involve"
    if len(results) == 1:
        assert facts(found) == facts(layers_of(as_convolution()))
    assert found["last"].output.max == (13, 13)


def test_a_function_may_ask_for_the_shapes_that_come_in(layers_of: Layers) -> None:
    @rfa.operation("onnx", "com.acme::Involve")
    def involve(shapes: Any, stride: int) -> rfa.Window:
        assert shapes[0] == (1, 8, 32, 32)
        return rfa.Window(shapes[1][2:], stride, filters=shapes[1][0])

    found = layers_of(model("Involve", "com.acme", stride=2))

    assert facts(found) == facts(layers_of(as_convolution()))


def test_a_function_of_the_model_is_described_as_a_whole(layers_of: Layers) -> None:
    whole = model("Involve", "com.acme", stride=2)
    inside = helper.make_node("Conv", ["a", "b"], ["c"], strides=[2, 2], pads=[3, 3, 3, 3])
    sets = [helper.make_opsetid("", 17)]
    whole.functions.append(
        helper.make_function("com.acme", "Involve", ["a", "b"], ["c"], [inside], sets, ["stride"])
    )
    whole.opset_import.append(helper.make_opsetid("com.acme", 1))
    seen = layers_of(whole)["middle"]

    rfa.operation("onnx", "com.acme::Involve")(lambda stride: rfa.Window(5, stride))
    said = layers_of(whole)["middle"]

    assert (seen.type, seen.kernel) == ("Conv2d", (7, 7))
    assert (said.type, said.kernel) == ("Involve", (5, 5))


@pytest.mark.parametrize(
    ("said", "size", "exact"),
    [
        (rfa.Pointwise(), (3, 3), True),
        (rfa.Everything(), (None, None), True),
        (rfa.Sampled("offsets are computed", rfa.Window(5)), (7, 7), False),
    ],
)
def test_an_operator_may_be_other_things_than_a_window(
    layers_of: Layers, said: Any, size: Any, exact: bool
) -> None:
    rfa.operation("onnx", "com.acme::Involve")(lambda: said)

    found = layers_of(model("Involve", "com.acme"))["middle"]

    assert (found.output.max, found.exact) == (size, exact)


def test_shapes_that_onnx_infers_hold_the_description_to_them(layers_of: Layers) -> None:
    rfa.operation("onnx", "ai.onnx.ml::Binarizer")(lambda: rfa.Window(3, stride=2))
    nodes = [helper.make_node("Binarizer", ["x"], ["y"], domain="ai.onnx.ml")]

    with pytest.raises(ForwardError, match=r"a kernel of 3 with stride 2, .* 32 positions of 32"):
        layers_of(model_of(nodes, IMAGE))


LIES = {
    "that fails": (lambda stride: stride.size, "raises AttributeError: 'int' object has no"),
    "without an attribute": (lambda: rfa.Pointwise(), "unexpected keyword argument 'stride'"),
    "of another number of axes": (
        lambda stride: rfa.Window((3, 3, 3), stride),
        "kernel has 3 numbers, and there are 2 axes",
    ),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_description_that_cannot_be_is_refused(layers_of: Layers, lie: str) -> None:
    describe, said = LIES[lie]
    rfa.operation("onnx", "com.acme::Involve")(describe)

    with pytest.raises(ForwardError) as error:
        layers_of(model("Involve", "com.acme", stride=2))

    assert "fails in middle: " in error.value.message
    assert said in error.value.message


def test_what_is_translated_already_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="two translations of the onnx operation Conv: "):
        rfa.operation("onnx", "Conv")(lambda: rfa.Pointwise())
