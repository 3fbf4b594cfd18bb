"""One layer explained: words, staircase, figure and data, on small networks."""

from __future__ import annotations

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from networks import hostile, residual, shared, u_net

from rfa_core.drawing.explaining import sentences, stairs_of
from rfa_core.drawing.staircase import staircase
from rfa_core.findings import Explanation
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.report import RenderOptions
from rfa_core.report.explained import explanation_document, render_explanation

Golden = Callable[[str, str], None]
Explain = Callable[..., Explanation]


@pytest.mark.parametrize(
    ("name", "graph", "layer", "sizes", "options"),
    [
        ("residual", residual(4), "body.3.conv", (4, 4), RenderOptions()),
        ("residual-all", residual(2), "body.1.conv", (16, 16), RenderOptions(verbose=True)),
        ("residual-slim", residual(4), "body.3.conv", (4, 4), RenderOptions(width=60)),
        ("axes", residual(2), "body.1.conv", (4, 16), RenderOptions()),
        ("u-net", u_net(2), "up.1.1", (64, 64), RenderOptions(width=120)),
        ("dense", residual(2), "head.fc", (16, 16), RenderOptions()),
    ],
)
def test_an_explanation_is_what_its_golden_file_holds(
    name: str,
    graph: Graph,
    layer: str,
    sizes: tuple[int, ...],
    options: RenderOptions,
    explain: Explain,
    golden: Golden,
) -> None:
    found = explain(graph, layer, sizes)

    text = render_explanation(found, options)

    golden(f"explained-{name}.txt", text)


def test_a_staircase_is_what_its_golden_file_holds(explain: Explain, golden: Golden) -> None:
    found = explain(residual(4), "body.3.conv", (4, 4))

    svg = staircase(found)

    golden("explained-residual.svg", svg)


def test_hostile_names_are_harmless_in_every_form(explain: Explain) -> None:
    graph = hostile()
    for layer in (layer.name for layer in analyse_graph(graph)):
        found = explain(graph, layer)

        svg, text = staircase(found), render_explanation(found, RenderOptions())

        ElementTree.fromstring(svg)
        assert not any(ord(char) < 32 and char != "\n" for char in text + svg)


def test_the_data_have_every_step_and_their_sums(explain: Explain) -> None:
    found = explain(residual(2), "body.1.conv", (16, 16))

    document = json.loads(explanation_document(found))

    axis = document["axes"][0]
    assert document["verdict"] == "productive"
    assert [axis[path][-1]["total"] for path in ("shortest", "widest")] == [7, 11]
    assert [sum(step["added"] for step in axis[path]) for path in ("shortest", "widest")] == [7, 11]
    assert axis["shortest"][1] == {
        "layer": "stem",
        "type": "Conv2d",
        "operation": "conv",
        "call": 0,
        "kernel": 3,
        "dilation": 1,
        "stride": 2,
        "reads_stride": 1.0,
        "added": 2,
        "total": 3,
        "cause": "kernel",
    }


def test_the_call_that_is_explained_is_named(explain: Explain) -> None:
    graph = shared()
    (several,) = (layer.name for layer in analyse_graph(graph) if layer.calls > 1)

    said = sentences(explain(graph, several))

    assert said[1] == "Of its 3 calls this is number 1, which saw least."


def test_a_path_that_stays_inside_the_image_passes_nothing(explain: Explain) -> None:
    found = explain(residual(1), "stem", (16, 16))

    assert [one.passing for one in stairs_of(found)] == [None]
    assert sentences(found)[1] == "The shortest path stays inside the 16 px of the image."
