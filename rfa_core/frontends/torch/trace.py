"""One forward pass of a model, recorded as a graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from rfa_core.frontends.base import Constructed, InputSpec
from rfa_core.frontends.torch import operators as operators  # registers the translations
from rfa_core.frontends.torch.failures import failure, needs_values, reason, words
from rfa_core.frontends.torch.recorder import Frame, Recorder
from rfa_core.frontends.torch.registry import Operators
from rfa_core.frontends.torch.sources import project_test
from rfa_core.frontends.torch.state import (
    seed,
    tensors_swapped,
    untouched,
    watched,
    without_lazy_parameters,
)
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph

_OPERATORS = Operators()
LARGEST_ON_CPU = 500_000_000


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
        if found.wants_values and size <= LARGEST_ON_CPU:
            again = _record(model, spec, resolution, name, made, root, "cpu")
            if again.error is None or (found.error is not None and not again.wants_values):
                found = again
    if found.error is None or (found.wants_values and any(node.weighted for node in found.graph)):
        return found.graph
    shape = spec.at(resolution)
    raise failure(found.error, found.layer, shape, found.graph) from found.error


def trace_with_values(
    model: nn.Module, spec: InputSpec, resolution: Sequence[int], name: str
) -> Graph:
    """The graph of one forward pass on the CPU, with numbers in place of weights.

    Raises ForwardError if the pass fails before any layer with weights.
    """
    model, made = without_lazy_parameters(model, {})
    with untouched(model):
        seed()
        found = _record(model, spec, resolution, name, made, None, "cpu")
    if found.error is None or any(node.weighted for node in found.graph):
        return found.graph
    raise failure(found.error, found.layer, spec.at(resolution), found.graph) from found.error


@dataclass(frozen=True, slots=True)
class _Pass:
    """One forward pass: what was recorded, and in which layer it ended with which error.

    ``wants_values`` says that with values there would be more to know.
    """

    graph: Graph
    error: Exception | None
    layer: str
    wants_values: bool


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
        recorder = Recorder(*recorder_arguments(model, constructed, root))
        image = input_of(model, spec, resolution, device)
        recorder.add_input(image, spec.axes)
        try:
            with watched(recorder):
                result = model(image)
        except Exception as caught:
            error = caught
    layer = recorder.stack[-1].path
    outputs = recorder.outputs(result)
    graph = Graph(
        name,
        "torch",
        tuple(recorder.live_nodes(outputs)),
        outputs,
        tuple(resolution),
        _size(model),
        "" if error is None else f"{words(layer)}: {reason(error)}",
    )
    lint(graph)
    return _Pass(graph, error, layer, recorder.lacks_values or needs_values(error))


def input_of(
    model: nn.Module, spec: InputSpec, resolution: Sequence[int], device: str = "cpu"
) -> torch.Tensor:
    """A grey image in what the model computes in."""
    floating = (p.dtype for p in model.parameters() if p.is_floating_point())
    dtype = next(floating, torch.get_default_dtype())
    return torch.full(spec.at(resolution), 0.5, dtype=dtype, device=device)


def recorder_arguments(
    model: nn.Module, constructed: Constructed | None = None, root: str | None = None
) -> tuple[Operators, dict[int, Frame], dict[int, torch.Tensor], Callable[[str], bool]]:
    """What a recorder of ``model`` is made with, once its tensors are in place."""
    constructed = constructed or {}
    frames = {
        id(module): Frame(
            path, type(module).__name__, _is_atomic(module), 0, constructed.get(id(module), ())
        )
        for path, module in model.named_modules()
    }
    parameters: dict[int, torch.Tensor] = {id(one): one for one in model.parameters()}
    return _OPERATORS, frames, parameters, project_test(root)


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
