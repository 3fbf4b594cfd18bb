"""The plan of a sweep: what is done in one piece, and the names of its rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from rfa_core.receptive.resolution import Resolution
from rfa_core.sweeping.steps import called

TOGETHER = 32
"""Resolutions of one model that are looked at in one piece: it is built once for all of them."""


@dataclass(frozen=True, slots=True)
class Task:
    """One model, built with ``arguments``, at some resolutions.

    ``object_size``: verdicts are about objects of this size inside the image. ``state`` is a
    digest of all else that the rows depend on: settings, code, versions.
    """

    target: str
    arguments: Mapping[str, object]
    resolutions: tuple[Resolution, ...]
    object_size: Resolution | None = None
    state: str = ""

    @property
    def model(self) -> str:
        """``acme.models:unet(depth=2)``."""
        return f"{self.target}{called(self.arguments)}"

    def key(self, resolution: Resolution) -> str:
        """What the row at ``resolution`` is known by in a file: a digest of all it depends on."""
        size = None if self.object_size is None else str(self.object_size)
        content = [self.target, called(self.arguments), str(resolution), size, self.state]
        return sha256(json.dumps(content).encode()).hexdigest()[:16]

    @property
    def keys(self) -> tuple[str, ...]:
        """Those of its rows, in order."""
        return tuple(map(self.key, self.resolutions))


def parted(resolutions: Sequence[Resolution]) -> list[tuple[Resolution, ...]]:
    """``resolutions`` in pieces of at most ``TOGETHER``."""
    starts = range(0, len(resolutions), TOGETHER)
    return [tuple(resolutions[start : start + TOGETHER]) for start in starts]
