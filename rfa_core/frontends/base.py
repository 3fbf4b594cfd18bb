"""What every frontend offers: a model in, a graph out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from rfa_core.errors import TraceError
from rfa_core.graph.model import Graph, Location

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from rfa_core.receptive.claims import Claim

    Look = Callable[["Marks", str, npt.NDArray[np.bool_]], None]

Constructed = Mapping[int, tuple[Location, ...]]
InputShape = Sequence[int | str] | Sequence[Sequence[int | str]]
"""A shape with names where the axes are, or one per tensor."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """A tensor's shape with gaps: ``axes[d]`` is the number of the axis that dimension ``d``
    runs along, None elsewhere, where ``sizes[d]`` stands. ``indices`` says that it holds whole
    numbers, which an embedding looks up.
    """

    sizes: tuple[int, ...]
    axes: tuple[int | None, ...]
    indices: bool = False

    def at(self, resolution: Sequence[int]) -> tuple[int, ...]:
        """The shape at ``resolution`` pixels per axis."""
        return tuple(
            size if axis is None else resolution[axis]
            for size, axis in zip(self.sizes, self.axes, strict=True)
        )


@dataclass(frozen=True, slots=True)
class InputSpec:
    """What one forward pass is fed: its ``tensors`` and the names of their ``axes``, in order.

    ``form`` is a key of ``FORMS``: how the model takes them. ``origin`` says where all this
    comes from.
    """

    tensors: tuple[TensorSpec, ...]
    axes: tuple[str, ...]
    origin: str
    form: str = "arguments"

    @property
    def count(self) -> int:
        """How many axes there are."""
        return len(self.axes)

    def at(self, resolution: Sequence[int]) -> tuple[tuple[int, ...], ...]:
        """The tensors' shapes at ``resolution`` pixels per axis."""
        return tuple(tensor.at(resolution) for tensor in self.tensors)

    def words(self, resolution: Sequence[int]) -> str:
        """The shapes at ``resolution``, and how they are passed."""
        shapes = ", ".join(str(list(shape)) for shape in self.at(resolution))
        return f"{shapes}{FORMS[self.form]}"


FORMS = {
    "arguments": "",
    "list": " in a list",
    "images": " in a list, without the batch dimension",
    "dictionary": " in a dictionary",
}
"""How a model takes its tensors, to how that is said."""


def input_spec(
    shape: InputShape,
    origin: str,
    form: str = "arguments",
) -> InputSpec:
    """A shape with names where the axes are, ``(1, 3, "H", "W")``, or one per tensor.

    Axes are shared by name and numbered by first appearance. Raises TraceError if there is
    none, a shape names one twice, or a size is none.
    """
    several = bool(shape) and all(isinstance(part, (list, tuple)) for part in shape)
    shapes = cast("Sequence[Sequence[int | str]]", shape if several else [shape])
    names = [[size for size in one if isinstance(size, str)] for one in shapes]
    wrong = [size for one in shapes for size in one if not _is_size(size)]
    if wrong:
        raise TraceError(
            f"{wrong[0]!r} in the input shape {shape!r} is no size",
            "write whole numbers above 0, and each axis by name in its place",
        )
    if not any(names) or any(len(own) > len(set(own)) for own in names):
        raise TraceError(
            f"the input shape {shape!r} names no axis, or one twice",
            "write sizes with each axis by name in its place, as [1, 3, 'H', 'W']",
        )
    axes = tuple(dict.fromkeys(name for own in names for name in own))
    return InputSpec(tuple(_tensor_spec(one, axes) for one in shapes), axes, origin, form)


def _is_size(size: object) -> bool:
    return bool(size) if isinstance(size, str) else type(size) is int and size > 0


def _tensor_spec(shape: Sequence[int | str], axes: tuple[str, ...]) -> TensorSpec:
    return TensorSpec(
        tuple(1 if isinstance(size, str) else size for size in shape),
        tuple(axes.index(size) if isinstance(size, str) else None for size in shape),
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

    def title(self, model: object) -> str:
        """The class of the model, as its user wrote it."""

    def guess_inputs(self, model: object, given: InputSpec | None = None) -> tuple[InputSpec, ...]:
        """What the model may want to be fed, the most likely first; at least one guess.

        With ``given`` shapes only the ways to pass them are guessed.
        """

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

    def sizes_named_by(self, model: object) -> tuple[int | tuple[int | None, ...], ...]:
        """Input sizes that the model says it was made for, if it does.

        A number is meant for every axis; a tuple has one per axis, None where any will do.
        """


class FileFrontend(Frontend, Protocol):
    """A frontend whose models are also read from files."""

    def open(self, file: str) -> object:
        """The model in ``file`` (absolute); nothing of it is executed. Raises TraceError."""


@runtime_checkable
class OracleFrontend(Frontend, Protocol):
    """A frontend whose models can also be run, with marks in their input."""

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


class NotEditableError(TraceError):
    """A change that cannot be made to the model itself; the message says why."""


@runtime_checkable
class EditingFrontend(Frontend, Protocol):
    """A frontend whose models can be changed after they were built."""

    def edited(
        self, model: object, before: Graph, after: Graph, constructed: Constructed
    ) -> tuple[object, Constructed]:
        """A copy of ``model``, whose graph is ``before``, with the layers of ``after``.

        Windows get what they have there, modules that are gone let their input through, and who
        reads other channels gets weights for them. ``constructed`` comes back for the modules of
        the copy. The model stays as it is. Raises NotEditableError.
        """
