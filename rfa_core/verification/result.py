"""What a verification found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Outcome(str, Enum):
    """What came of comparing one layer along one axis; all but the first four say why nothing
    could be compared."""

    AGREES = "agrees"
    DIFFERS = "differs"
    GLOBAL = "global"
    CONSTANT = "constant"
    INEXACT = "only a bound is claimed"
    UNREACHED = "not reached in the same way with NaN in the input"
    DEAF = "NaN does not get through to it"
    OWN = "makes NaN without any in the input"
    CLIPPED = "clipped everywhere: the input is too small"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Difference:
    """One element about which the analysis and the oracle disagree, along one axis.

    ``claimed`` is the first and the last input coordinate of the claimed local footprint;
    None: only global paths. NaN in ``marked`` (first and last coordinate) reached the element
    or not, against the claim.
    """

    axis: int
    node: str
    element: tuple[int, ...]
    claimed: tuple[int, int] | None
    marked: tuple[int, int]
    reached: bool

    def __str__(self) -> str:
        place = f"axis {self.axis}, {self.node}{list(self.element)}"
        claim = "everything" if self.claimed is None else "pixels {} to {}".format(*self.claimed)
        verb = "reaches it" if self.reached else "does not reach it"
        first, last = self.marked
        return f"{place}: the analysis says {claim}, but NaN in pixels {first} to {last} {verb}"


@dataclass(frozen=True, slots=True)
class VerifiedLayer:
    """A layer, and per axis what came of comparing it."""

    name: str
    judged: bool
    outcomes: tuple[Outcome, ...]
    differences: tuple[Difference, ...] = ()

    @property
    def compared(self) -> bool:
        """Whether there was something to compare on every axis along which there is a claim."""
        return all(outcome in _COMPARED for outcome in self.outcomes)


_COMPARED = (Outcome.AGREES, Outcome.DIFFERS, Outcome.GLOBAL, Outcome.CONSTANT)


@dataclass(frozen=True, slots=True)
class Verification:
    """A model held to the oracle; ``sizes[axis]`` is the input that it ran on for that axis."""

    model: str
    sizes: tuple[tuple[int, ...], ...]
    layers: tuple[VerifiedLayer, ...]

    @property
    def differences(self) -> tuple[VerifiedLayer, ...]:
        """The layers about which the analysis and the oracle disagree."""
        return tuple(layer for layer in self.layers if Outcome.DIFFERS in layer.outcomes)

    @property
    def missed(self) -> tuple[VerifiedLayer, ...]:
        """The judged layers that could not be compared on some axis."""
        return tuple(layer for layer in self.layers if layer.judged and not layer.compared)

    @property
    def agrees(self) -> bool:
        """Whether layers were compared, and none of them differs."""
        seen = any(Outcome.AGREES in layer.outcomes for layer in self.layers)
        return seen and not self.differences
