"""What becomes of characters that the encoding of an output does not have."""

from __future__ import annotations

import codecs

ERRORS = "rfa.spelling"
"""The name of the handler for ``errors=``, once ``register`` was called."""

_SPELLED = {
    "●": "o",
    "▲": "^",
    "◆": "+",
    "✖": "x",
    "■": "#",
    "○": ".",
    "├": "|",
    "│": "|",
    "└": "`",
    "─": "-",
    "·": "-",
    "░": ":",
    "█": "#",
    "–": "-",
    "…": "...",
    "∞": "inf",
    "≤": "<=",
}


def register() -> None:
    """Make ``ERRORS`` known: our own signs in ASCII, all else as an escape."""
    codecs.register_error(ERRORS, _spelled)


def _spelled(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    char = error.object[error.start]
    known = _SPELLED.get(char) or char.encode("unicode_escape").decode("ascii")
    return known, error.start + 1
