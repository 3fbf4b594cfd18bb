"""Pictures of models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rfa_core.api.analysis import guesses_of
from rfa_core.drawing import View, opened, view_of
from rfa_core.errors import UsageError
from rfa_core.examination import Examination, examine, first_running
from rfa_core.frontends import InputShape
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution, parse_resolution

if TYPE_CHECKING:
    import graphviz

    from rfa_core.drawing.dot import DotStyle


def visualize_architecture(
    model_or_graph: object,
    name: str = "",
    input_res: int | str | Sequence[int] = 224,
    *,
    raw: bool = False,
    depth: int | None = None,
    reference_colours: bool = False,
    style: DotStyle | None = None,
    input_shape: InputShape | None = None,
    policy: Policy | None = None,
) -> graphviz.Digraph:
    """The network with its verdicts at ``input_res`` pixels, as a graph for Graphviz.

    Layers show kernel and stride, footprint in input pixels, map, effective stride, filters or
    units. What leaves the footprint alone is folded into what it reads and repeated blocks are
    stacked; ``raw`` draws one node per operation instead. ``depth`` opens that many levels of
    modules (default: as many as make no more than 150 boxes). ``reference_colours`` are those
    of ``rfa_toolbox``: red, orange, yellow; ``style`` says more. ``input_shape`` and ``policy``
    are those of ``analyse``. ``.source`` is DOT; ``.render()`` and ``.view()`` want Graphviz
    installed. Raises TraceError, ResolutionError or UsageError.
    """
    from rfa_core.drawing.dot import DotStyle, digraph

    guesses = guesses_of(model_or_graph, input_shape, name, policy)
    view = view_of_first(guesses, parse_resolution(input_res), raw=raw, depth=depth)
    return digraph(view, style or DotStyle(reference_colours=reference_colours))


def view_of_first(
    guesses: Sequence[Examination],
    resolution: Resolution,
    *,
    raw: bool = False,
    depth: int | None = None,
) -> View:
    """What is drawn of the first guess that the model runs on. Raises RfaError."""
    if depth is not None and (raw or depth < 1):
        reason = "a raw picture has no modules to open" if raw else "it has at least one level"
        raise UsageError(f"depth {depth} is impossible: {reason}")
    chosen = first_running(guesses, [resolution])
    (at,) = examine(chosen, [resolution]).resolutions
    view = view_of(
        chosen.at(at.resolution).graph,
        at,
        chosen.name,
        raw=raw,
        global_norms=chosen.policy.global_norms,
    )
    return opened(view, depth)
