"""Facts in words and glyphs, shared by the formats; nothing here depends on one of them."""

from __future__ import annotations

from rfa_core.findings import Finding, Range, ResolutionReport
from rfa_core.receptive.layers import Sizes
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import GLYPHS as GLYPHS
from rfa_core.rules.wording import clean as clean
from rfa_core.rules.wording import flat as flat
from rfa_core.rules.wording import footprint as footprint
from rfa_core.rules.wording import pixels
from rfa_core.rules.wording import thousands as thousands


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


def verdict_counts(at: ResolutionReport, glyphs: bool = False) -> str:
    """``8 unproductive, 5 critical, 40 productive``: what there is, worst first; with ``glyphs``,
    each after its own."""
    counts = [
        f"{GLYPHS[verdict]} " * glyphs + f"{number} {verdict}"
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


def _unknown(sizes: Sizes) -> bool:
    return all(size is None for size in sizes)
