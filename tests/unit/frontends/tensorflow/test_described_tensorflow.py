"""Operations of TensorFlow that plugins describe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import rfa_core as rfa
from rfa_core.errors import ConfigurationError
from rfa_core.frontends.base import ForwardError
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
from rfa_core.frontends.tensorflow import FRONTEND as FRONTEND  # noqa: E402  # our translations

NAME = "Dilation2DBackpropInput"
Trace = Callable[..., Graph]


@pytest.fixture(autouse=True)
def forgotten(forgets: Callable[[str], None]) -> None:
    forgets("tensorflow")


def gradient(x: Any) -> Any:
    """What no table has: which pixels a greyscale dilation took its values from."""
    ones = [1, 1, 1, 1]
    kernel = tf.constant(np.zeros((3, 3, 3), np.float32))
    return tf.raw_ops.Dilation2DBackpropInput(
        input=x, filter=kernel, out_backprop=x, strides=ones, rates=ones, padding="SAME"
    )


def traced(trace_of: Trace) -> Any:
    (layer,) = analyse_graph(trace_of(gradient, (1, "H", "W", 3), (16, 16)))
    return layer


def test_an_operation_is_the_window_that_its_attributes_say(trace_of: Trace) -> None:
    before = traced(trace_of)

    @rfa.operation("tensorflow", NAME)
    def described(shapes: Any, strides: Any, rates: Any, padding: str, **_others: Any) -> Any:
        assert (strides, rates, padding) == ([1, 1, 1, 1], [1, 1, 1, 1], "SAME")
        return rfa.Window([2 * size - 1 for size in shapes[1][:2]], weighted=False, groups=0)

    found = traced(trace_of)

    assert not before.exact
    assert (found.kernel, found.output.max, found.exact) == ((5, 5), (5, 5), True)


def test_a_description_that_cannot_be_is_refused(trace_of: Trace) -> None:
    rfa.operation("tensorflow", NAME)(lambda **_others: rfa.Window(3, stride=2))

    with pytest.raises(ForwardError) as error:
        traced(trace_of)

    assert f"fails in {NAME}: " in error.value.message
    assert "a kernel of 3 with stride 2, dilation 1 does not make 16" in error.value.message


def test_what_is_translated_already_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="two translations of the tensorflow operation Co"):
        rfa.operation("tensorflow", "Conv2D")(lambda: rfa.Pointwise())
