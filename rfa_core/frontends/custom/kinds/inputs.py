"""Where the image comes in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rfa_core.frontends.custom.kinds.base import layer_kind
from rfa_core.frontends.draft import Draft


@layer_kind("input", sources=(0, 0))
@dataclass(frozen=True, slots=True)
class Input:
    """An image of so many ``channels``."""

    channels: int

    def write(self, _draft: Draft, _sources: Sequence[str]) -> str:
        raise AssertionError("inputs are written by whoever knows the resolution")
