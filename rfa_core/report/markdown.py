"""``markdown``: the summary of a job or a comment, at most as large as GitHub takes.

What there is no room for is left out, whole rows and findings at a time, and the last sentence
says how much that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from rfa_core.findings import Finding, ModelReport, Report, ResolutionReport
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.options import RenderOptions
from rfa_core.report.overviews import Part, overviews
from rfa_core.report.ranges import range_lines
from rfa_core.report.summary import headline
from rfa_core.report.words import GLYPHS, flat, range_words
from rfa_core.rules.wording import count, enumerate_words, percent, pixels

_RESERVE = 300
"""Bytes kept for the last sentence."""
_COUNTED = (
    Verdict.UNPRODUCTIVE,
    Verdict.FULL_KERNEL,
    Verdict.CRITICAL,
    Verdict.PARTIAL,
    Verdict.PRODUCTIVE,
)
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~&!$])")


def render(report: Report, options: RenderOptions) -> str:
    """Verdict table, findings and overviews, in at most ``options.limit`` bytes."""
    head = f"## Receptive fields\n\n{escaped(headline(report))}\n\n"
    rows = list(_rows(report))
    room = options.limit - _RESERVE - _size(head)
    ranges = _fitting([f"- {escaped(line)}\n" for line in _ranges(report, options)], room)
    room -= _size(ranges.text)
    table = _fitting(rows, room // 2)
    room -= _size(table.text)
    findings = _fitting([_finding(one, options) for one in report.findings], room, _ranks(report))
    room -= _size(findings.text)
    drawn = overviews(report, room)
    missing = {
        "row of the table": table.left_out + ranges.left_out,
        "finding": findings.left_out,
        "overview": drawn.left_out,
    }
    parts = (head, ranges.text, table.text, findings.text, drawn.text, _left_out(missing))
    return "".join(parts).rstrip("\n") + "\n"


def _fitting(blocks: Sequence[str], room: int, ranks: Sequence[int] = ()) -> Part:
    """As many whole blocks as fit into ``room`` bytes, those of the lowest ranks first."""
    kept: list[int] = []
    for at in sorted(range(len(blocks)), key=ranks.__getitem__) if ranks else range(len(blocks)):
        if _size(blocks[at]) < room:
            kept.append(at)
            room -= _size(blocks[at])
    text = "".join(blocks[at] for at in sorted(kept))
    return Part(f"{text}\n" if kept else "", len(blocks) - len(kept))


def _left_out(missing: dict[str, int]) -> str:
    said = [_number(number, noun) for noun, number in missing.items() if number]
    verb = "is" if sum(missing.values()) == 1 else "are"
    return f"There is no room for all: {enumerate_words(said)} {verb} left out.\n" if said else ""


def _number(number: int, noun: str) -> str:
    if noun.startswith("row") and number != 1:
        return f"{number} rows of the table"
    return count(number, noun)


def _ranges(report: Report, options: RenderOptions) -> list[str]:
    return range_lines(report) if options.show_ranges else []


def _ranks(report: Report) -> list[int]:
    return [finding.severity.rank for finding in report.findings]


def _size(text: str) -> int:
    return len(text.encode())


def _rows(report: Report) -> Iterator[str]:
    names = " | ".join(f"{GLYPHS[verdict]} {verdict}" for verdict in _COUNTED)
    head = f"| model | px | {names} | wasted parameters | wasted MACs | feasible |\n"
    rule = f"|---|---{'|---:' * (len(_COUNTED) + 2)}|---|\n"
    for number, line in enumerate(line for model in report.models for line in _model(model)):
        yield line if number else head + rule + line


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


def _finding(finding: Finding, options: RenderOptions) -> str:
    at = f" at {pixels(finding.resolution)} px" if finding.resolution else ""
    rule = f"[{finding.code} {finding.name}]({finding.url})" if finding.url else finding.code
    lines = [
        f"- **{finding.severity}** {rule}{_link(finding, options)}",
        f"{_code(finding.model)}{at}: {escaped(finding.message)}",
    ]
    if finding.help:
        lines.append(f"*{escaped(finding.help)}*")
    return "<br>\n  ".join(lines) + "\n"


def _link(finding: Finding, options: RenderOptions) -> str:
    if finding.file is None:
        return ""
    line = finding.line or 1
    address = f"{options.blob}{quote(f'{options.prefix}{flat(finding.file)}')}#L{line}"
    return f" [{_code(f'{finding.file}:{line}')}]({address})"


def _cell(text: str) -> str:
    return _code(text).replace("|", "\\|")


def _code(text: str) -> str:
    """A code span; its fence is longer than any run of backticks inside."""
    inner = flat(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", inner)), default=0))
    space = " " if inner.startswith("`") or inner.endswith("`") else ""
    return f"{fence}{space}{inner}{space}{fence}"


def escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", flat(text)).replace("://", ":\\//").replace("www.", "www\\.")
