"""Colours and outlines of verdicts; each has a glyph besides, so that colour is never alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rfa_core.receptive.verdict import Verdict

BLUE, AMBER, CRIMSON, GREY = "#0072B2", "#E69F00", "#B3123F", "#767676"
"""Far apart under simulated colour blindness, too."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a verdict is drawn: ``ink`` for outline and glyph, ``fill`` behind the text, ``stroke``
    of the outline (solid, dashed or dotted) and its ``width`` in points."""

    ink: str
    fill: str
    stroke: str
    width: float


LOOKS: Mapping[Verdict, Look] = {
    Verdict.PRODUCTIVE: Look(BLUE, "#EAF4FA", "solid", 1.0),
    Verdict.CRITICAL: Look(AMBER, "#FDF3DC", "dashed", 2.0),
    Verdict.PARTIAL: Look(AMBER, "#FDF3DC", "dotted", 2.0),
    Verdict.UNPRODUCTIVE: Look(CRIMSON, "#F8E1E8", "solid", 3.0),
    Verdict.FULL_KERNEL: Look(CRIMSON, "#F8E1E8", "dashed", 1.5),
    Verdict.NOT_JUDGED: Look(GREY, "#FFFFFF", "solid", 0.5),
}
DARK_INKS: Mapping[Verdict, str] = {
    Verdict.PRODUCTIVE: "#56B4E9",
    Verdict.CRITICAL: "#F0B429",
    Verdict.PARTIAL: "#F0B429",
    Verdict.UNPRODUCTIVE: "#E5484D",
    Verdict.FULL_KERNEL: "#E5484D",
    Verdict.NOT_JUDGED: "#8A949F",
}
"""The inks on a dark ground."""
REFERENCE_LOOKS: Mapping[Verdict, Look] = {
    Verdict.PRODUCTIVE: Look("black", "white", "solid", 1.0),
    Verdict.CRITICAL: Look("black", "orange", "solid", 1.0),
    Verdict.PARTIAL: Look("black", "yellow", "solid", 1.0),
    Verdict.UNPRODUCTIVE: Look("black", "red", "solid", 1.0),
    Verdict.FULL_KERNEL: Look("black", "red", "solid", 1.0),
    Verdict.NOT_JUDGED: Look("black", "white", "solid", 1.0),
}
"""The colours of ``rfa_toolbox``, for who knows its pictures."""
