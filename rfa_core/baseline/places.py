"""Where the elements of a list stand in a JSON text: parsers keep values and drop their lines."""

from __future__ import annotations

import json
import re

_BLANK = re.compile(r"[ \t\r\n]*")
_decode = json.JSONDecoder().raw_decode


def element_lines(text: str, key: str) -> tuple[int, ...]:
    """The lines (from 1) of the elements of the list at ``key`` of the object that ``text`` is.

    ``text`` must be JSON; there are none if there is no such list.
    """
    at = _skip(text, 0)
    if text[at] != "{":
        return ()
    at = _skip(text, at + 1)
    while text[at] != "}":
        name, at = _decode(text, at)
        at = _skip(text, _skip(text, at) + 1)
        if name == key and text[at] == "[":
            return _elements(text, at)
        _, at = _decode(text, at)
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at] == "," else at
    return ()


def _elements(text: str, opening: int) -> tuple[int, ...]:
    lines = []
    at = _skip(text, opening + 1)
    while text[at] != "]":
        lines.append(text.count("\n", 0, at) + 1)
        _, at = _decode(text, at)
        at = _skip(text, at)
        at = _skip(text, at + 1) if text[at] == "," else at
    return tuple(lines)


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at
