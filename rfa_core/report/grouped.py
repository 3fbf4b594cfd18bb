"""``grouped``: findings file by file, and in a file by line and rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from rfa_core.findings import Finding, Report, Severity
from rfa_core.report.console import SEVERITY_STYLES, prose, to_text
from rfa_core.report.options import RenderOptions
from rfa_core.report.ranges import range_lines
from rfa_core.report.summary import headline, statistics
from rfa_core.report.words import flat, model_at


def render(report: Report, options: RenderOptions) -> str:
    """A heading for each file, or model without one, and what is to be said of each line once."""
    return to_text(_parts(report, options), options)


def _parts(report: Report, options: RenderOptions) -> Iterator[RenderableType]:
    for heading, findings in groupby(sorted(report.findings, key=_order), key=_heading):
        yield Text(heading, "bold")
        yield _findings(list(findings))
        yield ""
    lines = range_lines(report) if options.show_ranges else []
    if options.statistics:
        lines += [*statistics(report), ""]
    if not options.quiet:
        lines.append(headline(report))
    yield from map(prose, lines)


def _order(finding: Finding) -> tuple[bool, str, int, int, int, str]:
    place = finding.line or 1, finding.column or 1
    return (finding.file is None, _heading(finding), *place, finding.severity.rank, finding.code)


def _heading(finding: Finding) -> str:
    return flat(finding.file or finding.model)


def _findings(findings: Sequence[Finding]) -> Table:
    """The places in a column of their own; several models or resolutions under one of them."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for (place, severity, code), alike in groupby(findings, key=_kind):
        found = list(alike)
        name = Text.assemble((f"{severity} {code}", SEVERITY_STYLES[severity]), f" {found[0].name}")
        table.add_row(Text(place, "dim"), Group(name, _sentences(found)))
    return table


def _sentences(findings: Sequence[Finding]) -> RenderableType:
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        table.add_row("-" if len(findings) > 1 else " ", prose(_sentence(finding)))
    return table


def _kind(finding: Finding) -> tuple[str, Severity, str]:
    return _place(finding), finding.severity, finding.code


def _place(finding: Finding) -> str:
    return f"  {finding.line or 1}:{finding.column or 1}" if finding.file else " "


def _sentence(finding: Finding) -> str:
    at = f"{model_at(finding.model, finding.resolution)}: " if finding.file else ""
    return f"{at}{flat(finding.message)}"
