"""Folders of SavedModels: what is read, and what is refused."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

import rfa_core as rfa
from rfa_core.cli import main
from rfa_core.errors import TraceError
from rfa_core.frontends import frontend_of, open_file
from rfa_core.frontends.base import ForwardError
from rfa_core.receptive.collect import analyse_graph

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow


class Net(tf.Module):  # type: ignore[misc]
    """Two convolutions, one of them in a function of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.first = tf.Variable(tf.ones([3, 3, 3, 8]), name="first")
        self.second = tf.Variable(tf.ones([5, 5, 8, 4]), name="second")

    @tf.function
    def inner(self, x: Any) -> Any:
        return tf.nn.relu(tf.nn.conv2d(x, self.second, 1, "SAME", dilations=2))

    @tf.function
    def __call__(self, x: Any) -> Any:
        return self.inner(tf.nn.conv2d(x, self.first, 2, "SAME"))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a model of any size, with a signature: to be copied."""
    folder = tmp_path_factory.mktemp("saved") / "net"
    saved(folder, True, (None, None, None, 3))
    return folder


def saved(folder: Path, signature: bool, shape: tuple[int | None, ...]) -> str:
    net = Net()
    function = net.__call__.get_concrete_function(tf.TensorSpec(shape, name="image"))
    tf.saved_model.save(net, str(folder), signatures=function if signature else None)
    return str(folder)


@pytest.mark.parametrize("signature", [True, False], ids=["served", "only called"])
def test_a_folder_is_read_without_its_variables(tmp_path: Path, signature: bool) -> None:
    folder = saved(tmp_path, signature, (None, None, None, 3))
    for file in (tmp_path / "variables").iterdir():
        file.unlink()

    model = open_file("tensorflow", folder)
    frontend = frontend_of(model)
    (spec,) = frontend.guess_inputs(model)
    graph = frontend.trace(model, spec, (64, 48), "folder")

    found = [
        (layer.name, layer.type, layer.output.max, layer.feature_map, layer.parameters)
        for layer in analyse_graph(graph)
        if layer.judgeable == "weights"
    ]
    assert found == [
        ("Conv2D", "Conv2D", (3, 3), (32, 24), 216),
        ("Conv2D_1", "Conv2D", (19, 19), (32, 24), 800),
    ]
    assert spec.words((64, 48)) == "[1, 64, 48, 3]"


def test_a_size_that_the_signature_fixes_is_the_only_one(tmp_path: Path) -> None:
    model = open_file("tensorflow", saved(tmp_path, True, (None, 40, 40, 3)))
    frontend = frontend_of(model)
    (spec,) = frontend.guess_inputs(model)

    with pytest.raises(ForwardError, match=r"the signature: it takes \(None, 40, 40, 3\)"):
        frontend.trace(model, spec, (64, 64), "folder")

    assert frontend.sizes_named_by(model) == (40, 40)


def test_a_folder_is_a_target(written: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(written)

    code = main(["check", folder, "--res", "2", "--output-format", "concise"])

    assert code == 1
    assert "RFA101" in capsys.readouterr().out


def _cut(folder: Path) -> None:
    file = folder / "saved_model.pb"
    file.write_bytes(file.read_bytes()[:-1000])


def _of_version_7(folder: Path) -> None:
    _edit(folder, lambda saved: setattr(saved, "saved_model_schema_version", 7))


def _empty(folder: Path) -> None:
    _edit(folder, lambda saved: saved.ClearField("meta_graphs"))


def _without_functions(folder: Path) -> None:
    _edit(folder, lambda saved: saved.meta_graphs[0].graph_def.library.ClearField("function"))


def _with_a_cycle(folder: Path) -> None:
    def edit(saved: Any) -> None:
        graph = saved.meta_graphs[0].graph_def
        call = next(node for node in graph.node if node.op == "StatefulPartitionedCall")
        call.input[0] = call.name

    _edit(folder, edit)


def _calling_itself(folder: Path) -> None:
    def edit(saved: Any) -> None:
        for function in saved.meta_graphs[0].graph_def.library.function:
            for node in function.node_def:
                if "f" in node.attr:
                    node.attr["f"].func.name = function.signature.name

    _edit(folder, edit)


def _with_an_unknown_operation(folder: Path) -> None:
    def edit(saved: Any) -> None:
        for function in saved.meta_graphs[0].graph_def.library.function:
            for node in function.node_def:
                node.op = "Warp" if node.op == "Conv2D" else node.op

    _edit(folder, edit)


def _without_the_input(folder: Path) -> None:
    def edit(saved: Any) -> None:
        graph = saved.meta_graphs[0].graph_def
        kept = [node for node in graph.node if node.op != "Placeholder"]
        graph.ClearField("node")
        graph.node.extend(kept)

    _edit(folder, edit)


def _edit(folder: Path, edit: Any) -> None:
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    file = folder / "saved_model.pb"
    saved = SavedModel.FromString(file.read_bytes())
    edit(saved)
    file.write_bytes(saved.SerializeToString())


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_cut, "saved_model.pb is no SavedModel, or only a part of one"),
        (_of_version_7, "is a SavedModel of version 7, expected version 1"),
        (_empty, "holds no graph"),
        (_without_functions, "which is missing"),
        (_with_a_cycle, "the graph has a cycle through the node"),
        (_calling_itself, "functions call each other without end"),
        (_with_an_unknown_operation, "uses the operation 'Warp'"),
        (_without_the_input, "has no node"),
    ],
    ids=["cut", "version", "empty", "functions", "cycle", "recursion", "operation", "input"],
)
def test_a_broken_folder_is_refused_with_the_reason(
    written: Path, tmp_path: Path, spoil: Any, told: str
) -> None:
    folder = str(copytree(written, tmp_path / "net"))
    spoil(tmp_path / "net")

    with pytest.raises(TraceError) as raised:
        open_file("tensorflow", folder)
    report = rfa.check([folder], rfa.Settings(resolutions=(rfa.Resolution((64,)),)))

    assert told in str(raised.value)
    assert str(tmp_path / "net") in str(raised.value)
    assert report.exit_code == 2
    assert told in " ".join(rfa.render("concise", report).split())


def test_a_graph_that_grows_beyond_all_bounds_is_refused(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rfa_core.frontends.tensorflow.flattening.MOST_NODES", 5_000)
    folder = str(copytree(written, tmp_path / "net"))

    def edit(saved: Any) -> None:
        library = saved.meta_graphs[0].graph_def.library
        inner = next(one for one in library.function if "inner" in one.signature.name)
        below = inner.signature.name
        for depth in range(30):
            made = library.function.add()
            made.CopyFrom(inner)
            made.signature.name = f"doubled_{depth}"
            made.ClearField("node_def")
            given = [argument.name for argument in inner.signature.input_arg]
            for half in ("a", "b"):
                call = made.node_def.add(name=half, op="StatefulPartitionedCall")
                call.attr["f"].func.name = below
                call.input.extend([given[0] if half == "a" else "a:output:0", *given[1:]])
                call.attr["Tout"].list.type.append(1)
            made.ret[inner.signature.output_arg[0].name] = "b:output:0"
            below = made.signature.name
        for one in library.function:
            for node in one.node_def:
                is_call = "f" in node.attr and "inner" in node.attr["f"].func.name
                if is_call and not one.signature.name.startswith("doubled"):
                    node.attr["f"].func.name = below

    _edit(tmp_path / "net", edit)

    with pytest.raises(TraceError, match="more than 5,000 operations"):
        open_file("tensorflow", folder)


def test_what_is_no_folder_of_a_model_is_no_target(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "saved_model.pb").write_bytes(b"\xff not a model")

    code = main(["check", str(tmp_path), "--res", "64"])

    said = " ".join("".join(capsys.readouterr()).split())
    assert code == 2
    assert "is no SavedModel" in said
