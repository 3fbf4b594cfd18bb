"""Source lines of the project, for the frames around findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rfa_core.report.words import clean

CONTEXT = 2
"""Lines before and after the one that a frame is about."""
LONGEST = 1_000
"""Characters of a line that are looked at: more than any terminal is wide."""
_TEXTS = (".py", ".json", ".toml")


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of a frame; ``mark`` is where the code begins that the finding is about."""

    number: int
    text: str
    mark: int | None = None


class Sources:
    """Reads every source below ``root`` once; a file that cannot be read has no lines."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)
        self._files: dict[str, list[str]] = {}

    def frame(self, file: str | None, line: int | None, column: int | None) -> list[SourceLine]:
        """The line, with those around it that are not blank; empty if there is no such line."""
        if file is None or line is None or not file.endswith(_TEXTS):
            return []
        lines = self._lines(file)
        if not 0 < line <= len(lines):
            return []
        first, last = max(1, line - CONTEXT), min(len(lines), line + CONTEXT)
        found = [_source_line(number, lines[number - 1]) for number in range(first, last + 1)]
        marked = lines[line - 1]
        found[line - first] = _source_line(line, marked, _begin(marked, column or 1))
        return _without_blank_ends(found)

    def _lines(self, file: str) -> list[str]:
        if file not in self._files:
            try:
                text = _text((self._root / file).read_bytes())
            except (OSError, ValueError):
                text = ""
            self._files[file] = text.removesuffix("\n").split("\n") if text else []
        return self._files[file]


def _source_line(number: int, line: str, mark: int | None = None) -> SourceLine:
    return SourceLine(number, clean(line[:LONGEST]).rstrip(), mark)


def _begin(line: str, column: int) -> int:
    """Where the code from ``column`` on begins in the cleaned line."""
    before = line[: min(column - 1, LONGEST)]
    code = line[len(before) : LONGEST]
    return len(clean(before + code[: len(code) - len(code.lstrip())]))


def _without_blank_ends(lines: list[SourceLine]) -> list[SourceLine]:
    wanted = [place for place, line in enumerate(lines) if line.text or line.mark is not None]
    return lines[wanted[0] : wanted[-1] + 1]


def _text(content: bytes) -> str:
    """The source in a file; a model saved in one is no source."""
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")
