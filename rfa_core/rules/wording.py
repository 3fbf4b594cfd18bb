"""Numbers, names and verdicts in words and glyphs, the same way in every message."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from rfa_core.findings import Waste
from rfa_core.receptive.layers import Extent
from rfa_core.receptive.verdict import Verdict

GLYPHS: Mapping[Verdict, str] = {
    Verdict.PRODUCTIVE: "●",
    Verdict.CRITICAL: "▲",
    Verdict.PARTIAL: "◆",
    Verdict.UNPRODUCTIVE: "✖",
    Verdict.FULL_KERNEL: "■",
    Verdict.NOT_JUDGED: "○",
}
_UNSAFE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_AXES = {2: ("height", "width"), 3: ("depth", "height", "width")}


def pixels(sizes: Sequence[int | None], unlimited: str = "all") -> str:
    """``64`` if all axes agree, else ``64x96``; ``unlimited`` stands for None."""
    words = [unlimited if size is None else str(size) for size in sizes]
    return words[0] if len(set(words)) == 1 else "x".join(words)


def percent(share: float) -> str:
    """``31 %``; one decimal below ten, so that small shares stay visible."""
    value = 100 * share
    if 0 < value < 0.1:
        return "< 0.1 %"
    return f"{value:.0f} %" if value >= 9.95 else f"{value:.1f} %".replace(".0 ", " ")


def shares(waste: Waste) -> str:
    """``31 % of the parameters and 7 % of the multiply-accumulates``."""
    return (
        f"{percent(waste.parameters)} of the parameters and "
        f"{percent(waste.macs)} of the multiply-accumulates"
    )


def count(number: int, noun: str, plural: str = "") -> str:
    """``1 layer``, ``3 layers``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def enumerate_words(words: Iterable[str], conjunction: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *head, last = words
    return f"{', '.join(head)} {conjunction} {last}" if head else last


def window(sizes: Sequence[int | None]) -> str:
    """Kernel or map, every axis written out: ``3x3``; ``-`` where it runs along none."""
    if all(size is None for size in sizes):
        return "-"
    return "x".join("-" if size is None else str(size) for size in sizes)


def named(layer: str) -> str:
    """A layer in a sentence; a bare number (as in ``nn.Sequential``) says what it is."""
    return f"layer {layer}" if layer.isdigit() else layer


def axis_name(axis: int, axes: int) -> str:
    """``height``; an axis without a customary name is numbered."""
    return _AXES[axes][axis] if axes in _AXES else f"axis {axis}"


def on_axes(texts: Sequence[str | None]) -> str:
    """``1 px`` if all axes agree, else ``1 px in height``, axis by axis; None: nothing there."""
    if len(set(texts)) == 1 and texts[0] is not None:
        return texts[0]
    return enumerate_words(
        f"{text} in {axis_name(axis, len(texts))}" for axis, text in enumerate(texts) if text
    )


def thousands(number: int) -> str:
    """Three digits and a unit: ``9.44 M``; below a thousand the number itself."""
    value, units = float(number), ["", "k", "M", "G", "T", "P"]
    if abs(number) < 1000:
        return str(number)
    while abs(float(f"{value:.3g}")) >= 1000 and len(units) > 1:
        value /= 1000
        units.pop(0)
    return f"{value:.3g} {units[0]}"


def footprint(extent: Extent) -> str:
    """``75–371``: shortest to local, with ``∞`` where some path sees everything."""
    if all(size is None for size in (*extent.min, *extent.max)):
        return "∞"
    shortest, local = pixels(extent.min, "∞"), pixels(extent.max, "∞")
    text = shortest if shortest == local else f"{shortest}–{local}"
    return f"{text} ∞" if extent.global_context and not text.endswith("∞") else text


def clean(text: str) -> str:
    """``text`` without anything a terminal would obey: control characters are spelled out.

    Line ends stay. Marks that turn the reading direction count as control characters, and
    so do code points that are no characters.
    """
    if text.isprintable():
        return text
    return "".join(_spelled(char) for char in text.replace("\r\n", "\n").expandtabs(4))


def flat(text: str) -> str:
    """``text`` cleaned and on one line."""
    return " ".join(clean(text).split())


def _spelled(char: str) -> str:
    if char == "\n":
        return char
    if unicodedata.category(char) in _UNSAFE or ord(char) & 0xFFFE == 0xFFFE:
        return char.encode("unicode_escape").decode("ascii")
    return char
