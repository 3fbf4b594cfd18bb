"""The comments of source files."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

from rfa_core.ignores.comments import Ignore, read_ignores


def ignores_in(file: str) -> tuple[Ignore, ...]:
    """The comments of a file; none if it cannot be read."""
    try:
        content = Path(file).read_bytes()
        if b"rfa:" not in content.lower():
            return ()
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return read_ignores(content.decode(encoding))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return ()
