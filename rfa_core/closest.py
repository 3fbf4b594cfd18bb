"""What somebody probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher, get_close_matches
from itertools import takewhile


def closest(text: str, names: Iterable[str]) -> str | None:
    """The one of ``names`` that is most like ``text``, None if none is; of several, the one that
    begins like it the longest."""

    def likeness(name: str) -> tuple[float, int]:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(name, text, strict=False))
        return SequenceMatcher(None, name, text).ratio(), len(list(alike))

    known = list(names)
    return max(get_close_matches(text, known, n=len(known) or 1), key=likeness, default=None)
