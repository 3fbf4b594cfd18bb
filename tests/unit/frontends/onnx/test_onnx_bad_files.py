"""Files and graphs that are broken or hostile: one clear error each, and nothing is run."""

from __future__ import annotations

import builtins
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

import rfa_core as rfa
from rfa_core.cli import main
from rfa_core.errors import TraceError
from rfa_core.frontends.onnx import FRONTEND

pytestmark = pytest.mark.onnx

Change = Callable[[ModelProto], None]
EIGHT = (rfa.Resolution((8,)),)


def weight(name: str = "w", *shape: int) -> TensorProto:
    return numpy_helper.from_array(np.zeros(shape or (4, 3, 3, 3), np.float32), name)


def image(name: str = "x") -> Any:
    return helper.make_tensor_value_info(name, 1, [1, 3, 8, 8])


def net(*nodes: Any, weights: tuple[TensorProto, ...] = (), **options: Any) -> ModelProto:
    conv = helper.make_node("Conv", ["x", "w"], ["y"], "first", pads=[1, 1, 1, 1])
    result = helper.make_tensor_value_info("y", 1, None)
    held = [weight(), *weights]
    graph = helper.make_graph(list(nodes) or [conv], "net", [image()], [result], held)
    sets = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    return helper.make_model(graph, opset_imports=sets, ir_version=8, **options)


def changed(change: Change) -> ModelProto:
    model = net()
    change(model)
    return model


def doubling(depth: int) -> list[Any]:
    """Functions each of which calls the one before twice."""
    own = [helper.make_opsetid("", 17), helper.make_opsetid("own", 1)]
    first = helper.make_function(
        "own", "f0", ["a"], ["b"], [helper.make_node("Relu", ["a"], ["b"])], own
    )
    calls = [
        helper.make_function("own", f"f{at}", ["a"], ["b"], [
            helper.make_node(f"f{at - 1}", ["a"], ["m"], domain="own"),
            helper.make_node(f"f{at - 1}", ["m"], ["b"], domain="own"),
        ], own)
        for at in range(1, depth)
    ]  # fmt: skip
    return [first, *calls]


def calling_itself() -> list[Any]:
    own = [helper.make_opsetid("own", 1)]
    again = helper.make_node("f", ["a"], ["b"], domain="own")
    return [helper.make_function("own", "f", ["a"], ["b"], [again], own)]


def conv(source: str, name: str = "first", result: str = "y", **options: Any) -> Any:
    return helper.make_node("Conv", [source, "w"], [result], name, **options)


def relu(source: str, result: str) -> Any:
    return helper.make_node("Relu", [source], [result])


