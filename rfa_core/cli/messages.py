"""What is said beside the results: on stderr, to whoever is there to read it."""

from __future__ import annotations

import os
import sys


def open_stderr() -> None:
    """Where stderr was closed before the start, say everything to nobody."""
    if sys.stderr is None:
        from pathlib import Path

        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


def say(text: str) -> None:
    """A message, with a line end; a reader that went away is no failure.

    Control characters are spelled out.
    """
    from rfa_core.rules.wording import clean

    try:
        sys.stderr.write(f"rfa: {clean(text)}\n")
        sys.stderr.flush()
    except OSError:
        from contextlib import suppress

        with suppress(OSError, ValueError):  # what is left in the buffer goes nowhere, too
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
