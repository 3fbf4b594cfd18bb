"""What discovery hands on: models that can be named, and what it left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rfa_core.findings import Skipped
from rfa_core.receptive.resolution import Resolution


@dataclass(frozen=True, slots=True)
class Target:
    """One model by name, as the user would type it.

    ``name`` is ``package.module:factory``, ``path.py::factory`` or ``zoo:name``. ``file``
    (absolute) and ``line`` are those of the ``def`` or ``class``, None if unknown or outside
    the project. ``confidence`` is 0 to 1 with its ``reasons``; a target that was named
    explicitly has 1.0. ``arguments`` are what the factory will be called with, those of the names
    ``stated`` as its mark says; ``resolutions`` what it is marked to be checked at. ``problem``
    says why a name that was typed means nothing.
    """

    name: str
    file: str | None = None
    line: int | None = None
    framework: str | None = None
    kind: str = "function"
    confidence: float = 1.0
    reasons: tuple[str, ...] = ()
    arguments: Mapping[str, object] = field(default_factory=dict)
    resolutions: tuple[Resolution, ...] = ()
    named: bool = True
    problem: str = ""
    stated: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Listing:
    """The targets found below some paths, and the candidates left alone with the reason.

    ``broken`` are files that hold networks and cannot be parsed: targets with a ``problem``.
    """

    targets: tuple[Target, ...]
    left_alone: tuple[Skipped, ...] = ()
    broken: tuple[Target, ...] = ()
