"""An edit makes of a graph what the network would be if it were written so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from advice_networks import facts, residual, traced
from building import Net

import rfa_core as rfa
from rfa_core.advice.candidates import candidates
from rfa_core.advice.changes import (
    Edit,
    Kind,
    OutputError,
    Removal,
    UnfitError,
    UnfollowedError,
    WindowChange,
)
from rfa_core.advice.editing import draft, edited
from rfa_core.advice.state import State, first_state
from rfa_core.graph import operations as op
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.policy import Policy

EDITS = {
    "a stride to 1": (Kind.STRIDE, {"stride": 1}),
    "a whole stage's stride, with its shortcut's": (Kind.STRIDE, {"later": 1}),
    "a pooling removed": (Kind.POOLING, {"pool": False}),
    "a smaller stem kernel": (Kind.KERNEL, {"stem": 3}),
    "a pooling's stride moved later": (Kind.MOVED_STRIDE, {"pool": False, "moved": 2}),
    "the stem's stride moved later": (Kind.MOVED_STRIDE, {"stride": 1, "moved": 2}),
    "dilations dropped": (Kind.DILATION, {"dilation": 1}),
    "a stage shortened by a block": (Kind.STAGE, {"blocks": (2, 2)}),
    "a stage cut to its first block": (Kind.STAGE, {"blocks": (2, 1)}),
    "the last stage dropped": (Kind.TAIL, {"blocks": (2,)}),
}


def state_of(graph: Graph, size: int = 0) -> State:
    sizes = (size, size) if size else graph.resolution
    return first_state(graph, analyse_graph(graph), sizes, Policy())[0]


def fitting(graph: Graph, edit: Edit) -> list[Graph]:
    """The network with ``edit``, if it fits."""
    try:
        return [edited(graph, edit)]
    except UnfitError:
        return []


@pytest.mark.parametrize(("kind", "changed"), EDITS.values(), ids=EDITS)
def test_an_edit_makes_the_network_that_would_be_written_so(kind: Kind, changed: dict[str, object]):
    graph = traced(residual())
    state = state_of(graph)

    made = [one for edit in candidates(state) if edit.kind is kind for one in fitting(graph, edit)]

    for one in made:
        lint(one)
    assert facts(traced(residual(**changed))) in [facts(one) for one in made]  # type: ignore[arg-type]


def test_edits_can_follow_one_another():
    graph = traced(residual())
    pooling = next(one for one in candidates(state_of(graph)) if one.kind is Kind.POOLING)
    without = edited(graph, pooling)
    dilation = next(one for one in candidates(state_of(without)) if one.kind is Kind.DILATION)

    made = edited(without, dilation)

    assert facts(made) == facts(traced(residual(pool=False, dilation=1)))


def test_an_edit_leaves_the_graph_as_it_was():
    graph = traced(residual())
    before = facts(graph)

    for edit in candidates(state_of(graph)):
        fitting(graph, edit)

    assert facts(graph) == before


def test_a_head_that_takes_a_fixed_map_refuses_larger_ones():
    graph = traced(residual(head="flat"))
    strides = [one for one in candidates(state_of(graph)) if one.kind is Kind.STRIDE]

    with pytest.raises(UnfitError) as refused:
        edited(graph, strides[0])

    assert str(refused.value) == "head: it takes the 256 features of a map of the size it had"


MERGED = {"maps of several pixels": (32, "4 and 8"), "a map of one pixel": (8, "1 and 2")}


@pytest.mark.parametrize("case", MERGED)
def test_one_stride_of_two_that_are_merged_is_refused(case):
    size, maps = MERGED[case]
    graph = traced(residual(), size)
    (both,) = [
        one
        for one in candidates(state_of(graph))
        if [change.layer for change in one.windows] == ["stage2.0.a", "stage2.0.short"]
    ]

    with pytest.raises(UnfitError) as refused:
        edited(graph, Edit(Kind.STRIDE, both.windows[:1]))

    assert str(refused.value) == f"stage2.0.sum: it merges maps of {maps}"


def gated(stride: int) -> rfa.Graph:
    net = rfa.Graph("net")
    stem = net.conv("stem", filters=8, kernel=3, stride=stride)
    net.global_pool("squeeze")
    gate = net.conv("excite", filters=8, kernel=1)
    net.multiply("scale", gate, stem)
    net.conv("next", filters=8, kernel=3)
    return net


@pytest.mark.parametrize("size", [2, 16])
def test_a_gate_of_one_pixel_stays_a_gate(size: int):
    graph = traced(gated(2), size)
    (stride,) = [one for one in candidates(state_of(graph)) if one.kind is Kind.STRIDE]

    made = edited(graph, stride)

    assert facts(made) == facts(traced(gated(1), size))


def halved(net: Net, source: str) -> Edit:
    """The stride of the first layer to 1; ``source`` is that layer."""
    node = next(node for node in net.nodes if node.name == source)
    window = node.operation
    assert isinstance(window, op.Window)
    plain = op.Window(
        window.dims, window.kernel, (1, 1), window.dilation, window.padding, 1, window.groups
    )
    return Edit(Kind.STRIDE, (WindowChange(node.layer, window, plain),))


def windows(net: Net, name: str) -> str:
    split = net.reshape(name, 1, 2, 2, 4, 2, 4)
    return net.permute(split, 0, 2, 4, 1, 3, 5)


REFUSED = {
    "a map split into windows": (
        windows,
        "how it splits a map of another size is not known",
    ),
    "a certain position": (
        lambda net, name: net.select(name, 2, 3),
        "it reads a certain position of the map",
    ),
    "certain rows": (
        lambda net, name: net.slice(name, 2, 1, 5),
        "it reads certain positions of the map",
    ),
    "a size that something else had": (
        lambda net, name: net.resample(name, (16, 16), "linear"),
        "the size that it makes is not known",
    ),
    "an embedding of positions": (
        lambda net, name: net.add(op.Pointwise(), [name], net.shape(name), parameters=128),
        "its 128 weights belong to a map of the size it had",
    ),
    "an operation that nobody knows": (
        lambda net, name: net.add(op.Unknown("odd"), [name], net.shape(name)),
        "what it makes of a map of another size is not known",
    ),
}


@pytest.mark.parametrize(("follows", "why"), REFUSED.values(), ids=REFUSED)
def test_what_one_trace_cannot_tell_is_refused(follows, why: str):
    net = Net(16, 16)
    stem = net.conv(net.input, 3, 2, layer="stem")
    follows(net, stem)

    with pytest.raises(UnfitError) as refused:
        edited(net.graph(), halved(net, stem))

    assert refused.value.reason == why
    assert isinstance(refused.value, UnfollowedError) == ("weights belong" not in why)


def gate(net: Net, name: str) -> str:
    return net.mean(name, 2, 3, keep=True)


FOLLOWING = {
    "a gate repeated over the map": lambda net, name: net.expand(gate(net, name), *net.shape(name)),
    "a map resized to that of another": lambda net, name: net.resample(
        gate(net, name), net.shape(name)[2:], "nearest"
    ),
    "a gate enlarged by as many times as the map is wide": lambda net, name: net.add(
        op.Resample((2, 3), "nearest", scale=(8.0, 8.0)), [gate(net, name)], net.shape(name)
    ),
    "numbers that are no weights": lambda net, name: net.add(op.Constant(), [], net.shape(name)),
}


@pytest.mark.parametrize("other", FOLLOWING.values(), ids=FOLLOWING)
def test_maps_that_do_not_fit_are_not_followed_where_one_may_have_the_size_of_the_other(other):
    net = Net(16, 16)
    stem = net.conv(net.input, 3, 2, layer="stem")
    net.add(op.Pointwise(), [stem, other(net, stem)], net.shape(stem), layer="merge")

    with pytest.raises(UnfollowedError) as refused:
        edited(net.graph(), halved(net, stem))

    assert str(refused.value) == "merge: it merges maps of 8 and 16"


@pytest.mark.parametrize(
    ("size", "pads", "followed"),
    [(16, (0, 1), False), (15, (1, 1), True), (16, (1, 1), True), (16, (2, 1), True)],
)
def test_a_padding_that_may_follow_the_size_of_the_map_is_not_followed(size, pads, followed):
    net = Net(size, size)
    first, last = ((0, 0, end, end) for end in pads)
    made = (1, 2, *(size + sum(pads) for _ in range(2)))
    padded = net.add(op.Pad(first, last), [net.input], made)
    stem = net.conv(padded, 3, 2, padding=0, layer="stem")

    try:
        edited(net.graph(), halved(net, stem))
        refused = ""
    except UnfollowedError as error:
        refused = str(error)

    reason = "stem: the padding in front of it may follow the size of its map"
    assert refused == ("" if followed else reason)


def test_a_draft_has_the_layers_of_the_edit_and_the_shapes_that_are_known():
    net = Net(16, 16)
    stem = net.conv(net.input, 3, 2, layer="stem")
    wide = net.expand(gate(net, stem), *net.shape(stem))
    merge = net.add(op.Pointwise(), [stem, wide], net.shape(stem), layer="merge")
    edit = halved(net, stem)

    made = draft(net.graph(), edit)

    assert [node.name for node in made] == [node.name for node in net.nodes]
    assert made[stem].operation == edit.windows[0].after
    assert (made[stem].shape[2:], made[merge].shape[2:]) == ((16, 16), (8, 8))


def test_dead_ends_of_what_stays_are_not_removed():
    net = Net(16, 16)
    first = net.conv(net.input, 3)
    second = net.conv(first, 3, layer="second")
    state = net.mean(first, 2, 3)
    inside = net.mean(second, 2, 3)
    last = net.conv(second, 3)
    graph = net.graph()

    made = edited(graph, Edit(Kind.STAGE, removals=(Removal(first, second),)))

    assert [node.name for node in graph if node.name not in made] == [second, inside]
    assert {state, last} <= {node.name for node in made}


def outputs_of(net: Net, *names: str) -> Graph:
    return replace(net.graph(), outputs=names)


def test_the_channels_of_an_output_are_kept():
    net = Net(16, 16)
    body = net.conv(net.input, 3, channels=8)
    score = net.conv(body, 1, channels=21, layer="score")

    with pytest.raises(OutputError) as refused:
        edited(outputs_of(net, score), Edit(Kind.TAIL, removals=(Removal(body, score, channel=1),)))

    assert str(refused.value) == "score: the output has 21 channels"


def test_two_outputs_do_not_become_one():
    net = Net(16, 16)
    body = net.conv(net.input, 3, channels=8)
    score = net.conv(body, 1, channels=8, layer="score")
    removal = Edit(Kind.TAIL, removals=(Removal(body, score),))

    with pytest.raises(OutputError) as refused:
        edited(outputs_of(net, body, score), removal)

    assert str(refused.value) == "score: it makes an output of its own"
    assert edited(outputs_of(net, score), removal).outputs == (body,)


def test_layers_that_are_used_elsewhere_are_not_removed():
    net = Net(16, 16)
    first = net.conv(net.input, 3, layer="shared")
    second = net.conv(first, 3, layer="shared", call=1)

    with pytest.raises(UnfitError) as refused:
        edited(net.graph(), Edit(Kind.STAGE, removals=(Removal(first, second),)))

    assert str(refused.value) == "shared: it is used elsewhere, too"
