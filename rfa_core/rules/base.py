"""What a rule is: a code, a name, a default severity, and a method that yields findings."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rfa_core.findings import Concern, Finding, JudgedLayer, ModelReport, Severity, Waste
from rfa_core.graph.model import Location
from rfa_core.rules.blame import Group, relative_to

DOCUMENTATION = "https://github.com/pytest-rfa/pytest-rfa/blob/main/docs/rules/"


def _never(concern: Concern) -> bool:
    del concern
    return False


@dataclass(frozen=True, slots=True)
class Useless:
    """A comment that silences nothing: its place (absolute) and text, and what is wrong."""

    place: Location
    text: str
    why: str
    advice: str


@dataclass(frozen=True, slots=True)
class Stale:
    """Accepted findings of one rule at one resolution that are fixed, and where they stand."""

    place: Location
    concerns: tuple[Concern, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """What rules look at: one model, judged.

    ``root`` is the project root (absolute), which the construction lines of the layers are
    made relative to. ``budget`` is the share (0 to 1) of the parameters tolerated in
    unproductive layers; None: no budget is set. ``silent`` says what is not to be reported.
    ``useless`` and ``stale`` are known when all models are judged, and empty before.
    """

    model: ModelReport
    root: str = "."
    budget: float | None = None
    silent: Callable[[Concern], bool] = _never
    useless: tuple[Useless, ...] = ()
    stale: tuple[Stale, ...] = ()

    @property
    def factory(self) -> Location | None:
        """The line of the factory, relative to the root; None outside the project."""
        if self.model.file is None:
            return None
        return Location(self.model.file, self.model.line or 1)


class Rule(ABC):
    """One rule. The docstring of a subclass is its documentation page."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    on_by_default: ClassVar[bool] = True
    reads_structure: ClassVar[bool] = False
    can_be_accepted: ClassVar[bool] = True
    """Whether a baseline may hold findings of this rule."""

    @abstractmethod
    def check(self, subject: Subject) -> Iterator[Finding]:
        """Yield what there is to say about ``subject``; never print, never raise.

        What is silent need not be left out where all of a finding is.
        """

    @property
    def url(self) -> str:
        """Where the documentation page is published."""
        return f"{DOCUMENTATION}{self.name}.md"

    def audible(
        self,
        subject: Subject,
        layers: Iterable[JudgedLayer],
        resolution: tuple[int, ...] | None = None,
    ) -> tuple[JudgedLayer, ...]:
        """Those of ``layers`` that are not silent."""
        name = subject.model.name
        return tuple(
            judged
            for judged in layers
            if not subject.silent(Concern(self.code, name, resolution, judged.layer.name))
        )

    def audible_groups(
        self,
        subject: Subject,
        groups: Iterable[Group],
        resolution: tuple[int, ...] | None = None,
    ) -> Iterator[Group]:
        """``groups`` without the layers that are silent, and without those that leaves empty."""
        for group in groups:
            if left := self.audible(subject, group.layers, resolution):
                yield replace(group, layers=left)

    def finding(
        self,
        subject: Subject,
        message: str,
        advice: str,
        *,
        resolution: tuple[int, ...] | None = None,
        layers: Sequence[str] = (),
        place: Location | None = None,
        waste: Waste | None = None,
    ) -> Finding:
        """A finding of this rule at ``place`` (absolute), else on the factory's line."""
        line = relative_to(subject.root, place) or subject.factory
        return Finding(
            code=self.code,
            name=self.name,
            severity=self.severity,
            model=subject.model.name,
            message=message,
            help=advice,
            resolution=resolution,
            layers=tuple(layers),
            file=line.file if line else None,
            line=line.line if line else None,
            column=line.column if line else None,
            end_line=line.line if line else None,
            waste=waste,
            fingerprint=fingerprint(self.code, subject.model.name, resolution, layers),
            url=self.url,
        )


def fingerprint(
    code: str, model: str, resolution: tuple[int, ...] | None, layers: Sequence[str]
) -> str:
    """A name for a finding that survives every edit that leaves these four alone."""
    facts = json.dumps([code, model, resolution, list(layers)])
    return hashlib.sha256(facts.encode()).hexdigest()


def share_of(layers: Sequence[JudgedLayer], parameters: int, macs: int) -> Waste:
    """What share of the model's ``parameters`` and ``macs`` sits in ``layers``."""
    inside = sum(judged.layer.parameters for judged in layers)
    computed = sum(judged.layer.macs for judged in layers)
    return Waste(inside / parameters if parameters else 0.0, computed / macs if macs else 0.0)
