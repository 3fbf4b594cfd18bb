"""Pictures of the models in Markdown: one folded flowchart each."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from rfa_core.drawing.mermaid import flowchart
from rfa_core.drawing.view import view_of
from rfa_core.drawing.wording import title
from rfa_core.findings import ModelReport, Report, ResolutionReport

MOST = 10
"""Pictures on a page."""


@dataclass(frozen=True, slots=True)
class Part:
    """What there is room for, and how much there is not."""

    text: str
    left_out: int


def overviews(report: Report, room: int) -> Part:
    """Those of the models that waste most, closed until a reader opens them, in ``room`` bytes."""
    models = [model for model in report.models if model.graph is not None and model.resolutions]
    ranked = sorted(models, key=lambda model: _waste(_worst(model)), reverse=True)
    texts: list[str] = []
    for model in ranked[:MOST]:
        text = _overview(model)
        if 0 < len(text.encode()) < room:
            texts.append(text)
            room -= len(text.encode())
    return Part("".join(texts), len(models) - len(texts))


def _overview(model: ModelReport) -> str:
    assert model.graph is not None
    at = _worst(model)
    view = view_of(model.graph, at, model.name, global_norms=model.policy.global_norms)
    chart = flowchart(view)
    if not chart:
        return ""
    summary = f"<summary>{escape(title(view))}</summary>"
    return f"<details>{summary}\n\n```mermaid\n{chart}```\n\n</details>\n\n"


def _worst(model: ModelReport) -> ResolutionReport:
    return max(model.resolutions, key=_waste)


def _waste(at: ResolutionReport) -> float:
    return at.waste.parameters + at.waste.macs
