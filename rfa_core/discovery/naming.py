"""Hints that name the nearest thing that does exist."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches

_SHOWN = 8


def nearest(wrong: str, known: Collection[str], prefix: str = "") -> str:
    """``did you mean 'prefix…'?``, or the first few known names, or an empty string."""
    lowered = {name.lower(): name for name in known}
    close = get_close_matches(wrong.lower(), lowered, n=1, cutoff=0.5)
    if close:
        return f"did you mean {prefix + lowered[close[0]]!r}?"
    if not known:
        return ""
    some = ", ".join(prefix + name for name in sorted(known)[:_SHOWN])
    return f"there are: {some}{', …' if len(known) > _SHOWN else ''}"
