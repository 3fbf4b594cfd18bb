"""From a traced graph and its verdicts to the view that is drawn."""

from __future__ import annotations

from rfa_core.drawing.convexity import dissolved
from rfa_core.drawing.folding import Folded, edges_between, folded
from rfa_core.drawing.nesting import nested
from rfa_core.drawing.stacking import stacked
from rfa_core.drawing.units import boxes_of, units_of
from rfa_core.drawing.values import Group, View
from rfa_core.findings import ResolutionReport
from rfa_core.graph.model import Graph
from rfa_core.receptive.propagate import propagate


def view_of(
    graph: Graph,
    at: ResolutionReport,
    name: str,
    *,
    raw: bool = False,
    global_norms: bool = False,
    whole_stacks: bool = False,
) -> View:
    """The network as it is drawn: folded, nested and stacked.

    ``at`` holds the verdicts of the layers of ``graph``. ``raw``: one box per operation that
    depends on the input, in one flat module. ``global_norms`` is the policy's.
    ``whole_stacks``: stacks go on where the verdict changes.
    """
    footprints = propagate(graph, global_norms)
    units = units_of(graph, footprints, apart=raw)
    boxes = boxes_of(units, footprints, {one.layer.name: one for one in at.layers})
    if raw:
        home = {node.name: unit.main.name for unit in units for node in unit.nodes}
        made = Folded(tuple(boxes), edges_between(units, home))
        root = Group("", "", made.boxes)
    else:
        made = folded(units, boxes, footprints)
        root = dissolved(nested(made.boxes), made.boxes, made.edges)
        root = stacked(root, made.edges, whole_stacks)
    return View(
        name,
        at.resolution,
        graph.resolution,
        root,
        made.edges,
        tuple((verdict, number) for verdict, number in at.counts().items() if number),
        at.unsupported,
        graph.stopped,
        {module.path: module.type for module in graph.modules},
    )
