"""What a notebook shows of one model: the growth chart, and the layers below it.

Styles stand on the elements themselves, and the chart in a picture of its own: nothing of the
notebook's looks is touched, and nothing runs.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from html import escape

from rfa_core.drawing import view_of
from rfa_core.drawing.figure import figure
from rfa_core.findings import JudgedLayer, ModelReport, Report, ResolutionReport
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.words import GLYPHS, flat, footprint, range_words, verdict_counts
from rfa_core.rules.wording import pixels, shares, thousands, window

_HEADS = ("layer", "type", "receives", "sees", "map", "parameters", "MACs", "verdict")
_CELL = "padding:1px 12px 1px 0;text-align:left;white-space:nowrap"


def render_analysis(report: Report) -> str:
    """The one model of ``report`` at its one resolution, as a piece of HTML."""
    (model,) = report.models
    (at,) = model.resolutions
    judged = [one for one in at.layers if one.verdict is not Verdict.NOT_JUDGED]
    rows = "".join(_row(one) for one in judged)
    heads = "".join(f'<th style="{_CELL}">{head}</th>' for head in _HEADS)
    said = "".join(f"<div>{escape(line)}</div>" for line in _said(model, at))
    return (
        f'<div style="max-width:820px">{_picture(model, at)}{said}<details><summary>'
        f"{len(judged)} judged layers</summary><table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></details></div>"
    )


def _picture(model: ModelReport, at: ResolutionReport) -> str:
    if model.graph is None:
        return ""
    view = view_of(model.graph, at, model.name, global_norms=model.policy.global_norms)
    data = b64encode(figure(view, "growth").encode()).decode()
    about = escape(f"{flat(model.name)} at {pixels(at.resolution)} px: {verdict_counts(at)}")
    style = "max-width:100%;background:#ffffff;border-radius:6px"
    return f'<img alt="{about}" style="{style}" src="data:image/svg+xml;base64,{data}"/>'


def _said(model: ModelReport, at: ResolutionReport) -> Iterator[str]:
    if at.with_verdict(Verdict.UNPRODUCTIVE):
        yield f"Unproductive layers hold {shares(at.waste)}."
    yield f"Feasible resolutions: {range_words(model.range)}."
    yield from map(flat, model.notes)


def _row(one: JudgedLayer) -> str:
    layer = one.layer
    kernel = f" {window(layer.kernel)}" if any(size > 1 for size in layer.kernel) else ""
    cells = (
        flat(layer.name),
        flat(layer.type) + kernel,
        footprint(layer.input),
        footprint(layer.output),
        window(layer.feature_map),
        thousands(layer.parameters),
        thousands(layer.macs),
        f"{GLYPHS[one.verdict]} {one.verdict}",
    )
    marked = (f'<td style="{_CELL}">{escape(cell)}</td>' for cell in cells)
    return f"<tr>{''.join(marked)}</tr>"
