"""Folded, nested, stacked: what is drawn of a network, as an outline."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from building import Net
from networks import chain, dense, flat, kinds, parallel, residual, shared, torn, u_net

from rfa_core.drawing.opening import MOST_BOXES, drawn, drawn_edges, key_of
from rfa_core.drawing.values import Box, Group, Item, Stack, View, boxes_in
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph

Draw = Callable[..., View]


def outline(item: Item) -> Iterator[str]:
    """A line per box and module, indented; a stack shows its first block."""
    if isinstance(item, Box):
        yield item.name + "".join(f" +{one}" for one in item.beside)
    elif isinstance(item, Stack):
        yield f"{item.name} x{len(item.blocks)}"
        yield from (f"  {line}" for line in outline(item.blocks[0]))
    elif item.open:
        yield f"{item.name}:"
        yield from (f"  {line}" for one in item.items for line in outline(one))
    else:
        yield f"{item.name} closed"


def edges(view: View) -> list[tuple[str, str]]:
    names = {key_of(one): one.path for one in drawn(view.root)}
    return [(names[source], names[reader]) for source, reader in drawn_edges(view)]


def test_what_leaves_the_footprint_alone_is_folded_into_what_it_reads(draw: Draw) -> None:
    view = draw(residual(2))

    assert list(outline(view.root)) == [
        ":",
        "  input",
        "  stem +norm +pointwise",
        "  body:",
        "    0:",
        "      conv +BatchNorm2d",
        "      add +ReLU",
        "    1:",
        "      conv +BatchNorm2d",
        "      add +ReLU",
        "  n12",
        "  head.fc",
    ]


def test_edges_lead_from_box_to_box_past_what_is_folded(draw: Draw) -> None:
    view = draw(residual(1))

    assert edges(view) == [
        ("input", "stem"),
        ("stem", "body.0.conv"),
        ("stem", "body.0.add"),
        ("body.0.conv", "body.0.add"),
        ("body.0.add", "n8"),
        ("n8", "head.fc"),
    ]


def test_alike_blocks_stack_and_are_split_where_the_verdict_changes(draw: Draw) -> None:
    net = Net(64, 64)
    x = net.input
    for number in range(9):
        x = net.conv(x, 9, layer=f"body.{number}.0")
        x = net.conv(x, 1, layer=f"body.{number}.1")

    view = draw(net.graph(), (34, 34))

    assert list(outline(view.root)) == [
        ":",
        "  input",
        "  body:",
        "    0…3 x4",
        "      0:",
        "        0",
        "        1",
        "    4:",
        "      0",
        "      1",
        "    5…8 x4",
        "      5:",
        "        0",
        "        1",
    ]


def test_a_stack_holds_all_of_its_blocks(draw: Draw) -> None:
    view = draw(residual(6))

    (run,) = (one for one in view.root.items if isinstance(one, Stack))
    footprints = [next(boxes_in(block)).footprint.max for block in run.blocks]
    assert footprints == [(size, size) for size in (7, 11, 15, 19, 23, 27)]


def test_edges_between_the_blocks_of_a_stack_are_left_to_it(draw: Draw) -> None:
    view = draw(dense(5))

    assert edges(view) == [
        ("input", "stem"),
        ("stem", "dense.0.conv1"),
        ("dense.0.conv1", "dense.0.conv2"),
        ("stem", "dense.1.cat"),
        ("dense.0.conv2", "dense.1.cat"),
        ("dense.1.cat", "dense.1.conv1"),
        ("dense.1.conv1", "dense.1.conv2"),
        ("stem", "dense.cat"),
        ("dense.0.conv2", "dense.cat"),
        ("dense.1.conv2", "dense.cat"),
    ]


def test_branches_side_by_side_are_no_stack(draw: Draw) -> None:
    view = draw(parallel())

    branch = view.root.items[1]
    assert isinstance(branch, Group)
    assert not any(isinstance(one, Stack) for one in branch.items)
    assert len(list(drawn(view.root))) == 10


@pytest.mark.parametrize(("length", "boxes"), [(4, 5), (5, 2), (60, 2)])
def test_layers_in_a_row_stack_from_five_on(draw: Draw, length: int, boxes: int) -> None:
    view = draw(chain(length), (900, 900))

    assert len(list(drawn(view.root))) == boxes


@pytest.mark.parametrize(
    ("layer", "name"),
    [
        ("features.layer{}", "features.layer0…11"),
        ("{}", "0…11"),
        ("stage1.block{}_conv3", "stage1.block0…11_conv3"),
        ("a{0}.b{0}", "a0.b0"),
    ],
)
def test_a_stack_of_layers_is_named_from_its_first_to_its_last(
    layer: str, name: str, draw: Draw
) -> None:
    view = draw(chain(12, layer), (900, 900))

    assert view.root.items[1].name.partition("…a")[0] == name


def test_blocks_that_only_repeat_stack_where_they_hand_on_one_tensor(draw: Draw) -> None:
    view = draw(flat(), (900, 900))

    assert list(outline(view.root)) == [
        ":",
        "  input",
        "  stem",
        "  block0_0_conv",
        "  block0_1_conv",
        "  block0_2_conv",
        "  block0_add",
        "  block1…4_1_conv x4",
        "    block1_1_conv:",
        "      block1_1_conv",
        "      block1_2_conv",
        "      block1_add",
    ]
    assert ("block0_add", "block1_add") in edges(view)


def test_lists_that_data_come_back_to_are_taken_apart(draw: Draw) -> None:
    view = draw(u_net(2), (900, 900))

    assert [one.name for one in view.root.items] == [
        "input",
        "down.0",
        "pool_0",
        "down.1",
        "pool_1",
        "n7",
        "cat_1",
        "up.1",
        "n11",
        "cat_0",
        "up.0",
    ]


def test_modules_that_data_pass_once_stay_whole_whatever_skips_them(draw: Draw) -> None:
    view = draw(residual(2))

    assert [one.name for one in view.root.items] == ["input", "stem", "body", "n12", "head.fc"]


def test_every_call_of_a_shared_layer_is_drawn_with_its_own_footprint(draw: Draw) -> None:
    view = draw(shared())

    calls = [one for one in drawn(view.root) if one.name == "conv"]
    found = [(box.call, box.calls, box.footprint.max) for box in calls if isinstance(box, Box)]
    assert found == [(0, 3, (3, 3)), (1, 3, (8, 8)), (2, 3, (18, 18))]


def test_a_bound_is_never_folded_and_is_said(draw: Draw) -> None:
    view = draw(kinds())

    (sampled,) = (box for box in boxes_in(view.root) if box.path == "sampled")
    assert sampled.reasons == ("grid_sample reads where its grid says",)


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (1, ["input", "stem", "body closed", "n12", "head.fc"]),
        (2, ["input", "stem", "body:", "  0 closed", "  1 closed", "n12", "head.fc"]),
    ],
)
def test_modules_open_as_deep_as_asked(draw: Draw, depth: int, expected: list[str]) -> None:
    view = draw(residual(2), depth=depth)

    lines = [line.removeprefix("  ").partition(" +")[0] for line in outline(view.root)]
    assert lines[1:] == expected


def test_edges_end_at_closed_modules(draw: Draw) -> None:
    view = draw(residual(2), depth=1)

    keys = {key_of(one) for one in drawn(view.root)}
    assert {key for pair in drawn_edges(view) for key in pair} == keys
    assert len(drawn_edges(view)) == 4


def test_modules_are_closed_where_there_would_be_too_many_boxes(draw: Draw) -> None:
    net = Net(16, 16)
    x = net.input
    for number in range(100):
        for part in range(number % 3 + 2):
            x = net.conv(x, 1, channels=number + 2, layer=f"a.{number}.{part}")

    view = draw(net.graph())

    assert sum(1 for _ in boxes_in(view.root)) > MOST_BOXES
    assert len(list(drawn(view.root))) == 101


def test_raw_has_a_box_for_every_operation_that_depends_on_the_input(draw: Draw) -> None:
    net = Net(16, 16)
    moved = net.relu(net.conv(net.input, 3, layer="conv"), net.constant(2, 1, 1), layer="add")
    net.reshape(moved, 1, 512)

    view = draw(net.graph(), raw=True)

    assert [box.path for box in boxes_in(view.root)] == ["input", "conv", "add", "n4"]
    assert edges(view) == [("input", "conv"), ("conv", "add"), ("add", "n4")]


def test_layers_in_very_deep_modules_are_drawn(draw: Draw) -> None:
    view = draw(chain(2, ".".join("m" * 5000) + ".{}"))

    assert len(list(drawn(view.root))) == 3


def test_operations_of_one_layer_are_one_box(draw: Draw) -> None:
    net = Net(16, 16)
    padded = net.add(op.Pad((0, 0, 1, 1), (0, 0, 1, 1)), [net.input], (1, 2, 18, 18), "conv")
    net.conv(padded, 3, padding=0, layer="conv", type="Conv2d")

    view = draw(net.graph())

    assert [(box.path, box.type) for box in boxes_in(view.root)] == [
        ("input", "input"),
        ("conv", "Conv2d"),
    ]


def test_operations_of_one_name_are_apart_where_another_layer_lies_between(draw: Draw) -> None:
    view = draw(torn())

    assert edges(view) == [("input", "same"), ("same", "between"), ("between", "same")]
    assert len(list(drawn(view.root))) == 4


@pytest.mark.parametrize("graph", [residual(3), u_net(), dense(), parallel(), shared(), kinds()])
def test_every_box_that_is_drawn_hangs_together_with_the_input(draw: Draw, graph: Graph) -> None:
    view = draw(graph)

    reached = {key_of(one) for one in drawn(view.root) if one.name == "input"}
    for source, reader in drawn_edges(view):
        reached |= {reader} if source in reached else set()
    assert reached == {key_of(one) for one in drawn(view.root)}
