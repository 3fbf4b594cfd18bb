"""What came of holding the analysis of a model to an oracle: values that reports render."""

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
    OTHERWISE = "another footprint is claimed without values"

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
    """A model held to the oracle.

    ``inputs[axis]`` says what it was fed for that axis; ``stopped`` where its forward pass
    could not be followed any further, ``error`` why nothing could be compared at all (empty
    otherwise).
    """

    model: str
    inputs: tuple[str, ...] = ()
    layers: tuple[VerifiedLayer, ...] = ()
    stopped: str = ""
    error: str = ""

    @property
    def differences(self) -> tuple[VerifiedLayer, ...]:
        """The layers about which the analysis and the oracle disagree."""
        return tuple(layer for layer in self.layers if Outcome.DIFFERS in layer.outcomes)

    @property
    def missed(self) -> tuple[VerifiedLayer, ...]:
        """The judged layers that could not be compared on some axis."""
        return tuple(layer for layer in self.layers if layer.judged and not layer.compared)

    @property
    def confirmed(self) -> tuple[VerifiedLayer, ...]:
        """The layers that agree on every axis along which they have a local footprint."""
        return tuple(
            layer
            for layer in self.layers
            if layer.compared and Outcome.AGREES in layer.outcomes and layer not in self.differences
        )

    @property
    def agrees(self) -> bool:
        """Whether layers were compared, and none of them differs."""
        return bool(self.confirmed) and not self.differences

    def __str__(self) -> str:
        if self.error:
            return f"{self.model}: not verified: {self.error.removeprefix(f'{self.model}: ')}"
        judged = sum(layer.judged for layer in self.confirmed)
        shapes = dict.fromkeys(self.inputs)
        lines = [
            f"{self.model}: {_count(len(self.confirmed))} ({judged} judged) as the NaN oracle "
            f"finds them, on {' and '.join(shapes)}"
        ]
        for layer in self.differences:
            lines += [f"  {layer.name} differs", *(f"    {one}" for one in layer.differences)]
        for layer in self.missed:
            why = dict.fromkeys(str(one) for one in layer.outcomes if one not in _COMPARED)
            lines.append(f"  {layer.name} not compared: {', '.join(why)}")
        if self.stopped:
            lines.append(f"  nothing is compared from there on: {self.stopped}")
        return "\n".join(lines)


def _count(layers: int) -> str:
    return "1 layer" if layers == 1 else f"{layers} layers"
