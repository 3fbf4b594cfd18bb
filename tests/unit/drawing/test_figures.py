"""Places, lanes, maps to browse and figures, on small networks."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from networks import GRAPHS, dense, hostile, residual, u_net

from rfa_core.drawing import View
from rfa_core.drawing.atlas import atlas_of
from rfa_core.drawing.figure import FIGURES, figure
from rfa_core.drawing.growth import points_of
from rfa_core.drawing.placing import Plan, Size, placed
from rfa_core.drawing.values import boxes_in
from rfa_core.graph.model import Graph

Draw = Callable[..., View]
Golden = Callable[[str, str], None]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_is_what_its_golden_file_holds(kind: str, draw: Draw, golden: Golden) -> None:
    view = draw(residual(4), (16, 16))

    svg = figure(view, kind)

    golden(f"residual-{kind}.svg", svg)


@pytest.mark.parametrize("kind", FIGURES)
@pytest.mark.parametrize("name", [*GRAPHS, "hostile"])
def test_a_figure_is_well_formed_and_all_its_colours_are_plain(
    name: str, kind: str, draw: Draw
) -> None:
    svg = figure(draw(hostile() if name == "hostile" else GRAPHS[name]), kind)

    picture = ElementTree.fromstring(svg)
    (style,) = picture.iter(f"{SVG}style")
    assert "var(" not in (style.text or "")
    assert not any(
        "NaN" in value or "nan" in value for one in picture.iter() for value in one.attrib.values()
    )
    tags = "svg title style defs marker g path rect circle text tspan"
    assert {one.tag for one in picture.iter()} <= {f"{SVG}{tag}" for tag in tags.split(" ")}


def test_every_layer_stands_below_what_it_reads_and_no_two_overlap() -> None:
    numbers = random.Random(7)
    for _ in range(200):
        count = numbers.randint(1, 14)
        pairs = list(combinations(range(count), 2))
        edges = numbers.sample(pairs, min(len(pairs), numbers.randint(0, 2 * count)))
        sizes = [sized(numbers.randint(8, 200), numbers.randint(8, 60)) for _ in range(count)]

        plan = placed(sizes, edges)

        spots = plan.spots
        assert all(spots[a].bottom < spots[b].y for a, b in edges)
        assert all(apart(plan, a, b) for a, b in pairs)
        assert len(plan.paths) == len(edges)
        assert all(-0.1 <= x <= plan.width + 0.1 for path in plan.paths for x in xs(path))


def test_no_edge_crosses_a_layer_that_it_has_no_end_at() -> None:
    numbers = random.Random(3)
    for _ in range(100):
        count = numbers.randint(3, 9)
        chain = list(pairwise(range(count)))
        skips = [pair for pair in combinations(range(count), 2) if numbers.random() < 0.4]
        edges = sorted({*chain, *skips})

        plan = placed([sized(100, 40)] * count, edges)

        column = plan.spots[0]
        for path in plan.paths:
            across = {x for x in xs(path) if column.x + 1 < x < column.right - 1}
            assert across <= {column.outlet}


def sized(width: float, height: float) -> Size:
    return Size(width, height, width / 2, width / 2)


def apart(plan: Plan, one: int, other: int) -> bool:
    a, b = plan.spots[one], plan.spots[other]
    return a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y


def xs(path: str) -> list[float]:
    """The first of each pair of numbers."""
    straight = re.sub(r"V[-0-9.]+", "", path)
    return [float(one) for one in re.findall(r"-?[0-9.]+", straight)[::2]]


def test_lanes_are_shared_by_the_readers_of_one_layer_and_short_ones_are_inside() -> None:
    edges = [*pairwise(range(5)), (0, 2), (0, 4), (1, 4), (2, 4)]

    plan = placed([sized(100, 40)] * 5, edges)

    lanes = sorted({max(xs(path)) for path in plan.paths} - {50.0})
    assert lanes == [112.0, 124.0, 136.0]


@pytest.mark.parametrize(
    "graph", [residual(6), u_net(), dense()], ids=["residual", "u-net", "dense"]
)
def test_every_layer_is_in_one_map_and_opens_from_the_one_above(graph: Graph, draw: Draw) -> None:
    view = draw(graph)
    names = list(dict.fromkeys(box.path for box in boxes_in(view.root)))

    atlas = atlas_of(view, {name: place for place, name in enumerate(names)})

    found, opened = [], []
    for module in atlas.modules:
        for part in module["parts"]:  # type: ignore[attr-defined]
            for one in part.get("blocks", [part]):
                found += [one["layer"]] if "layer" in one else []
                opened += [one["module"]] if "module" in one else []
    assert sorted(found) == list(range(len(names)))
    assert sorted(opened) == list(range(1, len(atlas.modules)))


def test_modules_of_the_same_structure_share_a_drawing(draw: Draw) -> None:
    view = draw(residual(8))

    atlas = atlas_of(view, {})

    assert (len(atlas.modules), len(atlas.drawings)) == (9, 2)


def test_depth_is_counted_along_the_longest_path(draw: Draw) -> None:
    view = draw(residual(2))

    points = [(one.box.path, one.depth, one.low) for one in points_of(view)]

    assert points == [
        ("stem", 1, (3, 3)),
        ("body.0.conv", 2, (7, 7)),
        ("body.1.conv", 3, (7, 7)),
    ]


def test_axes_that_differ_have_a_chart_each(draw: Draw) -> None:
    view = draw(residual(2))

    square, oblong = figure(view, "growth"), figure(replace(view, resolution=(16, 32)), "growth")

    assert (square.count('class="grid"'), oblong.count('class="grid"')) == (1, 2)
    assert ">height<" in oblong
    assert ">width<" in oblong
