"""Where in a forward pass something happened."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rfa_core.frontends.sources import project_test
from rfa_core.graph.model import Location


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a forward pass: a layer, and the line of the project below ``root``, if any."""

    layer: str
    line: Location | None = None
    root: str | None = None

    def __str__(self) -> str:
        where = self.layer or "the model's own forward"
        if self.line is None or self.root is None:
            return where
        file = Path(self.line.file).relative_to(self.root).as_posix()
        return f"{where} (at {file}:{self.line.line})"


def place_of(
    error: BaseException | None,
    layer: str,
    root: str | None,
    further: Sequence[Location] = (),
) -> Place:
    """Where ``error`` was raised: the innermost line of the project that led to it.

    ``further`` are lines inside of the innermost frame, for languages that keep their own.
    """
    if error is None:
        return Place(layer)
    frames = [
        Location(frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    is_project = project_test(root)
    lines = [place for place in (*frames, *further) if is_project(place.file)]
    return Place(layer, lines[-1] if lines else None, root)
