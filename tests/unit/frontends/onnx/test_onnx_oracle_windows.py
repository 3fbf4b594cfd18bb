"""Convolution, pooling, padding and slicing held to a runtime, over their parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from onnx import helper
from onnx_oracle import Seen, graph_of, model_of, observed

from rfa_core.frontends.base import ForwardError

pytestmark = pytest.mark.onnx

OPTIONS = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
AGREES = Seen([], [])


def run(
    nodes: list[Any], shape: tuple[int, ...], constants: dict[str, Any], opset: int = 17
) -> Seen:
    model = model_of(nodes, shape, constants, opset)
    return observed(model, graph_of(model, shape), np.ones(shape, np.float32))


def padding(draw: st.DrawFn, kernel: list[int]) -> dict[str, Any]:
    auto = draw(st.sampled_from(["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"]))
    if auto != "NOTSET":
        return {"auto_pad": auto}
    return {"pads": [draw(st.integers(0, size - 1)) for size in (*kernel, *kernel)]}


@st.composite
def windows(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 2))
    kernel = [draw(st.integers(1, 4)) for _ in range(count)]
    strides = [draw(st.integers(1, 3)) for _ in range(count)]
    dilations = [draw(st.integers(1, 2)) for _ in range(count)]
    more = padding(draw, kernel)
    if more.get("auto_pad", "").startswith("SAME"):
        dilations = [1] * count
        strides = [min(stride, size) for stride, size in zip(strides, kernel, strict=True)]
    return {"kernel_shape": kernel, "strides": strides, "dilations": dilations, **more}


@OPTIONS
@given(windows(), st.sampled_from([1, 2]))
def test_a_convolution_reads_what_the_runtime_reads(window: dict[str, Any], groups: int):
    kernel = window["kernel_shape"]
    node = helper.make_node("Conv", ["x", "w"], ["y"], group=groups, **window)
    weight = np.ones((4, 4 // groups, *kernel), np.float32)

    seen = run([node], (1, 4, *(11, 10)[: len(kernel)]), {"w": weight})

    assert seen == AGREES


@OPTIONS
@given(windows(), st.booleans(), st.booleans())
def test_average_pooling_reads_what_the_runtime_reads(
    window: dict[str, Any], ceil: bool, counts: bool
):
    node = helper.make_node(
        "AveragePool", ["x"], ["y"], ceil_mode=int(ceil), count_include_pad=int(counts), **window
    )

    seen = run([node], (1, 2, *(12, 9)[: len(window["kernel_shape"])]), {}, opset=19)

    assert seen == AGREES


@OPTIONS
@given(windows(), st.booleans())
def test_max_pooling_makes_maps_of_the_size_that_the_runtime_makes(
    window: dict[str, Any], ceil: bool
):
    node = helper.make_node("MaxPool", ["x"], ["y"], ceil_mode=int(ceil), **window)
    shape = (1, 2, *(12, 9)[: len(window["kernel_shape"])])
    model = model_of([node], shape)

    graph = graph_of(model, shape)

    session = onnxruntime.InferenceSession(model.SerializeToString())
    (result,) = session.run(None, {"x": np.ones(shape, np.float32)})
    assert graph[graph.outputs[0]].shape == result.shape


@st.composite
def transposed(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 2))
    kernel = [draw(st.integers(1, 4)) for _ in range(count)]
    strides = [draw(st.integers(1, 3)) for _ in range(count)]
    found: dict[str, Any] = {"kernel_shape": kernel, "strides": strides}
    form = draw(st.sampled_from(["pads", "output_padding", "output_shape", "auto_pad"]))
    if form == "pads":
        found["pads"] = [draw(st.integers(0, max(0, size - 1))) for size in (*kernel, *kernel)]
        found["dilations"] = [draw(st.integers(1, 2)) for _ in range(count)]
    elif form == "output_padding":
        found["output_padding"] = [draw(st.integers(0, stride - 1)) for stride in strides]
    elif form == "auto_pad":
        found["auto_pad"] = draw(st.sampled_from(["SAME_UPPER", "SAME_LOWER", "VALID"]))
    else:
        whole = [stride * 5 + size for stride, size in zip(strides, kernel, strict=True)]
        found["output_shape"] = [size - draw(st.integers(0, 3)) for size in whole]
    return found


@OPTIONS
@given(transposed())
def test_a_transposed_convolution_reads_what_the_runtime_reads(window: dict[str, Any]):
    kernel, strides = window["kernel_shape"], window["strides"]
    assume(
        not window.get("auto_pad", "").startswith("SAME")
        or all(size >= stride for size, stride in zip(kernel, strides, strict=True))
    )
    node = helper.make_node("ConvTranspose", ["x", "w"], ["y"], **window)
    weight = np.ones((2, 3, *kernel), np.float32)
    shape = (1, 2, *(6, 6)[: len(kernel)])
    model = model_of([node], shape, {"w": weight}, 11)
    try:
        graph = graph_of(model, shape)
    except ForwardError:
        assume(False)

    seen = observed(model, graph, np.ones(shape, np.float32))

    assert seen.unsound == []


@OPTIONS
@given(st.lists(st.integers(-2, 3), min_size=6, max_size=6), st.sampled_from([2, 11, 18]))
def test_padding_moves_what_the_runtime_moves(pads: list[int], opset: int):
    if opset == 2:
        node, constants = helper.make_node("Pad", ["x"], ["y"], pads=pads), {}
    else:
        node, constants = helper.make_node("Pad", ["x", "p"], ["y"]), {"p": np.array(pads)}

    seen = run([node], (5, 6, 7), constants, opset)

    assert seen == AGREES


@OPTIONS
@given(st.data())
def test_a_slice_reads_what_the_runtime_reads(data: st.DataObject):
    sizes = (4, 9, 7)
    axes = data.draw(
        st.lists(st.integers(-3, 2), min_size=1, max_size=2, unique_by=lambda a: a % 3)
    )
    steps = [data.draw(st.sampled_from([-3, -1, 1, 2])) for _ in axes]
    starts = [data.draw(st.integers(-10, 10)) for _ in axes]
    ends = [data.draw(st.sampled_from([-(2**40), -3, 0, 4, 2**40])) for _ in axes]
    cuts = zip(axes, starts, ends, steps, strict=True)
    assume(
        all(
            len(range(*slice(s, None if t < 0 and e < -99 else e, t).indices(sizes[a])))
            for a, s, e, t in cuts
        )
    )
    constants = {
        "s": np.array(starts),
        "e": np.array(ends),
        "a": np.array(axes),
        "t": np.array(steps),
    }
    node = helper.make_node("Slice", ["x", "s", "e", "a", "t"], ["y"])

    seen = run([node], sizes, constants)

    assert seen == AGREES


WAYS = ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric"]
NEAREST = ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]


@OPTIONS
@given(
    st.sampled_from(WAYS),
    st.sampled_from(["nearest", "linear", "cubic"]),
    st.sampled_from(NEAREST),
    st.sampled_from([{"scale": 2.0}, {"scale": 3.0}, {"scale": 0.5}, {"size": 20}, {"size": 31}]),
)
def test_interpolation_reads_what_the_runtime_reads(
    way: str, mode: str, nearest: str, target: dict[str, Any]
):
    by_scale = "scale" in target
    constants = {"r": np.zeros(0, np.float32)} | (
        {"s": np.array([1, 1, target["scale"], 1], np.float32)}
        if by_scale
        else {"s": np.array([1, 1, target["size"], 1])}
    )
    inputs = ["x", "r", "s"] if by_scale else ["x", "r", "", "s"]
    node = helper.make_node(
        "Resize", inputs, ["y"], mode=mode, coordinate_transformation_mode=way, nearest_mode=nearest
    )

    seen = run([node], (1, 1, 13, 1), constants, opset=19)

    assert seen == AGREES
