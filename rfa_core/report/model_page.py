"""What the page needs to know of one model besides the ``json`` report, and its drawings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rfa_core.drawing import view_of
from rfa_core.drawing.atlas import atlas_of
from rfa_core.drawing.growth import chart, points_of
from rfa_core.drawing.values import View
from rfa_core.findings import ModelReport, ResolutionReport
from rfa_core.graph import operations as op
from rfa_core.report.json_report import call_object
from rfa_core.report.words import range_words
from rfa_core.rules.wording import thousands

Json = dict[str, object]
_UNSTEADY = (op.Reshape, op.Roll, op.Gather, op.Unfold, op.Fold, op.Sample, op.Unknown)


@dataclass(frozen=True, slots=True)
class ModelPage:
    """``data`` goes with the page's script; ``templates`` are elements that it takes drawings
    from."""

    id: str
    data: Json
    templates: tuple[str, ...]


def page_of(model: ModelReport, name: str) -> ModelPage:
    """``name`` is that of the model in the page."""
    view = _view(model)
    templates: dict[str, str] = {}
    modules: tuple[Json, ...] = ()
    if view is not None:
        numbers = {one.layer.name: place for place, one in enumerate(model.resolutions[0].layers)}
        atlas = atlas_of(view, numbers)
        modules = atlas.modules
        templates |= {f"{name}-d{place}": svg for place, svg in enumerate(atlas.drawings)}
        charts = _charts(view, model.resolutions, numbers)
        templates |= {f"{name}-c{axis}": svg for axis, svg in enumerate(charts)}
    feasible = model.range
    data: Json = {
        "facts": " · ".join(_facts(model)),
        "remarks": [*model.notes, *([model.hint] if model.hint else [])],
        "strict": model.policy.strict_tie,
        "least": list(feasible.min_resolution) if feasible else None,
        "most": list(feasible.max_resolution) if feasible else None,
        "suits": range_words(feasible),
        "steady": view is not None and _is_steady(model),
        "others": [_others(at) for at in model.resolutions],
        "transposed": [_transposed(at) for at in model.resolutions],
        "modules": modules,
        "unmapped": "There is no map: the graph was not kept.",
        "charts": [key for key in templates if key.startswith(f"{name}-c")],
    }
    found = (f'<template id="{key}">{svg}</template>' for key, svg in templates.items())
    return ModelPage(name, data, tuple(found))


def _view(model: ModelReport) -> View | None:
    if model.graph is None or not model.resolutions:
        return None
    norms, at = model.policy.global_norms, model.resolutions[0]
    return view_of(model.graph, at, model.name, global_norms=norms, whole_stacks=True)


def _charts(
    view: View, resolutions: Sequence[ResolutionReport], numbers: dict[str, int]
) -> Iterator[str]:
    """One for each axis, or for all where they look alike."""
    points = points_of(view)
    if not points:
        return
    asked = [at.resolution for at in resolutions]
    alike = all(len(set(sizes)) == 1 for sizes in asked) and all(
        len(set(sizes)) == 1 for one in points for sizes in (one.low, one.high)
    )
    for axis in range(1 if alike else len(asked[0])):
        yield chart(points, asked, axis, numbers)


def _facts(model: ModelReport) -> Iterator[str]:
    if model.framework:
        yield model.framework
    if model.parameters:
        yield f"{thousands(model.parameters)} parameters"
    if model.file:
        yield f"{model.file}:{model.line}" if model.line else model.file


def _others(at: ResolutionReport) -> list[list[object]]:
    """The layers that have calls which may be better, by their places, with those calls."""
    return [
        [place, [call_object(call) for call in one.layer.other_calls]]
        for place, one in enumerate(at.layers)
        if one.layer.other_calls
    ]


def _transposed(at: ResolutionReport) -> list[int]:
    """The places of the layers whose stride goes up."""
    return [place for place, one in enumerate(at.layers) if one.layer.transposed]


def _is_steady(model: ModelReport) -> bool:
    """Whether footprints are those of the network alone, whatever the image: nothing rearranges
    positions, or fits them to a size."""
    layers = [one.layer for one in model.resolutions[0].layers]
    maps = {layer.name: layer.input_feature_map for layer in layers}
    return not any(
        _may_vary(node.operation) and any((size or 1) > 1 for size in maps.get(node.layer, ()))
        for node in model.graph or ()
    )


def _may_vary(operation: op.Operation) -> bool:
    if isinstance(operation, op.Resample):
        return operation.mode == "adaptive" or None in (operation.scale or (None,))
    return isinstance(operation, _UNSTEADY)
