"""What is odd about the structure of a layer, whatever the resolution it is judged at.

Per axis everywhere; a fact is there if it holds on at least one axis. Only ``UnreadBorder``
depends on the resolution that the graph was traced at.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar


@dataclass(frozen=True, slots=True)
class UnreadBorder:
    """``rows`` at the far edge of a window's input that no output of it reads (0: none)."""

    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SkippedPositions:
    """The share of the positions inside its input that a window reads (1: all).

    ``elsewhere`` says that another operation reads the same tensor without such gaps.
    """

    read: tuple[Fraction, ...]
    elsewhere: bool


@dataclass(frozen=True, slots=True)
class UnevenSamples:
    """How many inputs the outputs of a transposed window read, one number per phase."""

    phases: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Holes:
    """Of ``span`` input positions in the footprint of an output, ``read`` can influence it."""

    read: tuple[int, ...]
    span: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Misalignment:
    """Input pixels between the outermost centres of the footprints that meet (0: aligned)."""

    pixels: tuple[Fraction, ...]


Fact = UnreadBorder | SkippedPositions | UnevenSamples | Holes | Misalignment

F = TypeVar("F", bound=Fact)


def find_fact(facts: Iterable[Fact], kind: type[F]) -> F | None:
    """The fact of this kind, if it is there."""
    return next((fact for fact in facts if isinstance(fact, kind)), None)
