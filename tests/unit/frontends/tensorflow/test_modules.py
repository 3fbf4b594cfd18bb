"""Modules and functions of TensorFlow: layers, lines, weights, norms; pieces of other models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from rfa_core.errors import TraceError
from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import ForwardError, input_spec
from rfa_core.frontends.draft import Draft, Origin
from rfa_core.graph import operations as op
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph

tf = pytest.importorskip("tensorflow")
pytestmark = pytest.mark.tensorflow

IMAGE = (1, "H", "W", 4)


def operations(graph: Graph) -> list[str]:
    return [type(node.operation).__name__ for node in graph]


class Shared(tf.Module):  # type: ignore[misc]
    """A convolution that is applied twice, and one that is not, in name scopes."""

    def __init__(self) -> None:
        super().__init__()
        self.twice = tf.Variable(tf.ones([3, 3, 4, 4]))
        self.once = tf.Variable(tf.ones([1, 1, 4, 2]))
        self.bias = tf.Variable(tf.ones([4]))

    def __call__(self, x: Any) -> Any:
        for name in ("first", "second"):
            with tf.name_scope(name):
                x = tf.nn.relu(tf.nn.conv2d(x, self.twice, 1, "SAME") + self.bias)
        with tf.name_scope("mixed"):
            return tf.nn.avg_pool2d(tf.nn.conv2d(x, self.once, 1, "SAME"), 2, 2, "SAME")


def test_scopes_are_layers_and_the_same_kernel_is_the_same_layer() -> None:
    model = Shared()
    frontend = frontend_of(model)
    (spec, *_) = frontend.guess_inputs(model)

    graph = frontend.trace(model, spec, (16, 16), "shared")

    found = [
        (layer.name, layer.calls, layer.output.max, layer.parameters, layer.macs)
        for layer in analyse_graph(graph)
    ]
    assert found == [
        ("first", 2, (3, 3), 148, 2 * 36864),
        ("mixed/Conv2D", 1, (5, 5), 8, 2048),
        ("mixed/AvgPool2D", 1, (6, 6), 0, 0),
    ]
    assert spec.words((16, 16)) == "[1, 16, 16, 4]"
    assert graph.parameters == 144 + 8 + 4


def test_lines_are_those_of_the_project(tmp_path: Path) -> None:
    file = tmp_path / "models.py"
    file.write_text(
        "import tensorflow as tf\n"
        "kernel = tf.ones([3, 3, 4, 4])\n"
        "@tf.function\n"
        "def block(x):\n"
        "    return tf.nn.conv2d(x, kernel, 1, 'SAME')\n"
        "def model(x):\n"
        "    return block(tf.nn.relu(x))\n"
    )
    space: dict[str, Any] = {"__name__": "models"}
    exec(compile(file.read_text(), str(file), "exec"), space)
    model = tf.function(space["model"])

    graph = frontend_of(model).trace(
        model, input_spec(IMAGE, "given"), (8, 8), "model", None, str(tmp_path)
    )

    lines = [(node.kind, node.called and node.called.line) for node in graph if node.operands]
    assert lines == [("relu", 7), ("conv", 5)]


@pytest.mark.parametrize(
    ("norm", "dims"),
    [
        (lambda x, m, v: tf.nn.batch_normalization(x, m, v, None, None, 1e-3), (1, 2)),
        (lambda x, m, v: (x - m) * tf.math.rsqrt(v + 1e-3), (1, 2)),
        (lambda x, m, v: (x - m) / tf.sqrt(v + 1e-3), (1, 2)),
    ],
    ids=["batch_normalization", "by hand", "divided"],
)
def test_moments_of_a_tensor_applied_to_it_are_a_norm(norm: Any, dims: tuple[int, ...]) -> None:
    function = tf.function(lambda x: norm(x, *tf.nn.moments(x, dims, keepdims=True)))

    graph = frontend_of(function).trace(function, input_spec(IMAGE, ""), (8, 8), "norm")

    assert set(operations(graph)) == {"Input", "Norm"}
    assert {node.operation for node in graph if node.operands} == {op.Norm(dims)}


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x * tf.nn.moments(x, [1, 2], keepdims=True)[1][..., :1],
        lambda x: tf.nn.moments(x, [1, 2])[0],
        lambda x: (x + 0.0) * tf.nn.moments(2 * x, [1, 2], keepdims=True)[0],
    ],
    ids=["cut", "alone", "of another"],
)
def test_moments_that_go_elsewhere_are_seen_as_global(function: Any) -> None:
    traced = tf.function(function)

    graph = frontend_of(traced).trace(traced, input_spec(IMAGE, ""), (8, 8), "moments")

    assert "Norm" not in operations(graph)
    last = analyse_graph(graph)[-1]
    assert last.output.global_context or last.output.max == (None, None)


def test_what_is_not_known_is_a_bound_that_names_the_operation() -> None:
    function = tf.function(lambda x: tf.nn.relu(tf.image.adjust_hue(x[..., :3], 0.1)))

    graph = frontend_of(function).trace(function, input_spec(IMAGE, ""), (8, 8), "hue")

    reasons = [node.operation.reason for node in graph if isinstance(node.operation, op.Unknown)]
    assert reasons == ["the operation AdjustHue is not understood"]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (
            lambda x, n: tf.roll(x, n, 1),
            op.Unknown("Roll goes by numbers that are computed"),
        ),
        (
            lambda x, n: tf.cumsum(x, n),
            op.Unknown("Cumsum goes by numbers that are computed"),
        ),
        (
            lambda x, n: tf.reverse(x, [n]),
            op.Sample("computed indices say what is read"),
        ),
    ],
    ids=["roll", "cumsum", "reverse"],
)
def test_what_goes_by_computed_numbers_is_a_bound(function: Any, expected: Any) -> None:
    traced = tf.function(lambda x: function(x, tf.cast(tf.reduce_max(x), tf.int32)))

    graph = frontend_of(traced).trace(traced, input_spec(IMAGE, ""), (8, 8), "computed")

    assert graph[graph.outputs[0]].operation == expected


def test_a_result_whose_size_data_decide_ends_the_recording() -> None:
    function = tf.function(lambda x: tf.boolean_mask(2 * x, x > 0))

    graph = frontend_of(function).trace(function, input_spec(IMAGE, ""), (8, 8), "mask")

    assert "data decide the shape of what Where returns" in graph.stopped
    assert next(node.kind for node in graph if node.operands) in ("mul", "greater")


def test_a_function_that_raises_is_told_with_its_reason() -> None:
    def narrow(x: Any) -> Any:
        return tf.nn.conv2d(tf.nn.relu(x), tf.ones([9, 9, 4, 4]), 1, "VALID")

    function = tf.function(narrow)

    with pytest.raises(ForwardError, match="Negative dimension size") as raised:
        frontend_of(function).trace(function, input_spec(IMAGE, ""), (8, 8), "narrow")

    assert [node.kind for node in raised.value.recorded] == ["input", "relu"]


def test_a_piece_is_written_into_a_draft_under_its_origin() -> None:
    draft = Draft("/")
    image = draft.add(op.Input((None, 0, 1, None)), (), (1, 16, 16, 4), "input")
    draft.origin = Origin("block/custom", "Custom", call=1)
    from rfa_core.frontends.tensorflow import splice

    def call(x: Any, kernel: Any) -> dict[str, Any]:
        return {"map": tf.nn.conv2d(x, kernel, 2, "SAME"), "mean": tf.reduce_mean(x, [1, 2])}

    made = splice(draft, call, [image], weights=[((3, 3, 4, 8), tf.float32)])

    names = [name for name, _ in made]
    nodes = {node.name: node for node in draft.nodes}
    conv = nodes[names[0]]
    assert [shape for _, shape in made] == [(1, 8, 8, 8), (1, 4)]
    assert (conv.layer, conv.type, conv.call) == ("block/custom", "Custom", 1)
    assert (conv.weighted, conv.parameters, conv.macs) == (True, 288, 18432)
    lint(Graph("piece", "keras", tuple(draft.nodes), tuple(names), (16, 16)))


def test_a_piece_that_cannot_be_traced_says_why() -> None:
    from rfa_core.frontends.tensorflow import splice

    draft = Draft()
    image = draft.add(op.Input((None, 0)), (), (1, 16), "input")

    def call(_: Any) -> Any:
        raise ValueError("not like this")

    with pytest.raises(TraceError, match=r"cannot be traced: ValueError: not like this"):
        splice(draft, call, [image])
