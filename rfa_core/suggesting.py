"""One built model and what could be changed about it, tried on the model itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rfa_core.advice.advising import advise
from rfa_core.advice.changes import UnfitError, UnfollowedError
from rfa_core.advice.reasons import why, why_of
from rfa_core.advice.renaming import with_names_of
from rfa_core.examination import Examination, settled
from rfa_core.frontends.base import EditingFrontend, ForwardError, NotEditableError
from rfa_core.graph.model import Graph
from rfa_core.proposals import GOALS, Sought, Suggestions
from rfa_core.receptive.collect import analyse_graph
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.resolution import Resolution
from rfa_core.rules.wording import pixels

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

    def retraced(draft: Graph) -> Graph:
        return _retraced(examination, graph, draft)

    policy, root = examination.policy, examination.root
    advice = advise(graph, layers, sizes, policy, root, goals, applied, retraced)
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
        why(advice),
        notes,
        tuple(Sought(one.goal, one.tried, why_of(advice, one)) for one in advice.tallies),
    )


def _applied(examination: Examination, before: Graph, after: Graph) -> str | None:
    """How a copy of the model fared with the changes; None if it is not what was predicted."""
    if not isinstance(examination.frontend, EditingFrontend):
        return ""
    try:
        traced = _made(examination, before, after)
    except NotEditableError as error:
        return f"not applied to the module: {error.message}"
    except ForwardError:
        return None
    norms = examination.policy.global_norms
    same = _facts(analyse_graph(traced, norms)) == _facts(analyse_graph(after, norms))
    return SAME if same and traced.parameters == after.parameters else None


def _retraced(examination: Examination, before: Graph, draft: Graph) -> Graph:
    """The graph of a copy of the model with the layers of ``draft``, whose names it gets."""
    try:
        traced = _made(examination, before, draft)
    except NotEditableError as error:
        raise UnfollowedError("", error.message) from error
    except ForwardError as error:
        if any(node.name not in draft for node in before):
            raise UnfollowedError(error.layer, "what stands in for a layer may not do") from error
        raise UnfitError(error.layer, f"it does not run: {error.reason}") from error
    named = with_names_of(traced, draft)
    if named is None:
        raise UnfollowedError("", "it goes another way")
    return named


def _made(examination: Examination, before: Graph, after: Graph) -> Graph:
    """The graph of a copy of the model to which the changes were made.

    Raises NotEditableError if they cannot be, ForwardError if it does not run.
    """
    frontend = examination.frontend
    if not isinstance(frontend, EditingFrontend):
        raise NotEditableError(f"models of {before.framework} are not changed")
    model, lines = frontend.edited(examination.model, before, after, examination.constructed)
    copy = replace(examination, model=model, constructed=lines, _traced={}, _seen={})
    return settled(copy, copy.trace(before.resolution))


def _facts(layers: Sequence[Layer]) -> list[tuple[object, ...]]:
    """What is predicted: of all that has weights or can be judged."""
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
        if layer.judgeable or layer.parameters or layer.macs
    ]