REFUSED: list[tuple[str, bytes | ModelProto, str]] = [
    ("text", b"hello, this is text\n", "is no ONNX model, or is cut off"),
    ("truncated", net().SerializeToString()[:150], "is no ONNX model, or is cut off"),
    ("empty", b"", "bad.onnx: the ONNX model has no nodes"),
    ("no nodes", changed(lambda m: m.graph.ClearField("node")), "the ONNX model has no nodes"),
    ("a cycle", net(conv("z"), relu("y", "z")), "the graph has a cycle: Conv (first)"),
    ("two makers", net(conv("x"), relu("x", "y")), "makes the tensor 'y' twice, by Relu (y)"),
    ("no maker", net(relu("nothing", "y")), "Relu (y) reads the tensor 'nothing', which nothing"),
    ("no output", net(relu("x", "z")), "the output 'y' of the ONNX graph is made by no node"),
    ("no input", changed(lambda m: m.graph.ClearField("input")), "the ONNX model has no input"),
    ("no opset", changed(lambda m: m.ClearField("opset_import")), "does not say which opset"),
    (
        "a later opset",
        changed(lambda m: setattr(m.opset_import[0], "version", 9999)),
        "the ONNX model is of opset 9999",
    ),
    (
        "a negative size",
        changed(lambda m: m.graph.initializer[0].dims.__setitem__(0, -4)),
        "the initialiser 'w' has an impossible shape [-4, 3, 3, 3]",
    ),
    (
        "a huge size",
        changed(lambda m: m.graph.initializer[0].dims.__setitem__(0, 2**62)),
        "the initialiser 'w' has an impossible shape",
    ),
    (
        "another size",
        changed(lambda m: m.graph.initializer[0].dims.__setitem__(1, 5)),
        "the initialiser 'w' cannot be read",
    ),
    (
        "an unknown type",
        changed(lambda m: setattr(m.graph.initializer[0], "data_type", 77)),
        "the initialiser 'w' cannot be read",
    ),
    (
        "a function that calls itself",
        net(helper.make_node("f", ["x"], ["y"], domain="own"), functions=calling_itself()),
        "the function 'f' of the ONNX model calls itself",
    ),
    (
        "functions that explode",
        net(helper.make_node("f39", ["x"], ["y"], domain="own"), functions=doubling(40)),
        "the functions of the ONNX model make more than",
    ),
    ("a stride of 0", net(conv("x", strides=[0, 1])), "fails in first: "),
    ("too few strides", net(conv("x", strides=[1])), "fails in first: "),
    (
        "other channels",
        changed(lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", 7)),
        "fails in first: a weight of [4, 3, 3, 3] in 1 groups wants 3 channels, and gets 7",
    ),
    (
        "a shape that does not fit",
        net(helper.make_node("Reshape", ["x", "s"], ["y"], "flat"),
            weights=(numpy_helper.from_array(np.array([1, 50]), "s"),)),
        "fails in flat: a tensor of [1, 3, 8, 8] (192 elements) cannot be reshaped to [1, 50]",
    ),
    (
        "a huge tensor",
        net(helper.make_node("Expand", ["x", "s"], ["y"], "wide"),
            weights=(numpy_helper.from_array(np.array([2**40, 1, 1, 1]), "s"),)),
        "fails in wide: a tensor of [1099511627776, 3, 8, 8] is more than a machine can hold",
    ),
    ("no attributes", net(helper.make_node("DepthToSpace", ["x"], ["y"], "deep")), "fails in deep"),
    (
        "operands that do not fit",
        net(helper.make_node("Add", ["x", "w"], ["y"], "sum")),
        "fails in sum",
    ),
    (
        "a bad order",
        net(helper.make_node("Transpose", ["x"], ["y"], "turn", perm=[0, 1, 1, 7])),
        "fails in turn",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_broken_file_is_refused_with_its_place(
    content: bytes | ModelProto,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.chdir(tmp_path)
    data = content if isinstance(content, bytes) else content.SerializeToString()
    (tmp_path / "bad.onnx").write_bytes(data)

    report = rfa.check(["bad.onnx"], rfa.Settings(root=str(tmp_path), resolutions=EIGHT))

    said = rfa.render("concise", report)
    assert report.exit_code == 2
    assert "bad.onnx" in said
    assert message in said
    assert "Traceback" not in said
    assert "internal error" not in said


def test_the_command_line_says_so_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.onnx").write_bytes(b"hello, this is text\n")

    code = main(["check", "bad.onnx", "--res", "8", "--output-format", "concise"])

    said = capsys.readouterr()
    assert code == 2
    assert "is no ONNX model, or is cut off" in said.out
    assert "Traceback" not in said.out + said.err


def test_external_weights_are_never_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    model = net()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    entry = tensor.external_data.add()
    entry.key, entry.value = "location", "../../../../../etc/passwd"
    file = tmp_path / "net.onnx"
    file.write_bytes(model.SerializeToString())
    opened: list[str] = []
    real = io.open
    monkeypatch.setattr(
        builtins, "open", lambda path, *a, **k: opened.append(str(path)) or real(path, *a, **k)
    )

    loaded = FRONTEND.open(str(file))
    graph = FRONTEND.trace(loaded, FRONTEND.guess_inputs(loaded)[0], (8, 8), "net")

    assert [node.parameters for node in graph if node.weighted] == [108]
    assert [path for path in opened if "passwd" in path] == []


def test_loops_inside_loops_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("rfa_core.frontends.onnx.reader.MOST_STEPS", 2_000)

    def body(depth: int) -> Any:
        inner = (
            helper.make_node("Loop", ["M", "", "v"], ["o"], body=body(depth - 1))
            if depth
            else helper.make_node("Identity", ["v"], ["o"])
        )
        inputs = [
            helper.make_tensor_value_info("i", 7, []),
            helper.make_tensor_value_info("c", 9, []),
            image("v"),
        ]
        outputs = [helper.make_tensor_value_info("d", 9, []), image("o")]
        return helper.make_graph(
            [helper.make_node("Identity", ["c"], ["d"]), inner], "b", inputs, outputs
        )

    loop = helper.make_node("Loop", ["M", "", "x"], ["y"], body=body(4))
    model = net(loop, weights=(numpy_helper.from_array(np.array(50), "M"),))

    with pytest.raises(TraceError, match="the ONNX model has more than 2000 nodes to run"):
        FRONTEND.trace(model, FRONTEND.guess_inputs(model)[0], (8, 8), "net")
