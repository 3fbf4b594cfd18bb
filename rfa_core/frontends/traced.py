"""Graphs that were traced before and come from a file: they hold one input size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rfa_core.errors import TraceError
from rfa_core.frontends.base import Constructed, ForwardError, InputSpec, TensorSpec
from rfa_core.frontends.sources import project_test
from rfa_core.graph import operations as op
from rfa_core.graph.model import Graph, Node

_NAMES = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}


def guess_inputs(model: Graph, given: InputSpec | None = None) -> tuple[InputSpec, ...]:
    """The inputs of the graph. Raises TraceError if others are ``given``."""
    tensors = tuple(TensorSpec(node.shape, _axes(node)) for node in model.inputs)
    names = _NAMES.get(model.axes, tuple(f"axis {n}" for n in range(model.axes)))
    own = InputSpec(tensors, names, "as the graph says")
    if given is not None and given.at(model.resolution) != own.at(model.resolution):
        raise TraceError(
            f"{model.name} was traced on {own.words(model.resolution)}, "
            f"not on {given.words(model.resolution)} ({given.origin})",
            "leave the input shape out: the graph says it",
        )
    return (own,)


def trace(
    model: Graph,
    spec: InputSpec,
    resolution: Sequence[int],
    name: str,
    constructed: Constructed | None = None,  # noqa: ARG001
    root: str | None = None,
) -> Graph:
    """The graph itself, with the lines that are in the project below ``root``.

    Raises ForwardError for a resolution that it was not traced at.
    """
    if tuple(resolution) != model.resolution:
        size = "x".join(map(str, model.resolution))
        reason = f"it was traced at {size}, and holds no other size"
        raise ForwardError(
            f"{name}: {spec.words(resolution)}: {reason}",
            "trace the model again, or write it as a custom graph that takes any size",
            "",
            reason,
            "",
            replace(model, nodes=model.nodes[:0], outputs=(), _index={}),
        )
    is_project = project_test(root)
    nodes = tuple(
        replace(
            node,
            constructed=tuple(line for line in node.constructed if is_project(line.file)),
            called=node.called if node.called and is_project(node.called.file) else None,
        )
        for node in model
    )
    return replace(model, name=name, nodes=nodes, _index={})


def _axes(node: Node) -> tuple[int | None, ...]:
    assert isinstance(node.operation, op.Input)
    return node.operation.axes


class TracedFrontend:
    """Reads the graphs of ``rfa_core.graph``."""

    name = "traced"
    guess_inputs = staticmethod(guess_inputs)
    trace = staticmethod(trace)

    def title(self, model: Graph) -> str:
        """Its own name."""
        return model.name

    def sizes_named_by(self, model: Graph) -> tuple[tuple[int, ...], ...]:
        """The one it was traced at."""
        return (model.resolution,)


FRONTEND = TracedFrontend()
