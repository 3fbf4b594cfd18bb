"""Where each key of a TOML text stands: parsers keep values and drop their lines."""

from __future__ import annotations

import re

from rfa_core.config.toml import loads

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:\s|#[^\n]*)*")
_KEY_PART = re.compile(r"""[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*""")
_SCALAR = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?!")'
    r"|'''.*?'''(?!')"
    r'|"(?:\\.|[^"\\])*"'
    r"|'[^']*'"
    r"|[^,\]}#\n]+",
    re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every key, table header and list element of ``text``.

    A path holds keys and list indices: ``("tool", "rfa", "factories", 1, "target")``.
    ``text`` must be valid TOML.
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._lines: dict[KeyPath, int] = {}
        self._last_index: dict[KeyPath, int] = {}

    def scan(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self._skip_blank()
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip_blank()
        return self._lines

    def _header(self) -> KeyPath:
        width = 2 if self._text.startswith("[[", self._at) else 1
        self._at += width
        path = self._resolve(self._key(), appends=width == 2)
        self._mark(path)
        self._at += width
        return path

    def _resolve(self, key: tuple[str, ...], *, appends: bool) -> KeyPath:
        """Put the indices of the current elements of lists of tables into ``key``."""
        path: KeyPath = ()
        for depth, part in enumerate(key, start=1):
            path = (*path, part)
            if appends and depth == len(key):
                self._last_index[path] = self._last_index.get(path, -1) + 1
            if path in self._last_index:
                path = (*path, self._last_index[path])
        return path

    def _pair(self, table: KeyPath) -> None:
        self._skip_blank()
        start = self._at
        path = (*table, *self._key())
        self._mark(path, start)
        self._at += 1
        self._value(path)

    def _key(self) -> tuple[str, ...]:
        parts = []
        while part := _KEY_PART.match(self._text, self._at):
            self._at = part.end()
            parts.append(_plain(part[1]))
            if self._text[self._at] != ".":
                break
            self._at += 1
        return tuple(parts)

    def _value(self, path: KeyPath) -> None:
        self._skip_blank()
        opening = self._text[self._at]
        if opening == "[":
            self._list(path)
        elif opening == "{":
            self._inline_table(path)
        elif scalar := _SCALAR.match(self._text, self._at):
            self._at = scalar.end()

    def _list(self, path: KeyPath) -> None:
        index = 0
        while self._goes_on("]"):
            self._mark((*path, index))
            self._value((*path, index))
            index += 1

    def _inline_table(self, path: KeyPath) -> None:
        while self._goes_on("}"):
            self._pair(path)

    def _goes_on(self, closing: str) -> bool:
        """Step over the opening bracket or a comma; at ``closing``, step over it and say no."""
        if self._text[self._at] != closing:
            self._at += self._text[self._at] in "[{,"
            self._skip_blank()
            self._at += self._text[self._at] == ","
            self._skip_blank()
        if self._text[self._at] != closing:
            return True
        self._at += 1
        return False

    def _skip_blank(self) -> None:
        if blank := _BLANK.match(self._text, self._at):
            self._at = blank.end()

    def _mark(self, path: KeyPath, at: int | None = None) -> None:
        line = self._text.count("\n", 0, self._at if at is None else at) + 1
        for length in range(1, len(path) + 1):
            self._lines.setdefault(path[:length], line)


def _plain(part: str) -> str:
    return str(loads(f"key = {part}")["key"]) if part[0] in "\"'" else part
