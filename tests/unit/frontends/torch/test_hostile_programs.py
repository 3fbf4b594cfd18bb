"""Nothing in a file of an exported program is executed, and what is wrong with it is said."""

from __future__ import annotations

import io
import json
import pickle
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest
from packaging.version import Version

from rfa_core.errors import TraceError
from rfa_core.frontends import frontend_of, open_file
from rfa_core.graph.model import Graph

torch = pytest.importorskip("torch")
nn = torch.nn
export, save = torch.export.export, torch.export.save

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(Version(torch.__version__) < Version("2.9"), reason="needs PyTorch 2.9"),
]

Members = dict[str, bytes]


@pytest.fixture(scope="module")
def members() -> Members:
    """What is in the file of a small program, by name without the folder."""
    buffer = io.BytesIO()
    save(export(nn.Conv2d(3, 8, 3), (torch.zeros(1, 3, 16, 16),)), buffer)
    with ZipFile(buffer) as archive:
        return {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Mapping[str, bytes]], str]:
    def write(contents: Mapping[str, bytes], compression: int = ZIP_STORED) -> str:
        file = tmp_path / "net.pt2"
        with ZipFile(file, "w", compression) as archive:
            for name, content in contents.items():
                archive.writestr(f"net/{name}", content)
        return str(file)

    return write


class Payload:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return Path.touch, (self.mark,)


def traced(file: str) -> Graph:
    program = open_file("torch", file)
    frontend = frontend_of(program)
    return frontend.trace(program, frontend.guess_inputs(program)[0], (16, 16), "net")


def edited(
    members: Members, edit: Callable[[Any], object], name: str = "models/model.json"
) -> Members:
    document = json.loads(members[name])
    edit(document)
    return {**members, name: json.dumps(document).encode()}


def graph_of(document: Any) -> Any:
    return document["graph_module"]["graph"]


def test_pickles_stay_closed(members: Members, written: Any, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    evil = pickle.dumps(Payload(mark))

    def pickled(config: Any) -> None:
        config["config"]["weight"]["use_pickle"] = True

    contents = edited(members, pickled, "data/weights/model_weights_config.json")
    for name in ("data/sample_inputs/model.pt", "data/weights/weight_0", "data/weights/model.pt"):
        contents[name] = evil

    graph = traced(written(contents))

    assert [node.kind for node in graph] == ["input", "conv"]
    assert not mark.exists()


def test_sizes_are_not_evaluated(members: Members, written: Any, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    text = f"__import__('pathlib').Path({str(mark)!r}).touch()"

    def hostile(document: Any) -> None:
        size = {"as_expr": {"expr_str": text, "hint": {"as_int": 16}}}
        graph_of(document)["tensor_values"]["input"]["sizes"][3] = size

    graph = traced(written(edited(members, hostile)))

    assert graph.inputs[0].shape == (1, 3, 16, 16)
    assert not mark.exists()


@pytest.mark.parametrize(
    "target",
    [
        "builtins.eval",
        "os.system",
        "torch.load",
        "torch.ops.aten.save",
        "torch.ops.aten.from_file.default",
        "torch.ops.load_library",
        "torch.ops.aten.conv2d.__call__",
        "torch.ops.aten.conv2d.default.__globals__",
        "torch.ops.higher_order.cond",
        "_operator.pow",
    ],
)
def test_only_operators_that_make_tensors_are_called(
    target: str, members: Members, written: Any
) -> None:
    def hostile(document: Any) -> None:
        graph_of(document)["nodes"][0]["target"] = target

    with pytest.raises(TraceError, match=f"the program calls {target}"):
        traced(written(edited(members, hostile)))


def no_graph(document: Any) -> None:
    del document["graph_module"]["graph"]


def no_signature(document: Any) -> None:
    document["graph_module"]["signature"]["input_specs"] = [{"parameter": 3}]


def enormous(document: Any) -> None:
    graph_of(document)["tensor_values"]["p_weight"]["sizes"][0] = {"as_int": 1 << 60}


def deep(document: Any) -> None:
    stack = f"k,{'.'.join('a' * 5000)},torch.nn.Conv2d"
    graph_of(document)["nodes"][0]["metadata"]["nn_module_stack"] = stack


@pytest.mark.parametrize("edit", [no_graph, no_signature, enormous, deep])
def test_a_damaged_graph_is_named(
    edit: Callable[[Any], None], members: Members, written: Any
) -> None:
    file = written(edited(members, edit))

    with pytest.raises(TraceError, match=f"{file} is damaged: its graph is not as PyTorch"):
        open_file("torch", file)


def test_a_name_that_nothing_made_ends_the_forward_pass(members: Members, written: Any) -> None:
    def hostile(document: Any) -> None:
        graph_of(document)["nodes"][0]["inputs"][0]["arg"]["as_tensor"]["name"] = "nowhere"

    with pytest.raises(TraceError, match=r"fails in .*: KeyError: 'nowhere'"):
        traced(written(edited(members, hostile)))


def test_each_damaged_archive_is_named(members: Members, written: Any, tmp_path: Path) -> None:
    whole = Path(written(members)).read_bytes()
    files = {
        "cut.pt2": whole[: len(whole) // 2],
        "text.pt2": b"no archive",
        "empty.pt2": b"",
    }

    messages = {}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(TraceError) as error:
            open_file("torch", str(tmp_path / name))
        messages[name] = error.value.message

    assert messages == {
        name: f"{tmp_path / name} cannot be read as an exported program: File is not a zip file"
        for name in files
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"models/model.json": None}, "holds no exported program"),
        ({"models/model.json": b"{"}, "is damaged: .*JSONDecodeError"),
        ({"models/model.json": b"[" * 100_000}, "is damaged: .*RecursionError"),
        ({"models/model.json": None, "data/aotinductor/a.so": b""}, "holds no exported program"),
        ({"models/model.json": None, "models/a.json": b"", "models/b.json": b""}, r"\(a, b\)"),
        ({"data/weights/model_weights_config.json": b"[]"}, "is damaged: .*TypeError"),
    ],
)
def test_each_missing_or_broken_member_is_said(
    change: Mapping[str, bytes | None], message: str, members: Members, written: Any
) -> None:
    contents = {**members, **change}

    file = written({name: one for name, one in contents.items() if one is not None})

    with pytest.raises(TraceError, match=f"net.pt2 .*{message}"):
        open_file("torch", file)


def test_what_is_compressed_may_be_a_bomb(members: Members, written: Any) -> None:
    with pytest.raises(TraceError, match=r"net.pt2 is damaged: .*is compressed"):
        open_file("torch", written(members, ZIP_DEFLATED))
