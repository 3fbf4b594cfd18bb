"""What can be changed about a model, and what that brings: values that reports are made from."""

from __future__ import annotations

from dataclasses import dataclass

from rfa_core.receptive.layers import Sizes

GOALS = ("efficiency", "performance", "both")
"""What edits are for: to drop dead weight, to make it productive, to do some of each."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A network at one resolution, in numbers: layers by verdict, cost, the last map.

    ``min_resolution`` is the smallest square from which on no layer is unproductive, by the
    footprints at this resolution.
    """

    judged: int
    unproductive: int
    critical: int
    parameters: int
    macs: int
    feature_map: Sizes
    min_resolution: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to change in the source: of ``layers`` the argument ``before`` to ``after``.

    ``after`` is empty where the layers go. ``file`` and ``line`` are where it is said, None where
    no line of the project does. ``maps`` are those that the first of the layers makes, before
    and after.
    """

    kind: str
    layers: tuple[str, ...]
    before: str = ""
    after: str = ""
    file: str | None = None
    line: int | None = None
    maps: tuple[Sizes, Sizes] | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Changes that were found to help, and the network that they make.

    ``dropped`` counts the judged layers that go, ``lost`` those of them that were of use.
    ``applied`` says how the model itself fared with them, empty where nobody tried.
    """

    goal: str
    steps: tuple[Step, ...]
    after: Figures
    dropped: int = 0
    lost: int = 0
    applied: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All proposals for one model at one resolution, by goal, the cheapest first.

    ``tried`` is how many combinations of edits were looked at; ``why`` says why there is no
    proposal, or none that repairs all.
    """

    model: str
    resolution: tuple[int, ...]
    before: Figures
    proposals: tuple[Proposal, ...] = ()
    tried: int = 0
    why: str = ""
    notes: tuple[str, ...] = ()
