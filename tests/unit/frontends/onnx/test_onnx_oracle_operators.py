"""Operators held to a runtime: those of ONNX's own tests, and those of its optimisers."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import ModelProto, helper, numpy_helper
from onnx_oracle import Seen, graph_of, is_exact, model_of, observed

from rfa_core.errors import RfaError
from rfa_core.frontends.base import ForwardError
from rfa_core.graph.model import Graph

pytestmark = pytest.mark.onnx

PER_OPERATOR = 2
ARTEFACTS = ("test_lrn", "test_resize_upsample_scales_linear")
"""Sums that are carried along keep a NaN; weights of zero at the edge pass one on."""


def cases() -> Iterator[tuple[str, ModelProto, list[Any]]]:
    """ONNX's tests of single operators: name, model with all inputs but the first fixed, result."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from onnx.backend.test.case.node import collect_testcases

        found = collect_testcases(None)
    for case in found:
        given, results = case.data_sets[0]
        arrays = all(isinstance(one, (np.ndarray, np.generic)) for one in given)
        if given and arrays and np.asarray(given[0]).dtype in (np.float32, np.float64):
            model = ModelProto()
            model.CopyFrom(case.model)
            for info, value in list(zip(model.graph.input, given, strict=False))[1:]:
                model.graph.initializer.append(
                    numpy_helper.from_array(np.asarray(value), info.name)
                )
            del model.graph.input[1:]
            yield case.name, model, [np.asarray(given[0]), *results]


def chosen() -> Iterator[tuple[str, ModelProto, Any, Graph]]:
    """Some tests of every operator whose first result depends on its first input."""
    seen: Counter[str] = Counter()
    for name, model, (first, *_) in cases():
        kind = max((node.op_type for node in model.graph.node), default="")
        if seen[kind] >= PER_OPERATOR or first.ndim == 0 or name.startswith(ARTEFACTS):
            continue
        try:
            graph = graph_of(model, first.shape)
        except RfaError:
            continue
        del model.graph.output[1:]
        if is_exact(graph) and graph.outputs:
            seen[kind] += 1
            yield name, model, first, graph


def test_no_operator_of_onnx_reads_more_than_is_claimed():
    wrong, count = {}, 0

    for name, model, values, graph in chosen():
        try:
            seen = observed(model, graph, values)
        except onnxruntime.capi.onnxruntime_pybind11_state.NotImplemented:
            continue
        count += 1
        if seen.unsound:
            wrong[name] = seen.unsound

    assert wrong == {}
    assert count > 150


def test_every_shape_that_is_claimed_is_that_of_onnx():
    wrong = {}

    for name, model, (first, *results) in cases():
        try:
            graph = graph_of(model, first.shape)
        except ForwardError as error:
            wrong[name] = error.reason
            continue
        except RfaError:
            continue
        made = [graph[output].shape for output in graph.outputs]
        known = [np.shape(one) for one in results if isinstance(one, (np.ndarray, np.generic))]
        if known and not graph.stopped and any(shape not in known for shape in made):
            wrong[name] = f"{made}, not {known}"

    assert wrong == {}


W = np.ones((4, 4), np.float32)
MICROSOFT = "com.microsoft"
FUSED = [
    ("FusedConv", ["x", "k"], {"activation": "Relu", "pads": [1, 1, 1, 1]}, (1, 4, 6, 7)),
    ("Gelu", ["x"], {}, (2, 4, 5)),
    ("BiasGelu", ["x", "b"], {}, (2, 5, 4)),
    ("FastGelu", ["x"], {}, (2, 5, 4)),
    ("QuickGelu", ["x"], {}, (2, 5, 4)),
    ("FusedMatMul", ["x", "w"], {"transB": 1}, (2, 5, 4)),
    ("FusedMatMul", ["x", "x"], {"transA": 1}, (2, 5, 4)),
    ("MultiHeadAttention", ["x", "x", "x"], {"num_heads": 2}, (1, 5, 4)),
]


@pytest.mark.parametrize(("kind", "inputs", "options", "shape"), FUSED)
def test_an_operator_of_an_optimiser_reads_what_the_runtime_reads(
    kind: str, inputs: list[str], options: dict[str, Any], shape: tuple[int, ...]
):
    node = helper.make_node(kind, inputs, ["y"], domain=MICROSOFT, **options)
    kernel = np.ones((4, 4, 3, 3), np.float32)
    model = model_of([node], shape, {"w": W, "b": W[0], "k": kernel})

    seen = observed(model, graph_of(model, shape), np.ones(shape, np.float32))

    assert seen == Seen([], [])


PLACES = {
    "two lists": np.array([[0, 1], [3, 2], [5, 3]]),
    "two lists from the end": np.array([[-1, 1], [-3, -2]]),
    "one place": np.array([1, 2]),
    "rows and columns": np.stack(np.meshgrid([0, 2, 5], [3, 1], indexing="ij"), -1),
    "columns and rows": np.stack(np.meshgrid([0, 2, 5], [3, 1], indexing="xy"), -1),
    "rows of one column": np.array([[[0, 2]], [[4, 2]]]),
    "bins of an adaptive pooling": np.stack(
        np.broadcast_arrays(
            np.array([[0, 1], [2, 3], [4, 5]])[:, :, None, None],
            np.array([[0, 1, 2], [1, 2, 3]])[None, None],
        ),
        -1,
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_constant_places_of_several_dimensions_are_read_exactly(name: str) -> None:
    places, shape = PLACES[name].astype(np.int64), (6, 4, 2)
    nodes = [
        helper.make_node("GatherND", ["x", "places"], ["picked"]),
        helper.make_node("ReduceMean", ["picked"], ["y"], axes=[places.ndim - 2], keepdims=0),
    ]
    model = model_of(nodes, shape, {"places": places})

    graph = graph_of(model, shape)
    seen = observed(model, graph, np.ones(shape, np.float32))

    assert is_exact(graph)
    assert seen == Seen([], [])
