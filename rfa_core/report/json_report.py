"""``json``: the whole report for programs; its shape is ``schema/report-v1.schema.json``."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from rfa_core.findings import (
    Finding,
    JudgedLayer,
    ModelReport,
    Range,
    Report,
    ResolutionReport,
    Severity,
    Skipped,
    Trial,
    Unsupported,
    Waste,
)
from rfa_core.receptive.layers import Extent, Layer
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.options import RenderOptions
from rfa_core.report.texts import document
from rfa_core.rules.blame import own_line

Json = dict[str, object]


def render(report: Report, options: RenderOptions) -> str:
    """Version 1 of the report, in ASCII, with one line per model and finding."""
    del options
    return document(report_object(report))


def finding_object(finding: Finding) -> Json:
    """A finding as an object."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "model": finding.model,
        "resolution": None if finding.resolution is None else list(finding.resolution),
        "layers": list(finding.layers),
        "message": finding.message,
        "help": finding.help,
        "file": finding.file,
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "waste": None if finding.waste is None else _waste(finding.waste),
        "fingerprint": finding.fingerprint,
        "url": finding.url,
    }


def report_object(report: Report) -> Json:
    """Version 1 of the report, as an object."""
    return {
        "version": 1,
        "tool": {"name": "rfa", "version": report.version},
        "summary": {
            "models": len(report.models),
            "findings": len(report.findings),
            "errors": report.count(Severity.ERROR),
            "warnings": report.count(Severity.WARNING),
            "infos": report.count(Severity.INFO),
            "suppressed": report.suppressed,
            "baselined": report.baselined,
            "exit_code": report.exit_code,
        },
        "models": [_model(model, report.root) for model in report.models],
        "findings": [finding_object(finding) for finding in report.findings],
        "skipped": [_skipped(skipped) for skipped in report.skipped],
    }


def _model(model: ModelReport, root: str) -> Json:
    return {
        "name": model.name,
        "framework": model.framework,
        "file": model.file,
        "line": model.line,
        "status": model.status,
        "error": model.error,
        "notes": list(model.notes),
        "range": _range(model.range, root),
        "parameters": model.parameters,
        "resolutions": [_resolution(at) for at in model.resolutions],
    }


def _range(feasible: Range | None, root: str) -> Json | None:
    if feasible is None:
        return None
    ends = feasible.alone
    return {
        "min_resolution": _sizes(feasible.min_resolution),
        "max_resolution": _sizes(feasible.max_resolution),
        "min_layers": _setting(feasible.min_layers, root),
        "max_layers": [_setting(layers, root) for layers in feasible.max_layers],
        "alone": _sizes([end.size for end in ends]),
        "alone_layers": [_setting(end.layers, root) for end in ends],
        "min_trial": _trial(feasible.min_trial),
        "max_trial": _trial(feasible.max_trial),
    }


def _setting(layers: Sequence[Layer], root: str) -> list[Json]:
    """The layers that set an end of a range, with the lines that constructed them."""
    lines = [own_line(layer, root) for layer in layers]
    return [
        {
            "name": layer.name,
            "exact": layer.exact,
            "file": line.file if line else None,
            "line": line.line if line else None,
        }
        for layer, line in zip(layers, lines, strict=True)
    ]


def _trial(trial: Trial | None) -> Json | None:
    if trial is None:
        return None
    return {
        "resolution": list(trial.resolution),
        "traced_at": list(trial.traced_at),
        "unsupported": _unsupported(trial.unsupported),
    }


def _resolution(at: ResolutionReport) -> Json:
    return {
        "resolution": list(at.resolution),
        "traced_at": list(at.traced_at),
        "unsupported": _unsupported(at.unsupported),
        "macs": at.macs,
        "waste": _waste(at.waste),
        "counts": {verdict.value: number for verdict, number in at.counts().items()},
        "layers": [_layer(judged) for judged in at.layers],
    }


def _unsupported(why: Unsupported | None) -> Json | None:
    if why is None:
        return None
    return {
        "layer": why.layer,
        "reason": why.reason,
        "works_at": list(why.works_at) or None,
        "fixed": why.fixed,
    }


def _layer(judged: JudgedLayer) -> Json:
    layer = judged.layer
    return {
        "name": layer.name,
        "type": layer.type,
        "operation": layer.operation,
        "calls": layer.calls,
        "kernel": list(layer.kernel),
        "stride": list(layer.stride),
        "dilation": list(layer.dilation),
        "input": _extent(layer.input),
        "receptive_field": {**_extent(layer.output), "exact": layer.exact},
        "inexact": list(layer.inexact),
        "effective_stride": _sizes([_number(step) for step in layer.effective_stride]),
        "feature_map": _sizes(layer.feature_map),
        "input_feature_map": _sizes(layer.input_feature_map),
        "parameters": layer.parameters,
        "macs": layer.macs,
        "judged": judged.verdict is not Verdict.NOT_JUDGED,
        "verdict": judged.verdict.value,
        "tie": judged.tie,
        "file": judged.file,
        "line": judged.line,
    }


def call_object(layer: Layer) -> Json:
    """What decides the verdict of one call of a layer."""
    keys = ("kernel", "stride", "dilation", "effective_stride", "input", "receptive_field")
    whole = _layer(JudgedLayer(layer, Verdict.NOT_JUDGED))
    known = {key: whole[key] for key in (*keys, "input_feature_map")}
    return {**known, "transposed": layer.transposed}


def _extent(extent: Extent) -> Json:
    return {
        "min": _sizes(extent.min),
        "max": _sizes(extent.max),
        "global_context": extent.global_context,
    }


def _skipped(skipped: Skipped) -> Json:
    return {
        "name": skipped.name,
        "file": skipped.file,
        "line": skipped.line,
        "reason": skipped.reason,
    }


def _waste(waste: Waste) -> Json:
    return {"parameters": waste.parameters, "macs": waste.macs}


def _sizes(sizes: Sequence[float | None]) -> list[float | None] | None:
    """A list in axis order; null if no axis has a size."""
    return None if all(size is None for size in sizes) else list(sizes)


def _number(step: Fraction | None) -> float | None:
    if step is None:
        return None
    return step.numerator if step.denominator == 1 else float(step)
