"""``concise``: one line per finding, for editors and grep."""

from __future__ import annotations

from rfa_core.findings import Finding, Report
from rfa_core.report.options import RenderOptions
from rfa_core.report.ranges import range_lines
from rfa_core.report.summary import headline, statistics
from rfa_core.report.words import flat, place


def render(report: Report, options: RenderOptions) -> str:
    """``path:line:column: CODE message``, and the summary."""
    lines = [_line(finding) for finding in report.findings]
    if options.show_ranges:
        lines += range_lines(report)
    if options.statistics:
        lines += statistics(report)
    if not options.quiet:
        lines.append(headline(report))
    return "".join(f"{line}\n" for line in lines)


def _line(finding: Finding) -> str:
    model = "" if finding.file is None else f"{flat(finding.model)}: "
    return f"{place(finding)}: {finding.code} {model}{flat(finding.message)}"
