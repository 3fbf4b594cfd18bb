"""One built model and what could be changed about it, tried on the model itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from rfa_core.advice.advising import Advice, advise
from rfa_core.examination import Examination, settled
from rfa_core.frontends.base import EditingFrontend, ForwardError, NotEditableError
from rfa_core.graph.model import Graph
from rfa_core.proposals import GOALS, Suggestions
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.resolution import Resolution
from rfa_core.rules.wording import count, pixels

SAME = "applied to the module and run: same layers"


def suggest_for(
    examination: Examination, resolution: Resolution, goals: Sequence[str] = GOALS
) -> Suggestions:
    """What could be changed about one model at ``resolution``.

    Each proposal was analysed anew; where the frontend can change models, it was made to a copy
    of this one, which ran and has the layers that were predicted. Raises ResolutionError,
    ForwardError if the model runs at no resolution that was tried.
    """
    sizes = resolution.for_axes(examination.spec.count)
    sight = examination.at(sizes)
    graph, layers = sight.graph, sight.layers

    def applied(after: Graph) -> str | None:
        return _applied(examination, graph, after)

    advice = advise(graph, layers, sizes, examination.policy, examination.root, goals, applied)
    notes: tuple[str, ...] = ()
    if sight.unsupported is not None:
        notes = (
            f"it cannot run at {pixels(sizes)} px: all numbers are for verdicts at {pixels(sizes)}"
            f" px on maps at {pixels(graph.resolution)} px",
        )
    return Suggestions(
        examination.name,
        sizes,
        advice.before,
        tuple(one.proposal for one in advice.found),
        advice.tried,
        _why(advice),
        notes,
    )


def _applied(examination: Examination, before: Graph, after: Graph) -> str | None:
    """How a copy of the model fared with the changes; None if it is not what was predicted."""
    frontend = examination.frontend
    if not isinstance(frontend, EditingFrontend):
        return ""
    try:
        model, lines = frontend.edited(examination.model, before, after, examination.constructed)
    except NotEditableError as error:
        return f"not applied to the module: {error.message}"
    copy = replace(examination, model=model, constructed=lines, _traced={}, _seen={})
    try:
        traced = settled(copy, copy.trace(before.resolution))
    except ForwardError:
        return None
    norms = examination.policy.global_norms
    same = _facts(analyse_graph(traced, norms)) == _facts(analyse_graph(after, norms))
    return SAME if same and traced.parameters == after.parameters else None


def _facts(layers: Sequence[Layer]) -> list[tuple[object, ...]]:
    return [
        (
            layer.name,
            layer.kernel,
            layer.stride,
            layer.dilation,
            layer.input,
            layer.output,
            layer.feature_map,
            layer.parameters,
            layer.macs,
        )
        for layer in layers
    ]


def _why(advice: Advice) -> str:
    """Why there is no proposal, or none that repairs all."""
    if not advice.before.unproductive:
        return "no layer is unproductive: there is nothing to repair"
    left = [one.proposal.after.unproductive for one in advice.found]
    if left and not min(left):
        return ""
    if left:
        return f"no combination of edits leaves fewer than {count(min(left), 'unproductive layer')}"
    if not advice.tried:
        return "no layer has a stride, a pooling, a dilation or blocks that could be changed"
    if not advice.refused:
        return f"none of {count(advice.tried, 'edit')} leaves fewer layers unproductive"
    usual, _ = Counter(map(str, advice.refused)).most_common(1)[0]
    others = advice.tried - len(advice.refused)
    leave = "leaves" if others == 1 else "leave"
    left_over = f", {others} {leave} as many layers unproductive" if others else ""
    return (
        f"of {count(advice.tried, 'edit')}, {len(advice.refused)} would break the network "
        f"({usual}){left_over}"
    )
