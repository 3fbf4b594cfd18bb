"""``rfa show``: one model, layer by layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rfa_core.drawing.values import View
from rfa_core.findings import JudgedLayer, ModelReport, Report, ResolutionReport
from rfa_core.receptive.layers import Layer
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.blocks import layer_table
from rfa_core.report.console import VERDICT_STYLES, prose, to_text
from rfa_core.report.options import RenderOptions
from rfa_core.report.tree import module_tree
from rfa_core.report.words import (
    GLYPHS,
    clean,
    flat,
    footprint,
    model_at,
    range_words,
    thousands,
    verdict_counts,
)
from rfa_core.rules.wording import count, named, pixels, shares, window

NARROW = 100
_LEFT = ("", "layer", "type", "map")
Trees = Mapping[tuple[str, tuple[int, ...]], View]
_RIGHT = ("in", "out", "stride", "parameters", "MACs")


def render_model(report: Report, options: RenderOptions, views: Sequence[View] = ()) -> str:
    """Every model of ``report`` as a table per resolution, with a summary after each.

    Above the table stands the tree of its modules, if ``views`` has it.

    Footprints are in input pixels, along the shortest path and over all local paths.
    Layers that leave the footprint alone are shown only if ``options.verbose``.
    """
    trees = {(view.name, view.resolution): view for view in views}
    parts = (part for model in report.models for part in _model(model, options, trees))
    return to_text(parts, options)


def _model(model: ModelReport, options: RenderOptions, trees: Trees) -> Iterator[RenderableType]:
    if model.status != "analysed":
        yield Text(f"○ {flat(model.name)}: {model.status}: {clean(model.error or '')}")
        if model.hint:
            yield Text(f"  {clean(model.hint)}")
        if options.verbose and model.details:
            yield Text(clean(model.details))
    elif not model.resolutions:
        yield Text(f"{flat(model.name)}: feasible: {range_words(model.range)}")
    for at in model.resolutions:
        yield Text(model_at(model.name, at.resolution), "bold")
        if view := trees.get((model.name, at.resolution)):
            yield module_tree(view, options)
            yield ""
        yield from _resolution(model, at, options)
        yield ""
    for note in model.notes:
        yield Text(f"note: {flat(note)}")


def _resolution(
    model: ModelReport, at: ResolutionReport, options: RenderOptions
) -> Iterator[RenderableType]:
    shown = [one for one in at.layers if options.verbose or _matters(one)]
    yield _table(shown) if options.width >= NARROW else layer_table(shown, options.width)
    hidden = len(at.layers) - len(shown)
    if hidden:
        yield Text(f"{count(hidden, 'more layer')} without effect on footprints (-v for all)")
    yield ""
    yield from _summary(model, at)


def _matters(judged: JudgedLayer) -> bool:
    layer = judged.layer
    judgeable = judged.verdict is not Verdict.NOT_JUDGED or bool(layer.judgeable)
    return judgeable or layer.input != layer.output or layer.causes_inexact


def _table(layers: list[JudgedLayer]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    for heading in _LEFT:
        table.add_column(heading, overflow="fold", no_wrap=heading != "layer")
    for heading in _RIGHT:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("line", overflow="fold")
    for judged in layers:
        table.add_row(*_cells(judged))
    return table


def _cells(judged: JudgedLayer) -> Iterator[RenderableType]:
    layer, style = judged.layer, VERDICT_STYLES[judged.verdict]
    yield Text(GLYPHS[judged.verdict], style)
    yield Text(flat(layer.name))
    yield Text(flat(layer.type))
    yield window(layer.feature_map)
    yield footprint(layer.input)
    yield ("" if layer.exact else "≤ ") + footprint(layer.output)
    yield _stride(layer)
    yield f"{layer.parameters:,}"
    yield thousands(layer.macs)
    yield Text(str(judged.verdict), style)
    yield Text(flat(f"{judged.file}:{judged.line}") if judged.file else "")


def _stride(layer: Layer) -> str:
    words = ["-" if step is None else str(step) for step in layer.effective_stride]
    return words[0] if len(set(words)) == 1 else "x".join(words)


def _summary(model: ModelReport, at: ResolutionReport) -> Iterator[RenderableType]:
    cost = f"{model.parameters:,} parameters, {at.macs:,} multiply-accumulates"
    yield prose(f"{verdict_counts(at, glyphs=True)}; {cost}")
    yield prose(f"wasted: {shares(at.waste)}")
    yield prose(f"feasible resolutions: {range_words(model.range)}")
    if at.unsupported is not None:
        why = at.unsupported
        where = f", it stops at {flat(named(why.layer))}" if why.layer else ""
        yield prose(f"cannot run at {pixels(at.resolution)} px{where}: {flat(why.reason)}")
