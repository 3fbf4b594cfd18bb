"""The JSON form of a graph: what is written is read back, what is wrong is named."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfa_core.errors import InvalidGraphError
from rfa_core.graph import operations as op
from rfa_core.graph.json_form import from_json, to_json
from rfa_core.graph.json_schema import SCHEMA_FILE, graph_schema
from rfa_core.graph.json_types import OPERATIONS, MismatchError, hints, read, written
from rfa_core.graph.limits import LARGEST, least
from rfa_core.graph.model import Graph, Location, Node

Json = dict[str, Any]

often = settings(deadline=None, max_examples=150, derandomize=True)


def values(kind: Any, name: str) -> st.SearchStrategy[Any]:
    """Any value that the annotation of a field allows."""
    if kind is int:
        return st.integers(least(name), 99) | st.just(LARGEST)
    if kind is float:
        return st.floats(-1e6, 1e6)
    if kind is str:
        return st.text(min_size=1, max_size=8)
    if kind is bool:
        return st.booleans()
    if type(None) in get_args(kind):
        inner = next(one for one in get_args(kind) if one is not type(None))
        return st.none() | values(inner, name)
    if kind in (Location, *OPERATIONS.values()):
        return objects(kind)
    return st.lists(values(get_args(kind)[0], name), max_size=3).map(tuple)


def objects(kind: type[Any]) -> st.SearchStrategy[Any]:
    return st.builds(
        kind, **{entry.name: values(hints(kind)[entry.name], entry.name) for entry in fields(kind)}
    )


any_operation = st.sampled_from(sorted(OPERATIONS)).flatmap(lambda name: objects(OPERATIONS[name]))


@cache
def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text("utf-8")))


@often
@given(any_operation)
def test_every_operation_comes_back_as_it_was_written(operation: op.Operation):
    text = json.dumps(written(operation))

    assert read(op.Operation, json.loads(text), "operation") == operation


@often
@given(
    st.integers(0, LARGEST),
    st.lists(st.builds(Location, st.text(), st.integers(1, 9), st.integers(1, 9)), max_size=3),
    st.none() | st.builds(Location, st.text(), st.integers(1, 9)),
    st.text(min_size=1),
    st.booleans(),
)
def test_every_fact_of_a_node_comes_back_as_it_was_written(
    number: int, constructed: list[Location], called: Location | None, text: str, weighted: bool
):
    image = Node("x", op.Input((None, 0)), (), (1, 8))
    node = Node(
        "n", op.Pointwise(), ("x",), (1, 8), text, text, text, weighted, number, number, number,
        number, tuple(constructed), called,
    )  # fmt: skip
    graph = Graph(text, text, (image, node), ("n",), (8,), number, text)

    data = json.loads(json.dumps(to_json(graph)))

    assert from_json(data) == graph
    validator().validate(data)


def test_defaults_are_left_out(small: Graph):
    node = to_json(small)["nodes"][2]

    assert node == {
        "name": "mean",
        "operation": {"type": "contract", "labels": [[0, 1, 2, 3]], "output": [0, 1]},
        "operands": ["conv"],
        "shape": [1, 4],
        "layer": "head.mean",
    }


def test_a_graph_comes_back_as_it_was_written(small: Graph):
    data = json.loads(json.dumps(to_json(small)))

    assert data["version"] == 1
    assert from_json(data) == small


def test_the_schema_that_ships_is_the_one_the_code_makes():
    assert json.loads(SCHEMA_FILE.read_text("utf-8")) == graph_schema()
    jsonschema.Draft202012Validator.check_schema(graph_schema())


def replaced(path: str, value: object) -> Callable[[Json], None]:
    def change(data: Json) -> None:
        *parents, last = (int(part) if part.isdigit() else part for part in path.split("/"))
        inner: Any = data
        for part in parents:
            inner = inner[part]
        inner[last] = value

    return change


def removed(path: str) -> Callable[[Json], None]:
    def change(data: Json) -> None:
        *parents, last = (int(part) if part.isdigit() else part for part in path.split("/"))
        inner: Any = data
        for part in parents:
            inner = inner[part]
        del inner[last]

    return change


MISTAKES = [
    (replaced("version", 2), "version: expected 1, found 2"),
    (replaced("version", True), "version: expected 1, found True"),
    (replaced("version", "1"), "version: expected 1, found '1'"),
    (removed("version"), "version is missing"),
    (removed("nodes"), "nodes is missing"),
    (replaced("nodes", {}), "nodes: expected a list, found an object"),
    (removed("name"), "the graph: name is missing"),
    (replaced("name", 7), "name: expected a text, found 7"),
    (replaced("resolution", 8), "resolution: expected a list, found 8"),
    (replaced("resolution/1", 0), "resolution[1]: expected a whole number of at least 1, found 0"),
    (replaced("outputs", "mean"), "outputs: expected a list, found 'mean'"),
    (replaced("parameter", 3), "the graph: unknown key 'parameter' (did you mean parameters?)"),
    (replaced("nodes/1", None), "nodes[1]: expected an object, found null"),
    (removed("nodes/1/shape"), "nodes[1] (conv): shape is missing"),
    (replaced("nodes/1/name", ""), "nodes[1].name: expected a name, found ''"),
    (
        replaced("nodes/1/macs", -1),
        "nodes[1] (conv).macs: expected a whole number of at least 0, found -1",
    ),
    (
        replaced("nodes/1/macs", 10**60),
        "nodes[1] (conv).macs: expected a whole number of at least 0, "
        "found a number of more than 40 digits",
    ),
    (
        replaced("nodes/1/macs", 1.5),
        "nodes[1] (conv).macs: expected a whole number of at least 0, found 1.5",
    ),
    (
        replaced("nodes/1/macs", True),
        "nodes[1] (conv).macs: expected a whole number of at least 0, found True",
    ),
    (replaced("nodes/1/weighted", 1), "nodes[1] (conv).weighted: expected true or false, found 1"),
    (
        replaced("nodes/1/shape/2", "8"),
        "nodes[1] (conv).shape[2]: expected a whole number of at least 0, found '8'",
    ),
    (
        replaced("nodes/1/called/line", 0),
        "nodes[1] (conv).called.line: expected a whole number of at least 1, found 0",
    ),
    (
        removed("nodes/1/constructed/0/file"),
        "nodes[1] (conv).constructed[0]: file is missing",
    ),
    (replaced("nodes/1/operation", "window"), "nodes[1] (conv).operation: expected an object"),
    (
        replaced("nodes/1/operation/type", "windw"),
        "nodes[1] (conv).operation.type: no operation is called 'windw' (did you mean window?)",
    ),
    (
        replaced("nodes/1/operation/type", ["window"]),
        "nodes[1] (conv).operation.type: no operation is called a list",
    ),
    (removed("nodes/1/operation/kernel"), "nodes[1] (conv).operation: kernel is missing"),
    (
        replaced("nodes/1/operation/kernel", [3, 0]),
        "nodes[1] (conv).operation.kernel[1]: expected a whole number of at least 1, found 0",
    ),
    (
        replaced("nodes/1/operation/kernal", [3, 3]),
        "nodes[1] (conv).operation: unknown key 'kernal' (did you mean kernel?)",
    ),
    (
        replaced("nodes/1/operation/channel", "1"),
        "nodes[1] (conv).operation.channel: expected a whole number of at least 0, found '1'",
    ),
    (
        replaced("nodes/2/operation/labels", [0, 1]),
        "nodes[2] (mean).operation.labels[0]: expected a list, found 0",
    ),
]


def refused(graph: Graph, change: Callable[[Json], None]) -> tuple[Json, str]:
    """The JSON of a graph that was changed, and why it is refused."""
    data = json.loads(json.dumps(to_json(graph)))
    change(data)
    with pytest.raises(InvalidGraphError) as caught:
        from_json(data)
    return data, str(caught.value)


@pytest.mark.parametrize(("change", "message"), MISTAKES, ids=[text for _, text in MISTAKES])
def test_a_mistake_is_named_and_the_schema_refuses_it_too(
    small: Graph, change: Callable[[Json], None], message: str
):
    data, error = refused(small, change)

    assert message in error
    assert not validator().is_valid(data)


@pytest.mark.parametrize("data", [None, [], "graph", 3])
def test_what_is_no_object_is_no_graph(data: object):
    with pytest.raises(InvalidGraphError, match="expected an object"):
        from_json(data)


def test_the_mistakes_of_all_nodes_come_at_once(small: Graph):
    data = to_json(small)
    data["nodes"][0]["shape"] = 3
    data["nodes"][2]["operands"] = None

    with pytest.raises(InvalidGraphError) as caught:
        from_json(data)

    assert "nodes[0] (x).shape: expected a list, found 3" in str(caught.value)
    assert "nodes[2] (mean).operands: expected a list, found null" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (replaced("nodes/1/name", "x"), "x: the name is used twice"),
        (replaced("nodes/1/operands", ["mean"]), "conv: its operand mean is not defined before it"),
        (replaced("nodes/1/operation/dims", [2, 9]), "dimension 9 of a tensor with 4 dimensions"),
    ],
)
def test_what_the_schema_cannot_say_the_validator_does(
    small: Graph, change: Callable[[Json], None], message: str
):
    data, error = refused(small, change)

    assert message in error
    assert validator().is_valid(data)


ODD = st.sampled_from([None, True, 0, -1, 1.0, 1.5, 10**20, "", "window", [], [1], {}, [None]])


@often
@given(any_operation, st.data())
def test_reader_and_schema_agree_on_operations_that_were_tampered_with(
    operation: op.Operation, data: st.DataObject
):
    value = copy.deepcopy(written(operation))
    key = data.draw(st.sampled_from([*value, "size", "dims"]))
    if data.draw(st.booleans()):
        value[key] = data.draw(ODD)
    else:
        value.pop(key, None)
    described = validator().evolve(schema=validator().schema["$defs"]["operation"])

    try:
        read(op.Operation, value, "operation")
        readable = True
    except MismatchError:
        readable = False

    assert readable == described.is_valid(value)


@pytest.mark.parametrize("scale", ["2", True, 1e300, [2.0]])
def test_a_scale_that_is_no_number_of_a_size_that_occurs_is_refused(small: Graph, scale: object):
    data = to_json(small)
    data["nodes"][1]["operation"] = {"type": "resample", "dims": [2], "mode": "nearest"}
    data["nodes"][1]["operation"]["scale"] = [scale]

    with pytest.raises(
        InvalidGraphError, match=r"\.operation\.scale\[0\]: expected a number, found"
    ):
        from_json(data)
