"""Networks in files: read as they were written, and every mistake named with its place."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rfa_core as rfa
from rfa_core.errors import InvalidGraphError
from rfa_core.frontends import frontend_of, open_file
from rfa_core.frontends.custom.json_form import network_of, text_of
from rfa_core.frontends.custom.json_schema import SCHEMA_FILE, custom_graph_schema
from rfa_core.frontends.custom.kinds import kind_of, own_kinds
from rfa_core.frontends.custom.layers import Layer, read_options
from rfa_core.frontends.custom.options import MISSING
from rfa_core.graph.json_form import to_json

Json = dict[str, Any]
often = settings(deadline=None, max_examples=150, derandomize=True)


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))


def network(*layers: Json, **head: Any) -> Json:
    first = {"name": "input", "type": "input", "channels": 3}
    return {"version": 1, "name": "net", "layers": [first, *layers], **head}


CONV = {"name": "conv", "type": "conv", "filters": 8, "kernel": 3}


@st.composite
def layers(draw: st.DrawFn) -> tuple[int, list[Layer]]:
    """A network of layers of all kinds with any options; whether maps fit does not matter."""
    axes = draw(st.integers(1, 3))
    made = [Layer("input", "input", (), {"channels": draw(st.integers(1, 9))})]
    for n in range(draw(st.integers(0, 5))):
        kind = kind_of(draw(st.sampled_from([one for one in own_kinds() if one != "input"])))
        assert kind is not None
        count = draw(st.integers(kind.sources[0], kind.sources[1] or 3))
        after = draw(st.lists(st.sampled_from(made), min_size=count, max_size=count))
        options = {}
        for option in kind.options.values():
            schema = option.schema()
            value = draw(_fitting(schema, axes))
            if option.default is MISSING or draw(st.booleans()):
                options[option.name] = value
        names = tuple(one.name for one in after)
        made.append(Layer(f"ä{n}", kind.name, names, read_options(kind, options, axes)))
    return axes, made


def _fitting(schema: Json, axes: int) -> st.SearchStrategy[Any]:
    if "anyOf" in schema:
        return st.one_of(_fitting(one, axes) for one in schema["anyOf"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "array":
        return st.lists(_fitting(schema["items"], axes), min_size=axes, max_size=axes)
    if schema["type"] == "integer":
        return st.integers(max(schema["minimum"], -9), 9)
    return {"boolean": st.booleans(), "null": st.none()}[schema["type"]]


@often
@given(layers())
def test_a_network_comes_back_as_it_was_written(made: tuple[int, list[Layer]]) -> None:
    axes, written = made
    text = text_of("nét", axes, written)
    data = json.loads(text)

    assert network_of(data, text, "/nowhere.rfa.json") == ("nét", axes, written)
    assert not list(validator().iter_errors(data))


def test_the_schema_that_ships_is_the_one_the_code_makes() -> None:
    assert json.loads(SCHEMA_FILE.read_text("utf-8")) == custom_graph_schema()
    jsonschema.Draft202012Validator.check_schema(custom_graph_schema())


def test_a_saved_network_is_the_same_network(tmp_path: Path) -> None:
    net = rfa.Graph("net", channels=1)
    net.conv("conv", filters=8, kernel=(3, 5), stride=2)
    net.add("sum", "conv", net.attention("mix", "conv"))
    file = tmp_path / "net.rfa.json"

    net.save(file)
    again = rfa.Graph.load(file)

    assert again.layers == net.layers
    assert [line.line for layer in again.layers for line in layer.lines] == [2, 3, 4, 5]
    assert (
        rfa.analyse(again, 32).layers[0].layer.output == rfa.analyse(net, 32).layers[0].layer.output
    )
    assert file.read_text(encoding="utf-8") == (
        '{"version": 1, "name": "net", "axes": 2, "layers": [\n'
        '  {"name": "input", "type": "input", "channels": 1},\n'
        '  {"name": "conv", "type": "conv", "after": ["input"], "filters": 8, "kernel": [3, 5], '
        '"stride": 2},\n'
        '  {"name": "mix", "type": "attention", "after": ["conv"]},\n'
        '  {"name": "sum", "type": "add", "after": ["conv", "mix"]}\n'
        "]}\n"
    )


def test_a_network_with_mistakes_is_not_saved(tmp_path: Path) -> None:
    net = rfa.Graph("net")
    net.add("sum", "here", "there")

    with pytest.raises(InvalidGraphError, match="there is no layer 'here'"):
        net.save(tmp_path / "net.rfa.json")

    assert not list(tmp_path.iterdir())


MISTAKES: dict[str, tuple[Any, list[str]]] = {
    "a list": ([], ["expected an object, found a list"]),
    "nothing": ({}, ["version is missing", "name is missing", "layers is missing"]),
    "another version": (network(version=2), ["version: expected 1, found 2"]),
    "version true": (network(version=True), ["version: expected 1, found True"]),
    "axes": (network(axes=[2]), ["axes: expected 1, 2 or 3, found a list"]),
    "a name that cannot be shown": (
        network(name="a\nb"),
        ["name: expected a name of printable characters, found 'a\\nb'"],
    ),
    "another key": (
        network(resolution=64),
        ["unknown key 'resolution'; there are version, name, axes, layers"],
    ),
    "layers that are none": (
        network(3, None),
        ["layers[1]: expected an object, found 3", "layers[2]: expected an object, found null"],
    ),
    "no input": (
        {"version": 1, "name": "net", "layers": []},
        ["layers: there is none of the kind input"],
    ),
    "a layer of nothing": (
        network({}),
        ["layers[1]: expected a name of printable characters, found null",
         "layers[1]: no kind of layer is called null; the kinds are " + ", ".join(own_kinds())],
    ),
    "names of other types": (
        network({**CONV, "name": 3}, {**CONV, "type": ["conv"]}),
        ["layers[1]: expected a name of printable characters, found 3",
         "layers[2] (conv): no kind of layer is called a list; the kinds are "
         + ", ".join(own_kinds())],
    ),
    "options": (
        network({**CONV, "kernel": [3, 3, 3], "stride": 0, "bias": 1, "pading": 1}),
        ["layers[1] (conv): conv: unknown option 'pading'; did you mean padding?",
         "layers[1] (conv): conv: kernel: expected a whole number of at least 1 or 2 of them, "
         "one per axis, found [3, 3, 3]",
         "layers[1] (conv): conv: stride: expected a whole number of at least 1 or 2 of them, "
         "one per axis, found 0",
         "layers[1] (conv): conv: bias: expected true or false, found 1"],
    ),
    "numbers that are none": (
        network({**CONV, "filters": 1e3, "kernel": 10**30}),
        ["layers[1] (conv): conv: filters: expected a whole number of at least 1, found 1000.0",
         "layers[1] (conv): conv: kernel: expected a whole number of at least 1 or 2 of them, "
         "one per axis, found 1000000000000000000000000000000"],
    ),
    "names twice": (
        network(CONV, CONV),
        ["layers[2] (conv): the name is used twice, first in layers[1] (conv)"],
    ),
    "layers that do not exist": (
        network({**CONV, "after": ["imput"]}),
        ["conv: there is no layer 'imput' for it to follow (did you mean input?)"],
    ),
    "what to follow is no list": (
        network({**CONV, "after": "input"}, {**CONV, "name": "b", "after": [1]}),
        ["layers[1] (conv): after: expected a list of names, found 'input'",
         "layers[2] (b): after: expected a list of names, found a list",
         "conv: conv follows 1 layer, found 0",
         "b: conv follows 1 layer, found 0"],
    ),
    "a cycle, and more": (
        network({**CONV, "after": ["b"]}, {**CONV, "name": "b", "kernel": "3"}),
        ["layers[2] (b): conv: kernel: expected a whole number of at least 1 or 2 of them, one "
         "per axis, found '3'",
         "conv: it follows itself: conv -> b -> conv"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES)
def test_all_mistakes_of_a_file_are_named_at_once(tmp_path: Path, mistake: str) -> None:
    data, said = MISTAKES[mistake]
    file = tmp_path / "net.rfa.json"
    file.write_text(json.dumps(data), encoding="utf-8")

    with pytest.raises(InvalidGraphError) as error:
        open_file("custom", str(file))

    assert error.value.message.splitlines() == [
        f"the graph in {file} is invalid:",
        *(f"  {one}" for one in said),
    ]


BROKEN = {
    b"": "is no JSON: Expecting value: line 1 column 1 (char 0)",
    b"{": "is no JSON: Expecting property name enclosed in double quotes",
    b"\xff\xfe": "is no JSON: 'utf-8' codec can't decode",
    b'{"version": 1, "version": 1}': "is no JSON: the key 'version' stands twice in one object",
    b"[" * 200_000: "is no graph: it is nested too deeply",
    b"1" * 5000: "is no JSON: Exceeds the limit",
}


@pytest.mark.parametrize("content", BROKEN, ids=lambda content: str(content[:20]))
def test_a_file_that_is_no_json_says_so(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "net.rfa.json"
    file.write_bytes(content)

    with pytest.raises(InvalidGraphError) as error:
        open_file("custom", str(file))

    assert str(error.value).startswith(f"{file} {BROKEN[content]}")


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(InvalidGraphError, match=r"cannot be read: No such file or directory$"):
        rfa.Graph.load(tmp_path / "net.rfa.json")


def test_a_graph_that_was_traced_is_read_at_its_one_size(tmp_path: Path) -> None:
    net = rfa.Graph("net")
    net.conv("conv", filters=8, kernel=3)
    frontend = frontend_of(net)
    (spec,) = frontend.guess_inputs(net)
    graph = frontend.trace(net, spec, (24, 32), "net", None, str(Path.cwd()))
    file = tmp_path / "net.rfa.json"
    file.write_text(json.dumps(to_json(graph)), encoding="utf-8")

    there = rfa.analyse(open_file("custom", str(file)), "24x32").model
    elsewhere = rfa.analyse(open_file("custom", str(file)), 64).model

    assert there.framework == "custom"
    assert there.resolutions[0].unsupported is None
    assert there.resolutions[0].layers[0].layer.output.min == (3, 3)
    unsupported = elsewhere.resolutions[0].unsupported
    assert unsupported is not None
    assert (unsupported.works_at, unsupported.fixed) == ((24, 32), True)
    assert unsupported.reason == "it was traced at 24x32, and holds no other size"


def test_a_traced_graph_with_mistakes_names_its_file(tmp_path: Path) -> None:
    file = tmp_path / "net.rfa.json"
    file.write_text('{"version": 1, "nodes": [{}]}', encoding="utf-8")

    with pytest.raises(InvalidGraphError) as error:
        open_file("custom", str(file))

    assert str(error.value).startswith(f"{file}: this is no graph")
