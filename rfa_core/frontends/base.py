"""What every frontend offers: a model in, a graph out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from rfa_core.errors import TraceError
from rfa_core.graph.model import Graph, Location

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from rfa_core.receptive.claims import Claim

    Look = Callable[["Marks", str, npt.NDArray[np.bool_]], None]

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


@dataclass(frozen=True, slots=True)
class Marks:
    """One forward pass of an oracle: which ``coordinates`` of the input are NaN.

    ``edges`` marks results, too: whatever reads beyond the end of its operand is NaN.
    """

    coordinates: range = range(0)
    edges: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """How a pass of an oracle went, by node name.

    ``reached`` are the nodes that it came to in the same way as the graph;
    ``deaf`` those whose results (booleans, integers) cannot show what reached them.
    """

    reached: frozenset[str]
    deaf: frozenset[str]

    def and_then(self, other: Heard) -> Heard:
        """Both passes together."""
        return Heard(self.reached & other.reached, self.deaf | other.deaf)


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

    def trace_with_values(
        self, model: object, spec: InputSpec, resolution: Sequence[int], name: str
    ) -> Graph:
        """The graph of a forward pass that computes; raises ForwardError."""

    def oracle(
        self,
        model: object,
        spec: InputSpec,
        resolution: Sequence[int],
        axis: int,
        graph: Graph,
        claims: Mapping[str, Claim],
    ) -> AbstractContextManager[Callable[[Marks, Look], Heard]]:
        """What runs ``model`` once per call, with marks along ``axis``, and shows every result.

        ``graph`` was traced with values; ``claims`` say where only global paths lead (there,
        NaN is taken out) and what the edges are. ``look(marks, node name, is NaN)`` is called
        in the order of the forward pass.
        """
