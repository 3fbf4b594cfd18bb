"""Which comments a model meets, and which of its findings they silence."""

from __future__ import annotations

import pytest

from rfa_core.findings import Concern, JudgedLayer, ModelReport, ResolutionReport, Waste
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Location, Node
from rfa_core.ignores.comments import read_ignores
from rfa_core.ignores.matching import Ignores, ignores_of
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.verdict import Verdict

MODULE = """\
def net():  # rfa: ignore[RFA105] all of it
    stem = conv(3)  # rfa: ignore[RFA101] wanted
    head = conv(3)
    return chain(stem, head)


def other():
    return conv(5)  # rfa: ignore[RFA101] never run
"""
STEM, HEAD = ("stem", 2), ("head", 3)


@pytest.fixture
def ignores() -> Ignores:
    """Those of ``net``, whose two layers are built on lines 2 and 3 and called on line 4."""
    window = op.Window((2,), (3,), (1,), (1,), (1,), channel=1)
    nodes = [Node("x", op.Input((None, None, 0)), (), (1, 2, 8), "input")]
    for name, line in (STEM, HEAD):
        built, called = Location("/project/m.py", line, 5), Location("/project/m.py", 4, 5)
        facts = {"weighted": True, "constructed": (built,), "called": called}
        nodes.append(Node(name, window, (nodes[-1].name,), (1, 2, 8), name, **facts))
    graph = Graph("net", "none", tuple(nodes), ("head",), (8,))
    layers = tuple(JudgedLayer(one, Verdict.PRODUCTIVE) for one in analyse_graph(graph))
    at = ResolutionReport((8,), (8,), layers, 0, Waste(0.0, 0.0))
    model = ModelReport("m:net", "none", "analysed", "m.py", 1, resolutions=(at,))
    return ignores_of(model, "/project", lambda _: read_ignores(MODULE))


@pytest.mark.parametrize(
    ("rule", "layer", "silent"),
    [
        ("RFA101", "stem", True),
        ("RFA101", "head", False),
        ("RFA101", None, False),
        ("RFA101", "gone", False),
        ("RFA105", "head", True),
        ("RFA105", None, True),
        ("RFA102", "stem", False),
    ],
)
def test_a_comment_silences_its_rules_where_it_stands(
    ignores: Ignores, rule: str, layer: str | None, silent: bool
):
    assert ignores.silent(Concern(rule, "m:net", (8,), layer)) is silent


def test_each_comment_that_the_model_meets_is_told_with_what_it_silenced(ignores: Ignores):
    found = [Concern("RFA101", "m:net", (8,), "head"), Concern("RFA105", "m:net", (8,))]

    uses = ignores.uses(found, ["RFA101", "RFA105"])

    ran = frozenset({"RFA101", "RFA105"})
    assert [(use.met.ignore.line, use.ran, use.silenced) for use in uses] == [
        (1, ran, frozenset({"RFA105"})),
        (2, ran, frozenset()),
    ]
