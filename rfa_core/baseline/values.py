"""Accepted findings, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from rfa_core.findings import Concern

NAME = ".rfa-baseline.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a project has accepted, each with its line in the file (from 1)."""

    lines: Mapping[Concern, int] = field(default_factory=dict)

    def __contains__(self, concern: Concern) -> bool:
        return concern in self.lines

    def __iter__(self) -> Iterator[Concern]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True, slots=True)
class Scope:
    """What was looked at of one model: only of that can be said what is fixed.

    ``whole``: all its resolutions were, so that what depends on none is settled as well.
    """

    model: str
    rules: frozenset[str]
    resolutions: frozenset[tuple[int, ...]]
    whole: bool

    def holds(self, concern: Concern) -> bool:
        """Whether ``concern`` was looked at."""
        if concern.model != self.model or concern.rule not in self.rules:
            return False
        if concern.resolution is None:
            return self.whole
        return concern.resolution in self.resolutions


NOTHING = Scope("", frozenset(), frozenset(), False)
