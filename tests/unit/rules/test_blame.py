"""Which line is blamed, over small trees of construction stacks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfa_core.findings import JudgedLayer
from rfa_core.graph.model import Location
from rfa_core.receptive.layers import Extent, Layer
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.blame import group_by_line, own_line, relative_to, stack

BAD, GOOD = Verdict.UNPRODUCTIVE, Verdict.PRODUCTIVE
MakeLayer = Callable[..., JudgedLayer]
Tree = list[tuple[str, Verdict, tuple[int, ...]]]


@pytest.mark.parametrize(
    ("tree", "groups"),
    [
        pytest.param(
            [
                ("layer3.0.conv1", GOOD, (30, 50, 8)),
                ("layer3.0.conv2", GOOD, (30, 50, 9)),
                ("layer4.0.conv1", BAD, (40, 50, 8)),
                ("layer4.0.conv2", BAD, (40, 50, 9)),
            ],
            [(40, ["layer4.0.conv1", "layer4.0.conv2"])],
            id="a line of the block builds good and bad layers, the stage's line only bad ones",
        ),
        pytest.param(
            [
                ("layer3.0.conv1", GOOD, (30, 50, 8)),
                ("layer3.0.conv2", BAD, (30, 50, 9)),
                ("layer4.0.conv1", GOOD, (40, 50, 8)),
                ("layer4.0.conv2", BAD, (40, 50, 9)),
            ],
            [(9, ["layer3.0.conv2", "layer4.0.conv2"])],
            id="one line of the block builds the bad layers of every stage",
        ),
        pytest.param(
            [("a", GOOD, (7, 5)), ("b", BAD, (7, 5)), ("c", BAD, (7, 5))],
            [(None, ["b", "c"])],
            id="no line is true for all it builds",
        ),
        pytest.param(
            [("a", BAD, (5,)), ("b", BAD, (6,)), ("c", BAD, (5,))],
            [(5, ["a", "c"]), (6, ["b"])],
            id="two lines, two groups, in the order of their first layers",
        ),
        pytest.param(
            [("a", BAD, ()), ("b", BAD, (6,))],
            [(None, ["a"]), (6, ["b"])],
            id="a layer that no line of the project constructed",
        ),
        pytest.param(
            [("a", BAD, (5, 6)), ("b", GOOD, (6, 7))],
            [(5, ["a"])],
            id="a line counts wherever it stands in a stack",
        ),
        pytest.param([("a", GOOD, (5,))], [], id="nothing to blame"),
    ],
)
def test_the_deepest_line_is_blamed_that_is_true_for_all_it_builds(
    tree: Tree, groups: list[tuple[int | None, list[str]]], make_layer: MakeLayer
) -> None:
    layers = [make_layer(*branch) for branch in tree]

    found = group_by_line([one for one in layers if one.verdict is BAD], layers)

    assert [
        (group.place and group.place.line, [one.layer.name for one in group.layers])
        for group in found
    ] == groups


@given(
    st.lists(
        st.tuples(st.sampled_from([BAD, GOOD]), st.lists(st.integers(1, 6), max_size=4)),
        max_size=12,
    )
)
def test_all_judged_layers_below_a_blamed_line_have_the_verdict(
    tree: list[tuple[Verdict, list[int]]],
) -> None:
    layers = [
        _layer(str(number), verdict, tuple(lines)) for number, (verdict, lines) in enumerate(tree)
    ]
    chosen = [one for one in layers if one.verdict is BAD]

    groups = group_by_line(chosen, layers)

    assert sorted(one.layer.name for group in groups for one in group.layers) == sorted(
        one.layer.name for one in chosen
    )
    for group in groups:
        below = [one for one in layers if group.place in one.layer.constructed]
        assert {one.verdict for one in below} <= {BAD}
        assert group.place is None or set(map(id, group.layers)) <= set(map(id, below))


def test_two_layers_of_one_line_are_one_group_whatever_their_columns() -> None:
    left = _layer("left", BAD, (5,))
    right = _layer("right", BAD, (5,), column=40)

    groups = group_by_line([left, right], [left, right])

    assert [(group.place, len(group.layers)) for group in groups] == [(Location("m.py", 5), 2)]


def test_a_line_that_asked_a_library_for_a_network_is_blamed_for_its_layers() -> None:
    layers = [
        _layer("base.conv1", GOOD, (5, 7), library=True),
        _layer("base.conv2", BAD, (5, 7), library=True),
        _layer("head", GOOD, (5, 8)),
    ]

    assert _places(layers) == [(7, [], ["base.conv2"])]


def test_a_line_that_asks_a_library_in_several_ways_is_not_blamed() -> None:
    layers = [
        _layer("1.conv", GOOD, (5, 6, 9), library=True),
        _layer("2.conv", BAD, (5, 7, 9), library=True),
        _layer("2.last", GOOD, (5, 7, 9), library=True),
    ]

    assert _places(layers) == [(None, [7], ["2.conv"])]


def test_layers_that_no_line_is_to_blame_for_know_the_lines_that_built_them_among_others() -> None:
    layers = [
        _layer("layer3.0.conv", GOOD, (3, 5, 8, 9)),
        _layer("layer3.1.conv", BAD, (3, 5, 8, 9)),
        _layer("layer4.0.conv", GOOD, (3, 6, 8, 9)),
        _layer("layer4.1.conv", BAD, (3, 6, 8, 9)),
    ]

    assert _places(layers) == [(None, [5, 6], ["layer3.1.conv", "layer4.1.conv"])]


def test_a_layer_without_construction_lines_is_blamed_on_its_call() -> None:
    call = Location("m.py", 12)
    layer = _layer("conv2d", BAD, (), called=call).layer

    assert stack(layer) == (call,)


def test_a_layer_has_an_innermost_line_relative_to_the_root() -> None:
    layer = _layer("conv", BAD, (5, 7, 9), file="/project/src/m.py").layer

    assert own_line(layer, "/project") == Location("src/m.py", 9)
    assert own_line(_layer("conv", BAD, ()).layer, "/project") is None


@pytest.mark.parametrize(
    ("file", "relative"),
    [
        ("/project/src/m.py", "src/m.py"),
        ("/project/m.py", "m.py"),
        ("/projects/m.py", None),
        ("/usr/lib/m.py", None),
        ("src/m.py", "src/m.py"),
    ],
)
def test_files_are_relative_to_the_root_or_outside_the_project(
    file: str, relative: str | None
) -> None:
    found = relative_to("/project", Location(file, 5, 9))

    assert found == (None if relative is None else Location(relative, 5, 9))


def _places(layers: list[JudgedLayer]) -> list[tuple[int | None, list[int], list[str]]]:
    groups = group_by_line([one for one in layers if one.verdict is BAD], layers)
    return [
        (
            group.place and group.place.line,
            [place.line for place in group.among],
            [one.layer.name for one in group.layers],
        )
        for group in groups
    ]


def _layer(
    name: str,
    verdict: Verdict,
    lines: tuple[int, ...],
    *,
    file: str = "m.py",
    column: int = 1,
    called: Location | None = None,
    library: bool = False,
) -> JudgedLayer:
    extent = Extent((1,), (1,))
    constructed = tuple(Location(file, line, column, library) for line in lines)
    layer = Layer(
        name,
        "Conv1d",
        "conv",
        1,
        kernel=(3,),
        stride=(1,),
        dilation=(1,),
        input=extent,
        output=extent,
        effective_stride=(None,),
        feature_map=(1,),
        input_feature_map=(1,),
        constructed=constructed,
        called=called,
    )
    return JudgedLayer(layer, verdict)
