"""Small networks written by hand, judged as a run judges them, and the golden pictures.

``RFA_UPDATE_GOLDEN=1 pytest tests/unit/drawing`` writes the golden files anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from golden import golden_in

from rfa_core.drawing import View, opened, view_of
from rfa_core.findings import Explanation, JudgedLayer, ResolutionReport, Waste
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.origin import origin_of
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import decided_by_tie, judge

sys.path.insert(0, str(Path(__file__).parents[1] / "receptive"))
sys.path.insert(0, str(Path(__file__).parent))
GOLDEN = Path(__file__).parents[2] / "golden" / "drawing"


def judged(graph: Graph, sizes: tuple[int, ...], **more: object) -> ResolutionReport:
    """The verdicts of ``graph`` on an image of ``sizes``."""
    layers = analyse_graph(graph)
    found = tuple(
        JudgedLayer(one, judge(one, sizes, Policy()), decided_by_tie(one, sizes), "net.py", number)
        for number, one in enumerate(layers, 1)
    )
    return ResolutionReport(sizes, graph.resolution, found, 0, Waste(0.0, 0.0), **more)  # type: ignore[arg-type]


@pytest.fixture
def draw() -> Callable[..., View]:
    """Makes the view of a graph, judged at ``sizes`` (default: those it was traced at)."""

    def make(
        graph: Graph,
        sizes: tuple[int, ...] = (),
        *,
        depth: int | None = None,
        raw: bool = False,
        name: str = "net",
        **more: object,
    ) -> View:
        at = judged(graph, sizes or graph.resolution, **more)
        return opened(view_of(graph, at, name, raw=raw), depth)

    return make


@pytest.fixture
def explain() -> Callable[..., Explanation]:
    """Explains a layer of a graph, judged at ``sizes`` (default: those it was traced at)."""

    def make(graph: Graph, layer: str, sizes: tuple[int, ...] = ()) -> Explanation:
        at = judged(graph, sizes or graph.resolution)
        (one,) = (one for one in at.layers if one.layer.name == layer)
        return Explanation("net", at.resolution, at.traced_at, one, origin_of(graph, layer))

    return make


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Compares text with a whole golden file."""
    return golden_in(GOLDEN)
