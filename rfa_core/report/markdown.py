"""``markdown``: the summary of a job, at most as large as GitHub takes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from urllib.parse import quote

from rfa_core.findings import Finding, ModelReport, Report, ResolutionReport
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.options import RenderOptions
from rfa_core.report.ranges import range_lines
from rfa_core.report.summary import headline
from rfa_core.report.words import GLYPHS, flat, range_words
from rfa_core.rules.wording import count, percent, pixels

LIMIT = 1_000_000
_RESERVE = 1_000
_COUNTED = (
    Verdict.UNPRODUCTIVE,
    Verdict.FULL_KERNEL,
    Verdict.CRITICAL,
    Verdict.PARTIAL,
    Verdict.PRODUCTIVE,
)
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&!$])")


def render(report: Report, options: RenderOptions) -> str:
    """Verdict table and findings; whole rows and findings are left out if there are too many."""
    head = f"## Receptive fields\n\n{_escaped(headline(report))}\n\n"
    if options.show_ranges:
        head += "".join(f"- {_escaped(line)}\n" for line in range_lines(report)) + "\n"
    table = _fitting(_rows(report), LIMIT // 2, "model")
    left = LIMIT - len((head + table).encode())
    findings = _fitting(map(_finding, report.findings), left, "finding")
    return (head + table + findings).rstrip("\n") + "\n"


def _fitting(blocks: Iterable[str], limit: int, noun: str) -> str:
    """As many whole blocks as fit into ``limit`` bytes, and how many do not."""
    kept: list[str] = []
    used = _RESERVE
    remaining = iter(blocks)
    for block in remaining:
        used += len(block.encode())
        if used > limit:
            more = 1 + sum(1 for _ in remaining)
            return "".join(kept) + f"\n… and {count(more, f'more {noun}')}\n\n"
        kept.append(block)
    return "".join(kept) + ("\n" if kept else "")


def _rows(report: Report) -> Iterator[str]:
    names = " | ".join(f"{GLYPHS[verdict]} {verdict}" for verdict in _COUNTED)
    head = f"| model | px | {names} | wasted parameters | wasted MACs | feasible |\n"
    rule = f"|---|---{'|---:' * (len(_COUNTED) + 2)}|---|\n"
    lines = (line for model in report.models for line in _model(model))
    first = list(islice(lines, 1))
    if first:
        yield head + rule + first[0]
    yield from lines


def _model(model: ModelReport) -> Iterator[str]:
    for at in model.resolutions:
        yield _row(model, at)
    if not model.resolutions:
        blank = " |" * (len(_COUNTED) + 2)
        status = range_words(model.range) if model.status == "analysed" else model.status
        yield f"| {_cell(model.name)} | |{blank} {status} |\n"


def _row(model: ModelReport, at: ResolutionReport) -> str:
    counts = at.counts()
    cells = [
        _cell(model.name),
        pixels(at.resolution),
        *(str(counts[verdict]) for verdict in _COUNTED),
        percent(at.waste.parameters),
        percent(at.waste.macs),
        range_words(model.range),
    ]
    return f"| {' | '.join(cells)} |\n"


def _finding(finding: Finding) -> str:
    at = f" at {pixels(finding.resolution)} px" if finding.resolution else ""
    rule = f"[{finding.code} {finding.name}]({finding.url})" if finding.url else finding.code
    lines = [
        f"- **{finding.severity}** {rule}{_link(finding)}",
        f"{_code(finding.model)}{at}: {_escaped(finding.message)}",
    ]
    if finding.help:
        lines.append(f"*{_escaped(finding.help)}*")
    return "<br>\n  ".join(lines) + "\n"


def _link(finding: Finding) -> str:
    if finding.file is None:
        return ""
    line = finding.line or 1
    return f" [{_code(f'{finding.file}:{line}')}]({quote(flat(finding.file))}#L{line})"


def _cell(text: str) -> str:
    return _code(text).replace("|", "\\|")


def _code(text: str) -> str:
    """A code span; its fence is longer than any run of backticks inside."""
    inner = flat(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", inner)), default=0))
    space = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{space}{inner}{space}{fence}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", flat(text)).replace("://", ":\\//").replace("www.", "www\\.")
