"""Source lines of the project, for the frames around findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rfa_core.report.words import clean


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line of a frame; ``marked`` is the one the finding is about."""

    number: int
    text: str
    marked: bool


class Sources:
    """Reads every source below ``root`` once; a file that cannot be read has no lines."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)
        self._files: dict[str, list[str]] = {}

    def frame(self, file: str | None, line: int | None, context: int = 1) -> list[SourceLine]:
        """The line with ``context`` lines around it; empty if there is no such line."""
        if file is None or line is None or not file.endswith(".py"):
            return []
        lines = self._lines(file)
        if not 0 < line <= len(lines):
            return []
        first, last = max(1, line - context), min(len(lines), line + context)
        return [
            SourceLine(number, clean(lines[number - 1]).rstrip(), number == line)
            for number in range(first, last + 1)
        ]

    def _lines(self, file: str) -> list[str]:
        if file not in self._files:
            try:
                text = _text((self._root / file).read_bytes())
            except (OSError, ValueError):
                text = ""
            self._files[file] = text.removesuffix("\n").split("\n") if text else []
        return self._files[file]


def _text(content: bytes) -> str:
    """The source in a file; a model saved in one is no source."""
    return "" if b"\0" in content else content.decode("utf-8", errors="replace")
