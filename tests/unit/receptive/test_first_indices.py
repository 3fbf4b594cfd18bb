"""Interpolation whose positions follow a rule of their own."""

from __future__ import annotations

from rfa_core.graph import operations as op
from rfa_core.graph.json_form import from_json, to_json
from rfa_core.graph.model import Graph, Node
from rfa_core.receptive.claims import claims


def resized(mode: str, first: tuple[int, ...]) -> Graph:
    image = Node("x", op.Input((0,)), (), (6,))
    operation = op.Resample((0,), mode, first=(first,))
    return Graph("net", "none", (image, Node("y", operation, ("x",), (len(first),))), ("y",), (6,))


def test_each_output_reads_from_its_first_index_on():
    graph = resized("linear", (-1, 0, 4))

    (claim,) = (one["y"] for one in claims(graph))

    assert claim.low.tolist() == [-1, 0, 4]
    assert claim.high.tolist() == [0, 1, 5]


def test_a_map_that_keeps_its_size_is_no_copy_where_its_positions_are_given():
    graph = resized("nearest", (1, 2, 3, 4, 5, 5))

    (claim,) = (one["y"] for one in claims(graph))

    assert claim.low.tolist() == [1, 2, 3, 4, 5, 5]


def test_first_indices_survive_the_json_form():
    graph = resized("nearest", (0, 0, 3))

    assert from_json(to_json(graph)) == graph
