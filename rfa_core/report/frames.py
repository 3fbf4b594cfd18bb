"""Source frames: the line that a finding is about, underlined, between those around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from rfa_core.report.sources import SourceLine


def source_frame(lines: Sequence[SourceLine], style: str) -> Iterator[Text]:
    """Numbered lines in a gutter; what is too long for the width is cut off."""
    digits = len(str(lines[-1].number)) if lines else 0
    for line in lines:
        yield _row(f"{line.number:{digits}}", line.text, "" if line.mark is not None else "dim")
        if line.mark is not None:
            yield _row(" " * digits, _underline(line.text, line.mark), style)


def _row(number: str, text: str, style: str) -> Text:
    row = Text(no_wrap=True, overflow="ellipsis")
    return row.append(f"{number} |", "dim").append(f" {text}".rstrip(), style)


def _underline(text: str, mark: int) -> str:
    return " " * cell_len(text[:mark]) + "^" * max(cell_len(text[mark:]), 1)
