"""The glyphs of the verdicts as shapes: fonts differ in what they make of the characters."""

from __future__ import annotations

from collections.abc import Mapping

from rfa_core.drawing.paths import number
from rfa_core.receptive.verdict import Verdict

SHAPES: Mapping[Verdict, str] = {
    Verdict.PRODUCTIVE: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z",
    Verdict.CRITICAL: "M0-4.8L5 4H-5Z",
    Verdict.PARTIAL: "M0-5L5 0L0 5L-5 0Z",
    Verdict.UNPRODUCTIVE: (
        "M-5-2.8L-2.8-5L0-2.2L2.8-5L5-2.8L2.2 0L5 2.8L2.8 5L0 2.2L-2.8 5L-5 2.8L-2.2 0Z"
    ),
    Verdict.FULL_KERNEL: "M-4.2-4.2H4.2V4.2H-4.2Z",
    Verdict.NOT_JUDGED: (
        "M-3.6 0a3.6 3.6 0 1 0 7.2 0a3.6 3.6 0 1 0-7.2 0Z"
        "M-2.4 0a2.4 2.4 0 1 1 4.8 0a2.4 2.4 0 1 1-4.8 0Z"
    ),
}
"""Paths within 5 units around the origin."""


def glyph(
    verdict: Verdict | None, x: float, y: float, kind: str = "glyph", scale: float = 1
) -> str:
    """The shape of ``verdict`` with its middle at ``x`` and ``y``, of the class ``kind``.

    None: the page will give it one.
    """
    place = f"translate({number(x)} {number(y)})"
    place += f"scale({number(scale)})" if scale != 1 else ""
    shape = f' d="{SHAPES[verdict]}"' if verdict else ""
    return f'<path class="{kind} v-{verdict or Verdict.NOT_JUDGED}" transform="{place}"{shape}/>'
