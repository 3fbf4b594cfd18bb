"""Facts in words and glyphs, shared by the formats; nothing here depends on one of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from rfa_core.findings import Finding, Range, ResolutionReport
from rfa_core.receptive.layers import Extent, Sizes
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import pixels

GLYPHS: Mapping[Verdict, str] = {
    Verdict.PRODUCTIVE: "●",
    Verdict.CRITICAL: "▲",
    Verdict.PARTIAL: "◆",
    Verdict.UNPRODUCTIVE: "✖",
    Verdict.FULL_KERNEL: "■",
    Verdict.NOT_JUDGED: "○",
}
_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def clean(text: str) -> str:
    """``text`` without anything a terminal would obey: control characters are spelled out.

    Line ends stay. Marks that turn the reading direction count as control characters, and
    so do code points that are no characters.
    """
    return "".join(_spelled(char) for char in text.replace("\r\n", "\n").expandtabs(4))


def flat(text: str) -> str:
    """``text`` cleaned and on one line."""
    return " ".join(clean(text).split())


def place(finding: Finding) -> str:
    """``path:line:column``; the model's name where there is no file."""
    if finding.file is None:
        return flat(finding.model)
    return flat(f"{finding.file}:{finding.line or 1}:{finding.column or 1}")


def model_at(name: str, resolution: tuple[int, ...] | None) -> str:
    """``acme.models:unet at 64 px``."""
    return flat(name) if resolution is None else f"{flat(name)} at {pixels(resolution)} px"


def worst(at: ResolutionReport) -> Verdict:
    """The worst verdict of any layer."""
    found = {judged.verdict for judged in at.layers}
    return next((verdict for verdict in Verdict if verdict in found), Verdict.NOT_JUDGED)


def verdict_counts(at: ResolutionReport) -> str:
    """``8 unproductive, 5 critical, 40 productive``: what there is, worst first."""
    counts = [
        f"{number} {verdict}"
        for verdict, number in at.counts().items()
        if number and verdict is not Verdict.NOT_JUDGED
    ]
    return ", ".join(counts) or "no judged layers"


def range_words(feasible: Range | None) -> str:
    """``76 to 427 px``."""
    if feasible is None:
        return "no range known"
    if _unknown(feasible.min_resolution):
        return "none found" if feasible.min_layers else "any resolution (no judged layers)"
    lowest = pixels(feasible.min_resolution, unlimited="any")
    if _unknown(feasible.max_resolution):
        return f"from {lowest} px on"
    return f"{lowest} to {pixels(feasible.max_resolution, unlimited='any')} px"


def footprint(extent: Extent) -> str:
    """``75–371``: shortest to local, with ``∞`` where some path sees everything."""
    if _unknown(extent.min) and _unknown(extent.max):
        return "∞"
    shortest, local = pixels(extent.min, "∞"), pixels(extent.max, "∞")
    text = shortest if shortest == local else f"{shortest}–{local}"
    return f"{text} ∞" if extent.global_context and not text.endswith("∞") else text


def _unknown(sizes: Sizes) -> bool:
    return all(size is None for size in sizes)


def _spelled(char: str) -> str:
    if char == "\n":
        return char
    if unicodedata.category(char) in _UNSAFE or ord(char) & 0xFFFE == 0xFFFE:
        return char.encode("unicode_escape").decode("ascii")
    return char


def thousands(number: int) -> str:
    """Three digits and a unit: ``9.44 M``; below a thousand the number itself."""
    value, units = float(number), ["", "k", "M", "G", "T", "P"]
    while abs(value) >= 1000 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.3g} {units[0]}" if units[0] else str(number)
