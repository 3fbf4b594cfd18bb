"""Graphs that break the rules of their own form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from rfa_core.errors import InvalidGraphError
from rfa_core.graph import operations as op
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph, Node

Make = Callable[..., Graph]

WINDOW = op.Window((2, 3), (3, 3), (1, 1), (1, 1), (1, 1), channel=1)


def problems(graph: Graph) -> list[str]:
    with pytest.raises(InvalidGraphError) as caught:
        lint(graph)
    return [line.strip() for line in str(caught.value).splitlines()[1:]]


def test_a_sound_graph_passes(small: Graph):
    lint(small)


def test_a_name_used_twice_is_refused(small: Graph):
    twice = replace(small, nodes=(*small.nodes, small.nodes[0]))

    assert problems(twice) == ["x: the name is used twice"]


def test_an_operand_that_comes_later_is_refused(small: Graph):
    late = replace(small, nodes=(small.nodes[0], small.nodes[2], small.nodes[1]))

    assert problems(late) == ["mean: its operand conv is not defined before it"]


def test_a_cycle_is_refused(small: Graph):
    image, conv, mean = small.nodes
    cycle = replace(small, nodes=(image, replace(conv, operands=("mean",)), mean))

    assert "conv: its operand mean is not defined before it" in problems(cycle)


def test_a_graph_without_an_input_is_refused():
    constant = Graph("net", "none", (Node("c", op.Constant(), (), (1,)),), ("c",), (8,))

    assert problems(constant) == ["there is no input"]


def test_an_output_that_nothing_makes_is_refused(small: Graph):
    assert problems(replace(small, outputs=("probs",))) == ["the output probs is not defined"]


def test_all_problems_come_at_once_up_to_twenty(small: Graph):
    many = replace(small, outputs=tuple(f"out{number}" for number in range(23)))

    found = problems(many)

    assert len(found) == 21
    assert found[-1] == "and 3 more"


@pytest.mark.parametrize(
    ("operation", "shape", "operands", "problem"),
    [
        (op.Input((None, 0)), (1, 8), ("x",), "input: takes no operands, found 1"),
        (op.Input((None, 0)), (1, 8, 8), (), "input: 3 dimensions, but axes has 2 entries"),
        (op.Input((0, 0)), (8, 8), (), "input: an axis is named twice in (0, 0)"),
        (op.Input((0, 5)), (8, 8), (), "input: axis 5 of 2"),
        (op.Constant(), (1, -4), (), "constant: an impossible size in [1, -4]"),
        (op.Constant(), (2**60,), (), f"constant: an impossible size in [{2**60}]"),
        (op.Pointwise(), (1, 4, 6, 6), (), "pointwise: needs an operand"),
        (op.Norm((1,)), (1, 4, 6, 6), ("x", "y"), "norm: takes 1 operand, found 2"),
        (op.Norm((7,)), (1, 4, 6, 6), ("x",), "norm: dimension 7 of a tensor with 4 dimensions"),
        (
            op.Pointwise(),
            (1, 3, 6, 6),
            ("x",),
            "pointwise: [1, 4, 6, 6] cannot be broadcast to [1, 3, 6, 6]",
        ),
        (op.Expand(), (6, 6), ("x",), "expand: [1, 4, 6, 6] cannot be broadcast to [6, 6]"),
        (
            replace(WINDOW, kernel=(3,)),
            (1, 4, 6, 6),
            ("x",),
            "window: 2 dimensions, but kernel has 1 entries",
        ),
        (
            replace(WINDOW, kernel=(3, 0)),
            (1, 4, 6, 6),
            ("x",),
            "window: expected kernel of at least 1, found 0",
        ),
        (
            replace(WINDOW, stride=(1, -1)),
            (1, 4, 6, 6),
            ("x",),
            "window: expected stride of at least 1, found -1",
        ),
        (
            replace(WINDOW, groups=3),
            (1, 4, 6, 6),
            ("x",),
            "window: 4 channels do not make 3 groups",
        ),
        (replace(WINDOW, groups=0), (1, 8, 6, 6), ("x",), "window: dimension 1 goes from 4 to 8"),
        (
            replace(WINDOW, channel=2),
            (1, 4, 6, 6),
            ("x",),
            "window: a dimension is named twice in (2, 3, 2)",
        ),
        (
            op.Contract(((0, 1, 2, 3),), (0, 1)),
            (1, 4),
            ("x", "y"),
            "contract: labels for 1 operands, found 2",
        ),
        (op.Contract(((0, 1, 2),), (0, 1)), (1, 4), ("x",), "contract: 3 labels for 4 dimensions"),
        (
            op.Contract(((0, 1, 2, 2),), (0, 1)),
            (1, 4),
            ("x",),
            "contract: a label is used twice in (0, 1, 2, 2)",
        ),
        (
            op.Contract(((0, 1, 2, 3),), (0, 1)),
            (1, 5),
            ("x",),
            "contract: the dimension of label 1 goes from 4 to 5",
        ),
        (
            op.Reshape(),
            (1, 4, 35),
            ("x",),
            "reshape: [1, 4, 6, 6] has 144 elements, [1, 4, 35] has 140",
        ),
        (
            op.Resample((2,), "nearest"),
            (1, 4, 12),
            ("x",),
            "resample: expected 4 dimensions, found 3",
        ),
        (
            op.Overwrite((0, 0, 0, 4), (1, 1, 1, 2)),
            (1, 4, 6, 6),
            ("x", "x"),
            "overwrite: writes beyond dimension 3, which has 6",
        ),
        (
            op.Unfold(3, 2, 0),
            (1, 4, 6, 3, 2),
            ("x",),
            "unfold: a step of 0",
        ),
        (
            op.Fold(3, 2, 1),
            (1, 4, 6),
            ("x",),
            "fold: the windows' dimension 2 comes before dimension 3",
        ),
        (op.Fold(2, 3, 0), (1, 4, 6), ("x",), "fold: a step of 0"),
        (
            op.Permute((0, 1, 1, 2)),
            (1, 4, 6, 6),
            ("x",),
            "permute: (0, 1, 1, 2) is no order of 4 dimensions",
        ),
        (
            op.Permute((0, 2, 3, 1)),
            (1, 4, 6, 6),
            ("x",),
            "permute: expected the shape [1, 6, 6, 4], found [1, 4, 6, 6]",
        ),
        (op.Slice(2, 0, 0), (1, 4, 6, 6), ("x",), "slice: a step of 0"),
        (
            op.Slice(2, 3, 1),
            (1, 4, 4, 6),
            ("x",),
            "slice: reads index 6 of dimension 2, which has 6",
        ),
        (
            op.Slice(2, 1, -1),
            (1, 4, 3, 6),
            ("x",),
            "slice: reads index -1 of dimension 2, which has 6",
        ),
        (op.Slice(4, 0), (1, 4, 6, 6), ("x",), "slice: dimension 4 of a tensor with 4 dimensions"),
        (op.Select(1, 4), (1, 6, 6), ("x",), "select: reads index 4 of dimension 1, which has 4"),
        (
            op.Gather(1, (0, 9)),
            (1, 2, 6, 6),
            ("x",),
            "gather: reads index 9 of dimension 1, which has 4",
        ),
        (
            op.Gather(1, (0, 2)),
            (1, 3, 6, 6),
            ("x",),
            "gather: expected the shape [1, 2, 6, 6], found [1, 3, 6, 6]",
        ),
        (op.Concat(1), (1, 8, 6, 6), ("x", "y"), "concat: dimension 3 goes from 1 to 6"),
        (
            op.Concat(3),
            (1, 4, 6, 8),
            ("x", "y"),
            "concat: expected the shape [1, 4, 6, 7], found [1, 4, 6, 8]",
        ),
        (
            op.Overwrite((0, 0, 0, 6), (1, 1, 1, 1)),
            (1, 4, 6, 6),
            ("x", "y"),
            "overwrite: writes beyond dimension 3, which has 6",
        ),
        (
            op.Overwrite((0, 0, 0, 0), (1, 1, 1, 1)),
            (1, 4, 6, 6),
            ("x",),
            "overwrite: takes 2 operands, found 1",
        ),
        (
            op.Roll((2, 3), (1,)),
            (1, 4, 6, 6),
            ("x",),
            "roll: 2 dimensions, but shifts has 1 entries",
        ),
        (
            op.Pad((0, 0, 1, 1), (0, 0, 1, 1)),
            (1, 4, 6, 6),
            ("x",),
            "pad: expected the shape [1, 4, 8, 8], found [1, 4, 6, 6]",
        ),
        (
            op.Pad((0, 0, 1, 0), (0, 0, 0, 0), "mirror"),
            (1, 4, 7, 6),
            ("x",),
            "pad: expected one of the modes constant, reflect, replicate, circular, found 'mirror'",
        ),
        (
            op.Repeat((1, 1, 2, 1)),
            (1, 4, 6, 6),
            ("x",),
            "repeat: expected the shape [1, 4, 12, 6], found [1, 4, 6, 6]",
        ),
        (
            op.Unfold(3, 3, 1),
            (1, 4, 6, 5, 3),
            ("x",),
            "unfold: reads index 6 of dimension 3, which has 6",
        ),
        (op.Unfold(3, 3, 0), (1, 4, 6, 4, 3), ("x",), "unfold: a step of 0"),
        (
            op.Fold(3, 2, 1),
            (1, 4, 6),
            ("x",),
            "fold: the windows' dimension 2 comes before dimension 3",
        ),
        (op.Fold(2, 3, 0), (1, 4, 6), ("x",), "fold: a step of 0"),
        (
            op.Resample((2, 3), "nearest"),
            (1, 3, 9, 9),
            ("x",),
            "resample: dimension 1 goes from 4 to 3",
        ),
        (
            op.Resample((2,), "nearest", scale=(2.0, 2.0)),
            (1, 4, 9, 6),
            ("x",),
            "resample: 1 dimensions, but scale has 2 entries",
        ),
        (
            op.Resample((2,), "linear", first=((0, 1, 2),)),
            (1, 4, 12, 6),
            ("x",),
            "resample: 3 first indices for dimension 2, which has 12",
        ),
        (
            op.Resample((2,), "nearest", scale=(-2.0,)),
            (1, 4, 9, 6),
            ("x",),
            "resample: a scale that is not positive in (-2.0,)",
        ),
        (op.Recurrent(2), (1, 4), ("x",), "recurrent: expected 4 dimensions, found 2"),
        (op.Everything((2,)), (1, 3, 6, 6), ("x",), "everything: dimension 1 goes from 4 to 3"),
    ],
)
def test_what_an_operation_asks_of_its_shapes_is_checked(
    with_node: Make,
    operation: op.Operation,
    shape: tuple[int, ...],
    operands: tuple[str, ...],
    problem: str,
):
    graph = with_node(operation, shape, *operands)

    assert f"z: {problem}" in problems(graph)


@pytest.mark.parametrize(
    ("operation", "shape", "operands"),
    [
        (op.Pointwise(), (2, 1, 4, 6, 6), ("x", "y")),
        (WINDOW, (1, 16, 6, 6), ("x",)),
        (replace(WINDOW, groups=4), (1, 8, 5, 5), ("x",)),
        (op.Contract(((0, 1, 2, 3), (0, 1, 2, 4)), (0, 3, 4)), (1, 6, 1), ("x", "y")),
        (op.Reshape(), (1, 4, 36), ("x",)),
        (op.Slice(3, 5, -1), (1, 4, 6, 6), ("x",)),
        (op.Select(3, 5), (1, 4, 6), ("x",)),
        (op.Concat(3), (1, 4, 6, 7), ("x", "y")),
        (op.Overwrite((0, 0, 0, 5), (1, 1, 1, 1)), (1, 4, 6, 6), ("x", "y")),
        (op.Pad((0, 0, -1, 2), (0, 0, 0, 1)), (1, 4, 5, 9), ("x",)),
        (op.Repeat((3, 1, 1, 2, 1)), (3, 1, 4, 12, 6), ("x",)),
        (op.Unfold(2, 2, 2), (1, 4, 3, 6, 2), ("x",)),
        (op.Resample((2, 3), "linear", scale=(2.0, None)), (1, 4, 12, 7), ("x",)),
        (op.Resample((2,), "linear", first=((-1, 0, 2),)), (1, 4, 3, 6), ("x",)),
        (op.Everything(), (3,), ("x",)),
        (op.Unknown("its own"), (9, 9), ("x", "y")),
    ],
)
def test_a_sound_operation_passes(
    with_node: Make, operation: op.Operation, shape: tuple[int, ...], operands: tuple[str, ...]
):
    lint(with_node(operation, shape, *operands))


@pytest.mark.parametrize(
    ("operation", "problem"),
    [
        (op.Concat(1), "z: concat: operands of 3 and 4 dimensions"),
        (op.Overwrite((0, 0, 0, 0), (1, 1, 1, 1)), "z: overwrite: operands of 4 and 3 dimensions"),
    ],
    ids=["joined", "written"],
)
def test_operands_that_differ_in_their_number_of_dimensions_are_refused(
    operation: op.Operation, problem: str
):
    image = Node("x", op.Input((None, None, 0, 1)), (), (1, 4, 6, 6))
    column = Node("y", op.Select(3, 0), ("x",), (1, 4, 6))
    node = Node("z", operation, ("x", "y"), (1, 4, 6, 6))

    found = problems(Graph("net", "none", (image, column, node), ("z",), (6, 6)))

    assert found == [problem]
