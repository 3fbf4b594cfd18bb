"""What can be changed about a model, and what that brings: values that reports are made from."""

from __future__ import annotations

from dataclasses import dataclass

from rfa_core.receptive.layers import Sizes

GOALS = ("both", "performance", "efficiency")
"""What edits are for: to drop some dead weight and make the rest productive, to make all of it
productive, to drop it. In this order they are shown: what moves strides gained accuracy where that
was measured, what only drops layers lost it."""


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

    ``dropped`` counts the layers with weights that go, ``lost`` the judged ones of them that were
    of use; ``unjudged`` names those that are not judged (recurrent, dense), ``border`` the border
    layer of the network as it was, if it goes. ``applied`` says how the model itself fared with
    the changes, empty where nobody tried.
    """

    goal: str
    steps: tuple[Step, ...]
    after: Figures
    dropped: int = 0
    lost: int = 0
    unjudged: tuple[str, ...] = ()
    border: str = ""
    applied: str = ""


@dataclass(frozen=True, slots=True)
class Sought:
    """How the search for one goal went: how many combinations of edits it ``tried``, and ``why``
    there is no proposal, or none that repairs all."""

    goal: str
    tried: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All proposals for one model at one resolution, by goal, the cheapest first.

    ``tried`` is how many combinations of edits were looked at; ``why`` says why there is no
    proposal at all, or none that repairs all; ``goals`` how the search for each of them went.
    """

    model: str
    resolution: tuple[int, ...]
    before: Figures
    proposals: tuple[Proposal, ...] = ()
    tried: int = 0
    why: str = ""
    notes: tuple[str, ...] = ()
    goals: tuple[Sought, ...] = ()
