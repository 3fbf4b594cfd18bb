"""``full``: every finding with its source, its layers and what to do; the default."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from rfa_core.findings import Finding, ModelReport, Report, ResolutionReport, Severity
from rfa_core.report.blocks import Blocks
from rfa_core.report.console import VERDICT_STYLES, to_text
from rfa_core.report.options import RenderOptions
from rfa_core.report.ranges import range_lines
from rfa_core.report.summary import headline, left_alone, silenced, statistics
from rfa_core.report.words import (
    GLYPHS,
    clean,
    flat,
    model_at,
    range_words,
    verdict_counts,
    worst,
)
from rfa_core.rules.wording import shares


def render(report: Report, options: RenderOptions) -> str:
    """The report for people at a terminal."""
    return to_text(_parts(report, options), options)


def _parts(report: Report, options: RenderOptions) -> Iterator[RenderableType]:
    yield from _findings(report, options)
    if options.show_ranges:
        yield from _lines(range_lines(report))
    elif not options.quiet:
        for model in report.models:
            yield from _model(model, options)
    if options.statistics and report.findings:
        yield from _lines(["", *statistics(report)])
    if not options.quiet:
        yield from _end(report, options)


def _findings(report: Report, options: RenderOptions) -> Iterator[RenderableType]:
    blocks = Blocks(report, options)
    short = [one for one in report.findings if _is_short(one, options)]
    yield from blocks.blocks(one for one in report.findings if not _is_short(one, options))
    for finding in short:
        yield blocks.line(finding)
    if short:
        yield ""


def _is_short(finding: Finding, options: RenderOptions) -> bool:
    return finding.severity is Severity.INFO and not options.verbose


def _model(model: ModelReport, options: RenderOptions) -> Iterator[RenderableType]:
    for at in model.resolutions:
        yield _verdict_line(model, at)
    if model.status != "analysed":
        yield Text(f"○ {flat(model.name)}: {model.status}")
    elif not model.resolutions:
        yield Text(f"○ {flat(model.name)}: {range_words(model.range)}")
    for note in model.notes:
        yield Padding(Text(f"note: {flat(note)}"), (0, 0, 0, 2))
    if options.verbose and model.details:
        yield Padding(Text(clean(model.details)), (0, 0, 0, 2))


def _verdict_line(model: ModelReport, at: ResolutionReport) -> Text:
    verdict = worst(at)
    line = f"{model_at(model.name, at.resolution)}: {verdict_counts(at)}"
    if at.waste.parameters or at.waste.macs:
        line += f"; {shares(at.waste)} wasted"
    if model.range is not None:
        line += f"; feasible: {range_words(model.range)}"
    return Text.assemble((GLYPHS[verdict], VERDICT_STYLES[verdict]), f" {line}")


def _end(report: Report, options: RenderOptions) -> Iterator[Text]:
    skipped = left_alone(report)
    if skipped and options.verbose:
        yield from _lines(["", f"{skipped}:"])
        for one in report.skipped:
            where = f" ({flat(one.file)}:{one.line or 1})" if one.file else ""
            yield Text(f"  {flat(one.name)}{where}: {flat(one.reason)}")
    elif skipped:
        yield from _lines(["", f"{skipped} (-v lists them)"])
    if options.verbose and (said := silenced(report)):
        yield from _lines(["", said])
    yield from _lines(["", headline(report)])


def _lines(lines: list[str]) -> Iterator[Text]:
    for line in lines:
        yield Text(line)
