"""Golden files: whole outputs, as they were when somebody last looked at them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from projects import written


def golden_in(folder: Path) -> Callable[[str, str], None]:
    """Compares text with a file of ``folder``, which ``RFA_UPDATE_GOLDEN=1`` writes anew."""

    def compare(name: str, text: str) -> None:
        if os.environ.get("RFA_UPDATE_GOLDEN"):
            written(folder, {name: text})
        assert text == (folder / name).read_text(encoding="utf-8")

    return compare
