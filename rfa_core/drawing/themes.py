"""The colours of drawings in daylight and in the dark, and the style sheet that uses them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files

from rfa_core.drawing.palette import DARK_INKS, LOOKS
from rfa_core.receptive.verdict import Verdict

Theme = Mapping[str, str]
"""Colours and fonts, by the names of CSS variables without their dashes."""


def _inks(inks: Mapping[Verdict, str]) -> dict[str, str]:
    return {str(verdict): ink for verdict, ink in inks.items()}


LIGHT: Theme = {
    **_inks({verdict: look.ink for verdict, look in LOOKS.items()}),
    "productive-fill": "#f1f8fc",
    "critical-fill": "#fef8ea",
    "unproductive-fill": "#fbebf0",
    "unproductive-text": "#b3123f",
    "ink": "#1b2027",
    "faint": "#5b6570",
    "line": "#e2e5e9",
    "wire": "#98a2ad",
    "paper": "#ffffff",
    "raised": "#f5f6f8",
    "ground": "#f7f8fa",
    "accent": "#0b63a5",
    "band": "#e9edf2",
    "beyond": "rgba(179, 18, 63, 0.05)",
    "sans": "Inter, system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif",
    "mono": "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
}
DARK: Theme = {
    **LIGHT,
    **_inks(DARK_INKS),
    "productive-fill": "#13242f",
    "critical-fill": "#2a2313",
    "unproductive-fill": "#33181d",
    "unproductive-text": "#ff8087",
    "ink": "#e7eaee",
    "faint": "#a3adb8",
    "line": "#2a323b",
    "wire": "#66717d",
    "paper": "#161b21",
    "raised": "#1e252d",
    "ground": "#0f1317",
    "accent": "#7cc4f5",
    "band": "#242c35",
    "beyond": "rgba(229, 72, 77, 0.08)",
}
PAPER = 'style="background: #ffffff"'
"""What figures are drawn on, said to viewers that are dark."""

ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" '
    'markerHeight="6" orient="auto"><path class="arrow" d="M0 0.5L8 4L0 7.5Z"/></marker></defs>'
)
"""The head of every edge."""


def variables(theme: Theme) -> str:
    """The declarations of ``theme``."""
    return "".join(f"--{name}:{value};" for name, value in theme.items())


def style_sheet() -> str:
    """The style of drawings, in variables."""
    return files("rfa_core.drawing").joinpath("style/drawing.css").read_text(encoding="utf-8")


def resolved(style: str, theme: Theme) -> str:
    """``style`` for programs that know no variables."""
    return re.sub(r"var\(--([a-z-]+)\)", lambda found: theme[found[1]], style)
