"""``full``: every finding with its source, its layers and what to do; the default."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from rfa_core.findings import Finding, Report, Severity
from rfa_core.report.blocks import Blocks
from rfa_core.report.console import prose, to_text
from rfa_core.report.options import RenderOptions
from rfa_core.report.ranges import range_lines
from rfa_core.report.summary import headline, left_alone, silenced, statistics
from rfa_core.report.tally import tally
from rfa_core.report.words import clean, flat


def render(report: Report, options: RenderOptions) -> str:
    """The report for people at a terminal."""
    return to_text(_parts(report, options), options)


def _parts(report: Report, options: RenderOptions) -> Iterator[RenderableType]:
    yield from _findings(report, options)
    if options.show_ranges:
        yield from _lines(range_lines(report))
    elif not options.quiet:
        yield from tally(report, options)
        yield from _remarks(report, options)
    if options.statistics and report.findings:
        yield from _lines(["", *statistics(report)])
    if not options.quiet:
        yield from _end(report, options)


def _findings(report: Report, options: RenderOptions) -> Iterator[RenderableType]:
    blocks = Blocks(report, options)
    short = [one for one in report.findings if _is_short(one, options)]
    yield from blocks.blocks(one for one in report.findings if not _is_short(one, options))
    for finding in short:
        yield from blocks.brief(finding)
    if short:
        yield ""


def _is_short(finding: Finding, options: RenderOptions) -> bool:
    return finding.severity is Severity.INFO and not options.verbose


def _remarks(report: Report, options: RenderOptions) -> Iterator[RenderableType]:
    for model in report.models:
        for note in model.notes if options.verbose else model.remarks:
            yield prose(f"note: {flat(model.name)}: {flat(note)}")
        if options.verbose and model.details:
            yield Padding(Text(clean(model.details)), (0, 0, 0, 2))


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
        yield prose(line)
