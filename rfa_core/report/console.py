"""Rich, set up so that the same report is the same text everywhere."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.text import Text

from rfa_core.findings import Severity
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.options import RenderOptions

NARROWEST = 20
_GLUE = "\ue000"
"""Stands for a space at which no line may end; of a private area, and one column wide."""
_END = re.compile(r"(?: |\x1b\[[0-9;]*m)+$")
"""Spaces at the end of a line, and where colours begin and end among them."""
_COUNTED = re.compile(r"(?<![^\s(])(\d[\d.,x]*) (?=[^\s\d])")
SEVERITY_STYLES: Mapping[Severity, str] = {
    Severity.ERROR: "bold red",
    Severity.WARNING: "bold yellow",
    Severity.INFO: "bold cyan",
}
VERDICT_STYLES: Mapping[Verdict, str] = {
    Verdict.PRODUCTIVE: "blue",
    Verdict.CRITICAL: "yellow",
    Verdict.PARTIAL: "yellow",
    Verdict.UNPRODUCTIVE: "red",
    Verdict.FULL_KERNEL: "red",
    Verdict.NOT_JUDGED: "dim",
}


def prose(text: str, style: str = "") -> Text:
    """Words that may be wrapped; a number stays with what it counts."""
    return Text(_COUNTED.sub(rf"\1{_GLUE}", text), style)


def aligned(rows: Sequence[Sequence[Text]], from_right: Container[int]) -> list[Text]:
    """``rows`` of as many cells each as lines, whose columns stand below each other, those of
    ``from_right`` with their ends. (A table of Rich's that nothing is wrapped in costs many times
    as much, and a report may have thousands.)"""
    widths = [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]
    return [_line(row, widths, from_right) for row in rows]


def _line(row: Sequence[Text], widths: Sequence[int], from_right: Container[int]) -> Text:
    line = Text(end="")
    for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
        room = " " * (width - cell.cell_len)
        line.append(_GAP if place else "")
        line.append(room if place in from_right else "").append_text(cell)
        line.append("" if place in from_right else room)
    return line


_GAP = "  "


def to_text(parts: Iterable[RenderableType], options: RenderOptions) -> str:
    """The parts below each other, wrapped to the width, without spaces at the line ends."""
    buffer = StringIO()
    console = _console(options, buffer)
    console.print(Group(*parts))
    text = buffer.getvalue().replace(_GLUE, " ")
    return "".join(f"{_END.sub(_without_spaces, line)}\n" for line in text.splitlines())


def _without_spaces(end: re.Match[str]) -> str:
    return end[0].replace(" ", "")


def fits(part: RenderableType, options: RenderOptions) -> bool:
    """Whether ``part`` needs no line to be wrapped."""
    console = _console(options, StringIO())
    return console.measure(part, options=console.options.update(max_width=_ANY)).maximum <= (
        console.width
    )


_ANY = 100_000
_HEIGHT = 25
"""Of no effect on text, but where it is not given the terminal is asked at every part."""


def _console(options: RenderOptions, file: StringIO) -> Console:
    return Console(
        file=file,
        width=max(options.width, NARROWEST),
        height=_HEIGHT,
        color_system="standard" if options.color else None,
        force_terminal=options.color,
        force_jupyter=False,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},
    )
