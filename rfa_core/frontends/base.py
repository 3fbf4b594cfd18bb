"""What every frontend offers: a model in, a graph out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rfa_core.errors import TraceError
from rfa_core.graph.model import Graph, Location

Constructed = Mapping[int, tuple[Location, ...]]


@dataclass(frozen=True, slots=True)
class InputSpec:
    """A shape with gaps: ``axes[d]`` is the number of the axis that dimension ``d`` runs
    along, None elsewhere, where ``sizes[d]`` stands. ``origin`` says where it comes from.
    """

    sizes: tuple[int, ...]
    axes: tuple[int | None, ...]
    origin: str

    @property
    def count(self) -> int:
        """How many axes the input has."""
        return sum(axis is not None for axis in self.axes)

    def at(self, resolution: Sequence[int]) -> tuple[int, ...]:
        """The shape at ``resolution`` pixels per axis."""
        return tuple(
            size if axis is None else resolution[axis]
            for size, axis in zip(self.sizes, self.axes, strict=True)
        )


def input_spec(shape: Sequence[int | str], origin: str) -> InputSpec:
    """A shape with names where the axes are: ``(1, 3, "H", "W")``."""
    running = [dim for dim, size in enumerate(shape) if isinstance(size, str)]
    return InputSpec(
        tuple(1 if isinstance(size, str) else size for size in shape),
        tuple(running.index(dim) if dim in running else None for dim in range(len(shape))),
        origin,
    )


class ForwardError(TraceError):
    """The forward pass raised. ``layer`` says where, ``details`` is the traceback.

    ``recorded`` is the graph of what ran before.
    """

    def __init__(
        self, message: str, hint: str, layer: str, reason: str, details: str, recorded: Graph
    ) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, layer, reason, details, recorded)
        self.recorded = recorded
        self.layer = layer
        self.reason = reason
        self.details = details


class Frontend(Protocol):
    """Reads the models of one framework."""

    name: str

    def guess_inputs(self, model: object) -> tuple[InputSpec, ...]:
        """What the model may want to be fed, the most likely first; at least one guess."""

    def trace(
        self,
        model: object,
        spec: InputSpec,
        resolution: Sequence[int],
        name: str,
        constructed: Constructed | None = None,
        root: str | None = None,
    ) -> Graph:
        """The graph of one forward pass; raises ForwardError if the model cannot run."""

    def sizes_named_by(self, model: object) -> tuple[int, ...]:
        """Input sizes that the model says it was made for, if it does."""
