"""What is read of an ONNX model besides footprints: inputs, names, parameters, branches, ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx_oracle import model_of

from rfa_core.api import analyse
from rfa_core.errors import TargetError
from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import ForwardError
from rfa_core.frontends.onnx import FRONTEND

pytestmark = pytest.mark.onnx

Layers = Callable[..., dict[str, Any]]
K3 = np.zeros((4, 3, 3, 3), np.float32)


def conv(source: str, result: str, weight: str = "w", name: str = "") -> Any:
    return helper.make_node("Conv", [source, weight], [result], name, pads=[1, 1, 1, 1])


def spec(model: Any) -> Any:
    return FRONTEND.guess_inputs(model)[0]


@pytest.mark.parametrize(
    ("shape", "nodes", "sizes", "axes"),
    [
        (["N", 3, "H", "W"], [conv("x", "y")], (1, 3, 1, 1), (None, None, 0, 1)),
        ([8, 3, 224, 200], [conv("x", "y")], (8, 3, 1, 1), (None, None, 0, 1)),
        (["N", "C", "H", "W"], [conv("x", "y")], (1, 3, 1, 1), (None, None, 0, 1)),
        (
            [1, 224, 224, 3],
            [helper.make_node("Transpose", ["x"], ["t"], perm=[0, 3, 1, 2]), conv("t", "y")],
            (1, 1, 1, 3),
            (None, 0, 1, None),
        ),
        (
            [1, 50, 60, 3],
            [helper.make_node("Relu", ["x"], ["y"])],
            (1, 1, 1, 3),
            (None, 0, 1, None),
        ),
        ([1, 100, 16], [helper.make_node("Relu", ["x"], ["y"])], (1, 1, 16), (None, 0, None)),
        (["N", "T"], [helper.make_node("Relu", ["x"], ["y"])], (1, 1), (None, 0)),
    ],
)
def test_axes_are_what_the_first_window_moves_along(
    shape: list[Any], nodes: list[Any], sizes: tuple[int, ...], axes: tuple[int | None, ...]
):
    (tensor,) = spec(model_of(nodes, shape, {"w": K3})).tensors

    assert (tensor.sizes, tensor.axes) == (sizes, axes)


def test_an_input_without_a_shape_is_read_from_the_first_weight():
    model = model_of([conv("x", "y")], [1], {"w": K3})
    model.graph.input[0].type.tensor_type.ClearField("shape")

    (tensor,) = spec(model).tensors

    assert (tensor.sizes, tensor.axes) == ((1, 3, 1, 1), (None, None, 0, 1))


def test_inputs_of_other_sizes_have_axes_of_their_own():
    model = model_of(
        [conv("x", "a"), conv("z", "b")], [1, 3, 64, 64], {"w": K3}, outputs=["a", "b"]
    )
    model.graph.input.append(helper.make_tensor_value_info("z", 1, [1, 3, 32, 64]))

    found = spec(model)

    assert found.axes == ("H", "W", "H2")
    assert [tensor.axes for tensor in found.tensors] == [(None, None, 0, 1), (None, None, 2, 1)]


@pytest.mark.parametrize(
    ("name", "weight", "expected"),
    [
        ("/layer1/layer1.0/conv1/Conv", "onnx::Conv_193", "layer1.0.conv1"),
        ("/features/features.1/features.1.0/Conv", "onnx::Conv_1", "features.1.0"),
        ("node_Conv_292", "layer1.0.conv1.weight", "layer1.0.conv1"),
        ("resnetv17_conv0_fwd", "resnetv17_conv0_weight", "resnetv17_conv0_fwd"),
        ("", "W0", "conv"),
    ],
)
def test_a_layer_is_named_after_its_module(
    name: str, weight: str, expected: str, layers_of: Layers
):
    model = model_of([conv("x", "y", weight, name)], [1, 3, "H", "W"], {weight: K3})

    assert list(layers_of(model)) == [expected]


def test_metadata_of_the_exporter_name_what_has_no_weight(layers_of: Layers):
    node = helper.make_node("Relu", ["c"], ["y"], "node_relu_3")
    for key, value in (
        ("pkg.torch.onnx.name_scopes", "['', 'layer1', 'layer1.act', 'relu_3']"),
        (
            "pkg.torch.onnx.class_hierarchy",
            "['Net', 'Block', 'torch.nn.modules.activation.ReLU', 'aten.relu.default']",
        ),
    ):
        node.metadata_props.add(key=key, value=value)
    model = model_of([conv("x", "c"), node], [1, 3, "H", "W"], {"w": K3})

    layer = layers_of(model)["layer1.act"]

    assert (layer.type, layer.operation) == ("ReLU", "relu")


def test_one_weight_used_twice_is_one_layer_with_two_calls(layers_of: Layers):
    square = np.zeros((3, 3, 3, 3), np.float32)
    model = model_of(
        [conv("x", "a", "conv.weight"), conv("a", "y", "conv.weight")],
        [1, 3, "H", "W"],
        {"conv.weight": square},
    )

    layers = layers_of(model)

    assert {name: (one.calls, one.parameters) for name, one in layers.items()} == {"conv": (2, 81)}


def test_two_layers_of_the_same_name_stay_two(layers_of: Layers):
    square = np.zeros((3, 3, 3, 3), np.float32)
    nodes = [conv("x", "a", "w", "same"), conv("a", "y", "v", "same")]

    layers = layers_of(model_of(nodes, [1, 3, "H", "W"], {"w": square, "v": square}))

    assert [one.calls for one in layers.values()] == [1, 1]


def test_statistics_and_scales_are_no_parameters():
    norm = helper.make_node("BatchNormalization", ["c", "s", "b", "m", "v"], ["y"])
    vectors = {name: np.ones(4, np.float32) for name in "sbmv"}
    model = model_of([conv("x", "c"), norm], [1, 3, "H", "W"], {"w": K3, **vectors})

    assert analyse(model, 32).model.parameters == K3.size + 8


@pytest.mark.parametrize(("taken", "size"), [(True, 3), (False, 5)])
def test_a_known_condition_takes_its_branch(taken: bool, size: int, layers_of: Layers):
    def branch(name: str, kernel: int) -> Any:
        node = helper.make_node("Conv", ["x", f"w{kernel}"], [name], f"conv{kernel}")
        result = helper.make_tensor_value_info(name, 1, None)
        return helper.make_graph([node], name, [], [result])

    node = helper.make_node(
        "If", ["c"], ["y"], then_branch=branch("a", 3), else_branch=branch("b", 5)
    )
    weights = {f"w{k}": np.zeros((3, 3, k, k), np.float32) for k in (3, 5)}
    model = model_of([node], [1, 3, "H", "W"], {"c": np.array(taken), **weights})

    assert [one.output.max for one in layers_of(model).values()] == [(size, size)]


def test_a_condition_that_data_decide_takes_both_and_sees_what_it_reads(layers_of: Layers):
    def branch(name: str, kernel: int) -> Any:
        pads = [kernel // 2] * 4
        node = helper.make_node("Conv", ["x", f"w{kernel}"], [name], f"conv{kernel}", pads=pads)
        return helper.make_graph([node], name, [], [helper.make_tensor_value_info(name, 1, None)])

    nodes = [
        helper.make_node("ReduceMax", ["x"], ["top"], keepdims=0),
        helper.make_node("Greater", ["top", "limit"], ["c"]),
        helper.make_node(
            "If", ["c"], ["y"], then_branch=branch("a", 3), else_branch=branch("b", 5)
        ),
    ]
    weights = {f"w{k}": np.zeros((3, 3, k, k), np.float32) for k in (3, 5)}
    model = model_of(nodes, [1, 3, "H", "W"], {"limit": np.float32(0), **weights})

    chosen = list(layers_of(model).values())[-1]

    assert (chosen.output.max, chosen.output.global_context) == ((5, 5), True)


def test_a_loop_of_known_rounds_is_followed(layers_of: Layers):
    body = helper.make_graph(
        [helper.make_node("Identity", ["go"], ["on"]), conv("v", "o", "w", "step")],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("v", 1, None),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("o", 1, None),
        ],
    )
    loop = helper.make_node("Loop", ["n", "", "x"], ["y"], body=body)
    square = np.zeros((3, 3, 3, 3), np.float32)
    model = model_of([loop], [1, 3, "H", "W"], {"n": np.array(4), "w": square})

    layer = layers_of(model)["step"]

    assert (layer.calls, layer.widest or layer.output.max) == (4, (9, 9))


def test_a_function_of_the_model_is_read_as_its_nodes(layers_of: Layers):
    opset = [helper.make_opsetid("", 17)]
    inner = helper.make_node("Conv", ["a", "k"], ["b"], pads=[1, 1, 1, 1])
    function = helper.make_function("own", "Block", ["a", "k"], ["b"], [inner], opset)
    node = helper.make_node("Block", ["x", "conv.weight"], ["y"], domain="own")
    model = model_of([node], [1, 3, "H", "W"], {"conv.weight": K3}, functions=[function])
    model.opset_import.append(helper.make_opsetid("own", 1))

    assert [one.output.max for one in layers_of(model).values()] == [(3, 3)]


def test_what_data_decide_ends_a_branch_and_no_other():
    nodes = [
        conv("x", "c", "w", "first"),
        helper.make_node("NonZero", ["c"], ["places"]),
        helper.make_node("Cast", ["places"], ["numbers"], to=1),
        helper.make_node("MatMul", ["m", "numbers"], ["lost"], "after"),
        conv("c", "y", "v", "second"),
    ]
    weights = {"w": K3, "v": np.zeros((4, 4, 3, 3), np.float32), "m": np.zeros((2, 4), np.float32)}
    model = model_of(nodes, [1, 3, "H", "W"], weights, outputs=["lost", "y"])

    report = analyse(model, 32).model

    assert [one.layer.name for one in report.resolutions[0].layers] == ["first", "second"]
    assert (
        report.stopped == "nonzero: nonzero chooses positions by their values; not reached: after"
    )


def test_a_state_to_begin_with_that_depends_on_the_input_makes_a_bound(layers_of: Layers):
    nodes = [
        helper.make_node("Transpose", ["x"], ["state"], perm=[1, 0, 2]),
        helper.make_node("RNN", ["words", "w", "r", "", "", "state"], ["y"], hidden_size=8),
    ]
    constants = {
        "words": np.zeros((5, 1, 4), np.float32),
        "w": np.zeros((1, 8, 4), np.float32),
        "r": np.zeros((1, 8, 8), np.float32),
    }

    *_, layer = layers_of(model_of(nodes, [1, "T", 8], constants), 1).values()

    assert layer.inexact == ("the operator RNN is not understood",)


@pytest.mark.skipif(onnx.defs.onnx_opset_version() < 23, reason="RotaryEmbedding is of opset 23")
def test_an_operator_that_nobody_knows_makes_a_bound(layers_of: Layers):
    node = helper.make_node("RotaryEmbedding", ["x", "cos", "sin"], ["y"], num_heads=1)
    caches = {name: np.zeros((1, 32, 4), np.float32) for name in ("cos", "sin")}
    model = model_of([node], [1, "T", 8], caches, opset=23)

    (layer,) = layers_of(model).values()

    assert layer.inexact == ("the operator RotaryEmbedding is not understood",)


def test_a_file_that_fixes_its_size_names_the_layer_and_the_size_that_works():
    nodes = [
        helper.make_node("Reshape", ["c", "flat"], ["r"], "flatten"),
        helper.make_node("Gemm", ["r", "f"], ["y"], "head", transB=1),
    ]
    constants = {
        "w": np.zeros((4, 3, 3, 3), np.float32),
        "flat": np.array([1, 4 * 16 * 16]),
        "f": np.zeros((10, 4 * 16 * 16), np.float32),
    }
    model = model_of([conv("x", "c"), *nodes], [1, 3, 16, 16], constants)

    with pytest.raises(ForwardError) as caught:
        FRONTEND.trace(model, spec(model), (32, 32), "net")

    assert (caught.value.layer, FRONTEND.sizes_named_by(model)) == ("flatten", (16,))
    assert analyse(model, 32).model.resolutions[0].traced_at == (16, 16)


def test_arithmetic_of_shapes_follows_the_resolution(layers_of: Layers):
    nodes = [
        conv("x", "c"),
        helper.make_node("Shape", ["c"], ["s"]),
        helper.make_node("Slice", ["s", "two", "four"], ["hw"]),
        helper.make_node("Mul", ["hw", "half"], ["big"]),
        helper.make_node("Cast", ["big"], ["whole"], to=7),
        helper.make_node("Concat", ["lead", "whole"], ["target"], axis=0),
        helper.make_node("Resize", ["c", "", "", "target"], ["y"], mode="nearest",
                         coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
    ]  # fmt: skip
    numbers = {
        "two": np.array([2]),
        "four": np.array([4]),
        "half": np.array([2]),
        "lead": np.array([1, 4]),
    }
    model = model_of(nodes, [1, 3, "H", "W"], {"w": K3, **numbers})

    resized = layers_of(model, 20)["resize"]

    assert (resized.feature_map, resized.effective_stride, resized.exact) == (
        (40, 40),
        (0.5, 0.5),
        True,
    )


def test_quantised_layers_are_layers(layers_of: Layers):
    scalar, zero = np.float32(0.1), np.uint8(0)
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "s", "z"], ["q"]),
        helper.make_node("DequantizeLinear", ["k", "s", "i"], ["w"]),
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"]),
        helper.make_node("Conv", ["d", "w"], ["y"], "conv"),
    ]
    kernel = np.zeros((4, 3, 3, 3), np.int8)
    constants = {"s": scalar, "z": zero, "k": kernel, "i": np.int8(0)}

    layer = layers_of(model_of(nodes, [1, 3, "H", "W"], constants))["conv"]

    assert (layer.output.max, layer.parameters, layer.judgeable) == ((3, 3), 108, "weights")


def test_the_path_of_a_file_is_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    onnx.save(model_of([conv("x", "y")], [1, 3, "H", "W"], {"w": K3}), "net.onnx")

    by_text, by_path = analyse("net.onnx", 32), analyse(tmp_path / "net.onnx", 32)

    assert by_text.model.name == "net.onnx"
    assert [one.layer for one in by_text.layers] == [one.layer for one in by_path.layers]


@pytest.mark.parametrize(
    ("name", "message"),
    [("gone.onnx", "there is no file 'gone.onnx'"), ("notes.txt", "notes.txt is no saved model")],
)
def test_a_path_without_a_model_is_refused(
    name: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("nothing")

    with pytest.raises(TargetError, match=message):
        analyse(name, 32)


def test_large_weights_are_not_read():
    model = model_of([conv("x", "y", "big")], [1, 512, "H", "W"])
    tensor = numpy_helper.from_array(np.zeros((1, 1), np.float32), "big")
    del tensor.dims[:]
    tensor.dims.extend([100_000, 512, 3, 3])
    model.graph.initializer.append(tensor)

    assert analyse(model, 32).model.parameters == 100_000 * 512 * 9


def test_the_frontend_is_found_by_the_class_of_the_model():
    model = model_of([conv("x", "y")], [1, 3, "H", "W"], {"w": K3})

    assert frontend_of(model) is FRONTEND
    assert FRONTEND.title(model) == "net"
