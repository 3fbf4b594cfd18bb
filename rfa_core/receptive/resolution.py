"""Resolutions: one number for every axis, or one number per axis."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rfa_core.errors import ResolutionError

_FORM = re.compile(r"[0-9]{1,18}(x[0-9]{1,18})*")
_MOST = 10**18
"""Larger numbers are not written out: Python refuses to, from some length on."""
LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the user asked for: ``64`` (any number of axes) or ``64x96``, in input pixels.

    ``sizes`` holds one number for the square form, else one per axis in axis order.
    """

    sizes: tuple[int, ...]

    def __str__(self) -> str:
        return "x".join(map(str, self.sizes))

    def for_axes(self, axes: int) -> tuple[int, ...]:
        """The size per axis of a model with ``axes`` axes.

        Raises ResolutionError if the number of sizes fits neither one nor ``axes``.
        """
        if len(self.sizes) == 1:
            return self.sizes * axes
        if len(self.sizes) != axes:
            raise ResolutionError(
                f"resolution {self} has {len(self.sizes)} numbers, but the model's input has "
                f"{axes} {'axis' if axes == 1 else 'axes'}",
                f"write one number for all axes ({self.sizes[0]}) or exactly {axes}",
            )
        return self.sizes


def parse_resolution(value: object) -> Resolution:
    """Read ``64``, ``"64"``, ``"64x96"`` or ``[64, 96]``.

    Raises ResolutionError for anything else, for zero and for sizes above a million.
    """
    text = _text(value)
    if text is None or not _FORM.fullmatch(text):
        raise ResolutionError(
            f"{value if text is None else text!r:.60} is not a resolution",
            "write pixels as 64, or one number per axis as 64x96 or 16x112x112",
        )
    sizes = tuple(map(int, text.split("x")))
    if not all(0 < size <= LARGEST for size in sizes):
        raise ResolutionError(
            f"resolution {text!r} is impossible",
            f"every size must be between 1 and {LARGEST} pixels",
        )
    return Resolution(sizes)


def _text(value: object) -> str | None:
    """The written form of a string, a number or a list of numbers; None for anything else."""
    if isinstance(value, str):
        return value.strip().lower()
    sizes = value if isinstance(value, (list, tuple)) else (value,)
    if not sizes or any(type(size) is not int for size in sizes):
        return None
    return "x".join(str(max(-_MOST, min(size, _MOST))) for size in sizes)
