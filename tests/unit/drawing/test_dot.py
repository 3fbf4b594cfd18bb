"""DOT of small networks, whole, and read by the real ``dot`` where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from networks import GRAPHS, HOSTILE, chain, hostile, residual

from rfa_core.drawing import View
from rfa_core.drawing.dot import DotStyle, digraph
from rfa_core.findings import Unsupported
from rfa_core.graph.model import Graph
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import flat

Draw = Callable[..., View]
Golden = Callable[[str, str], None]
SVG = "{http://www.w3.org/2000/svg}"
needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="needs Graphviz")


def svg(source: str) -> ElementTree.Element:
    """The picture that Graphviz makes; it must not even warn."""
    done = subprocess.run(
        ["dot", "-Tsvg"], input=source.encode(), capture_output=True, check=False, timeout=120
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return ElementTree.fromstring(done.stdout)


def texts(picture: ElementTree.Element) -> str:
    return " ".join(one.text or "" for one in picture.iter(f"{SVG}text"))


@pytest.mark.parametrize("name", GRAPHS)
def test_dot_is_what_its_golden_file_holds(name: str, draw: Draw, golden: Golden) -> None:
    source = digraph(draw(GRAPHS[name])).source

    golden(f"{name}.dot", source)


def test_the_colours_of_the_reference_are_red_orange_and_yellow(draw: Draw, golden: Golden) -> None:
    view = draw(residual(4), (16, 16))

    source = digraph(view, DotStyle(reference_colours=True)).source

    golden("residual-reference.dot", source)


def test_closed_modules_and_remarks_are_drawn(draw: Draw, golden: Golden) -> None:
    why = Unsupported("stem", "the map is gone", (16, 16))
    view = draw(residual(2), (2, 2), depth=1, unsupported=why)

    source = digraph(view).source

    golden("residual-closed.dot", source)


def test_raw_is_drawn_flat(draw: Draw, golden: Golden) -> None:
    source = digraph(draw(residual(1), raw=True)).source

    golden("residual-raw.dot", source)


def test_numbers_and_marks_can_be_left_out(draw: Draw, golden: Golden) -> None:
    style = DotStyle(
        reference_colours=True,
        footprints=False,
        maps=False,
        unmarked=frozenset({Verdict.UNPRODUCTIVE}),
    )

    source = digraph(draw(chain(8), (5, 5)), style).source

    golden("chain-bare.dot", source)


@pytest.mark.parametrize("name", ["a/b:c", "../../etc/x", "", "...", "torchvision:resnet18"])
def test_the_file_of_a_picture_stays_in_its_folder(name: str, draw: Draw) -> None:
    file = digraph(draw(chain(1), name=name)).filename

    assert "/" not in file
    assert not file.startswith(".")
    assert file.endswith(".gv")


@needs_dot
@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("raw", [False, True])
def test_graphviz_reads_what_is_written(name: str, raw: bool, draw: Draw) -> None:
    picture = svg(digraph(draw(GRAPHS[name], raw=raw)).source)

    assert f"net at {'x'.join(map(str, _sizes(GRAPHS[name])))} px" in texts(picture)


@needs_dot
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_model_names_are_shown_as_they_are(name: str, draw: Draw) -> None:
    picture = svg(digraph(draw(chain(1), name=name)).source)

    assert f"{flat(name)} at 32 px".strip() in texts(picture).replace("\xa0", " ")


@needs_dot
@pytest.mark.parametrize("depth", [None, 1])
@pytest.mark.parametrize("raw", [False, True])
def test_hostile_layers_neither_break_nor_steer_the_picture(
    depth: int | None, raw: bool, draw: Draw
) -> None:
    view = draw(hostile(), depth=None if raw else depth, raw=raw)

    picture = svg(digraph(view).source)

    tooltips = [
        value
        for one in picture.iter(f"{SVG}a")
        for key, value in one.attrib.items()
        if key.endswith("title")
    ]
    assert raw or any("\\N\\G\\l" in text for text in tooltips)
    assert not any(one.get("href") for one in picture.iter(f"{SVG}a"))


def _sizes(graph: Graph) -> tuple[int, ...]:
    sizes = graph.resolution
    return sizes[:1] if len(set(sizes)) == 1 else sizes
