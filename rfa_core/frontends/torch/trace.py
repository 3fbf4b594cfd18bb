"""One forward pass of a model, recorded as a graph."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from rfa_core.frontends.base import Constructed, InputSpec
from rfa_core.frontends.torch import operators as operators  # registers the translations
from rfa_core.frontends.torch.failures import (
    DataDecideError,
    failure,
    needs_values,
    reason,
    words,
)
from rfa_core.frontends.torch.recorder import Frame, Recorder
from rfa_core.frontends.torch.registry import Operators
from rfa_core.frontends.torch.sources import project_test
from rfa_core.frontends.torch.state import (
    tensors_swapped,
    untouched,
    watched,
    without_lazy_parameters,
)
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph, Node

_OPERATORS = Operators()
LARGEST_ON_CPU = 500_000_000
"""Parameters of the largest model that runs on the CPU."""
MOST_MACS_ON_CPU = 5_000_000_000
"""Multiply-accumulates before data decide what comes; more are not run for its sake."""


def trace(
    model: nn.Module,
    spec: InputSpec,
    resolution: Sequence[int],
    name: str,
    constructed: Constructed | None = None,
    root: str | None = None,
) -> Graph:
    """The graph of one forward pass at ``resolution`` (pixels per axis).

    Runs on the meta device: no arithmetic, no weights. Where the forward pass needs values
    it runs once more on the CPU; where it fails late for want of values, what was recorded
    is kept and ``Graph.stopped`` says where it ended. Raises ForwardError otherwise.
    """
    model, made = without_lazy_parameters(model, constructed or {})
    size = _size(model)
    with untouched(model):
        found = _record(model, spec, resolution, name, made, root, "meta")
    if found.wants_values and size <= LARGEST_ON_CPU and not found.is_enough:
        with untouched(model):
            again = _record(model, spec, resolution, name, made, root, "cpu")
        if again.error is None or (found.error is not None and not again.wants_values):
            found = again
    if found.error is None or (found.wants_values and any(node.weighted for node in found.graph)):
        return found.graph
    shape = spec.at(resolution)
    raise failure(found.error, found.layer, shape, found.graph) from found.error


@dataclass(frozen=True, slots=True)
class _Pass:
    """One forward pass: what was recorded, and in which layer it ended with which error.

    ``wants_values`` says that with values there would be more to know; ``missed`` names the
    outermost modules with parameters that it did not come to.
    """

    graph: Graph
    error: Exception | None
    layer: str
    wants_values: bool
    missed: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether all layers ran before an operation whose result data decide, or too many to
        run them again for what comes after it."""
        if not isinstance(self.error, DataDecideError):
            return False
        return not self.missed or sum(node.macs for node in self.graph) > MOST_MACS_ON_CPU


def _record(
    model: nn.Module,
    spec: InputSpec,
    resolution: Sequence[int],
    name: str,
    constructed: Constructed,
    root: str | None,
    device: str,
) -> _Pass:
    error: Exception | None = None
    result: object = None
    with tensors_swapped(model, device):
        recorder = _recorder(model, constructed, root)
        image = torch.zeros(spec.at(resolution), dtype=_dtype(model), device=device)
        recorder.add_input(image, spec.axes)
        try:
            with watched(recorder):
                result = model(image)
        except Exception as caught:
            error = caught
    layer = recorder.stack[-1].path
    outputs = recorder.outputs(result)
    missed = _missed(model, recorder.called) if error is not None else ()
    graph = Graph(
        name,
        "torch",
        tuple(recorder.live_nodes(outputs)),
        outputs,
        tuple(resolution),
        _size(model),
        _stopped(error, layer, missed, recorder.nodes),
    )
    lint(graph)
    wants_values = recorder.lacks_values or needs_values(error)
    return _Pass(graph, error, layer, wants_values, missed)


def _stopped(
    error: Exception | None, layer: str, missed: Sequence[str], nodes: Sequence[Node]
) -> str:
    """Where and why recording ended early, or skipped what had no data."""
    if error is not None:
        more = f" and {len(missed) - 3} more" if len(missed) > 3 else ""
        beyond = f"; not reached: {', '.join(missed[:3])}{more}" if missed else ""
        return f"{words(layer)}: {reason(error)}{beyond}"
    empty = next((node.layer for node in nodes if node.weighted and 0 in node.shape), "")
    return f"{empty}: data choose what it gets, and chose nothing in this run" if empty else ""


def _missed(model: nn.Module, called: Container[str]) -> tuple[str, ...]:
    """The outermost modules with parameters of which no part was called."""
    reached = {""}
    for path, _ in model.named_modules():
        parts = path.split(".") if path in called else []
        reached.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))
    return tuple(
        path
        for path, module in model.named_modules()
        if path not in reached
        and path.rpartition(".")[0] in reached
        and next(module.parameters(), None) is not None
    )


def _dtype(model: nn.Module) -> torch.dtype:
    """What the model computes in."""
    floating = (p.dtype for p in model.parameters() if p.is_floating_point())
    return next(floating, torch.get_default_dtype())


def _recorder(model: nn.Module, constructed: Constructed, root: str | None) -> Recorder:
    frames = {
        id(module): Frame(
            path, type(module).__name__, _is_atomic(module), 0, constructed.get(id(module), ())
        )
        for path, module in model.named_modules()
    }
    parameters = {id(parameter): parameter for parameter in model.parameters()}
    return Recorder(_OPERATORS, frames, parameters, project_test(root))


def _is_atomic(module: nn.Module) -> bool:
    """A layer of the framework (or a subclass of one) without layers inside."""
    if any(name != "parametrizations" for name, _ in module.named_children()):
        return False
    return any(
        base.__module__.startswith(("torch.nn.", "torchvision.ops."))
        and base is not nn.Module
        and not base.__module__.endswith(".container")
        for base in type(module).__mro__
    )


def _size(model: nn.Module) -> int:
    return sum(
        parameter.numel()
        for parameter in model.parameters()
        if not isinstance(parameter, nn.parameter.UninitializedParameter)
    )
