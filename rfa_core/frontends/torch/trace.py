"""One forward pass of a model, recorded as a graph."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn
from torch.jit import ScriptModule

from rfa_core.frontends.base import Constructed, ForwardError, InputSpec
from rfa_core.frontends.places import Place
from rfa_core.frontends.sources import project_test
from rfa_core.frontends.torch import operators as operators  # registers the translations
from rfa_core.frontends.torch.calls import Frame
from rfa_core.frontends.torch.described import description_of, whole_modules
from rfa_core.frontends.torch.exported.program import Part, Program
from rfa_core.frontends.torch.failures import (
    DataDecideError,
    cause,
    failure,
    needs_values,
    place_of,
    reason,
)
from rfa_core.frontends.torch.feeding import call, made
from rfa_core.frontends.torch.recorder import Recorder
from rfa_core.frontends.torch.registry import Operators
from rfa_core.frontends.torch.state import (
    tensors_swapped,
    untouched,
    watched,
    without_lazy_parameters,
)
from rfa_core.frontends.torch.stops import emptied, modules_missed, stopped
from rfa_core.frontends.torch.wrappers import named, type_of, unwrapped
from rfa_core.graph.lint import lint
from rfa_core.graph.model import Graph, ModuleClass

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
    """The graph of one forward pass on ``spec`` at ``resolution`` (pixels per axis).

    Runs on the meta device: no arithmetic, no weights. Where the forward pass needs values
    it runs once more on the CPU; where it fails late for want of values, what was recorded
    is kept and ``Graph.stopped`` says where it ended. Raises ForwardError otherwise.
    """
    model, lines = without_lazy_parameters(unwrapped(model), constructed or {})
    size = _size(model)
    with untouched(model):
        found = _record(model, spec, resolution, name, lines, root, "meta")
    if found.wants_values and size <= LARGEST_ON_CPU and not found.is_enough:
        with untouched(model):
            again = _record(model, spec, resolution, name, lines, root, "cpu")
        reached_more = len(again.graph) >= len(found.graph)
        if again.error is None or (found.error is not None and reached_more):
            found = again
    if found.error is None or (found.wants_values and any(node.weighted for node in found.graph)):
        return found.graph
    raise _failed(found, spec, resolution) from found.error


def trace_with_values(
    model: nn.Module, spec: InputSpec, resolution: Sequence[int], name: str
) -> Graph:
    """The graph of one forward pass on the CPU, with numbers in place of weights.

    Raises ForwardError if the pass fails before any layer with weights.
    """
    model, lines = without_lazy_parameters(unwrapped(model), {})
    with untouched(model):
        found = _record(model, spec, resolution, name, lines, None, "cpu")
    if found.error is None or any(node.weighted for node in found.graph):
        return found.graph
    raise _failed(found, spec, resolution) from found.error


@dataclass(frozen=True, slots=True)
class _Pass:
    """One forward pass: what was recorded, and where it ended with which error.

    ``wants_values`` says that with values there would be more to know; ``missed`` names the
    outermost modules with parameters that it did not come to.
    """

    graph: Graph
    error: Exception | None
    why: str
    place: Place
    wants_values: bool
    missed: tuple[str, ...]

    @property
    def is_enough(self) -> bool:
        """Whether all layers ran before an operation whose result data decide, or too many to
        run them again for what comes after it."""
        if not isinstance(self.error, DataDecideError):
            return False
        return not self.missed or sum(node.macs for node in self.graph) > MOST_MACS_ON_CPU


def _failed(found: _Pass, spec: InputSpec, resolution: Sequence[int]) -> ForwardError:
    assert found.error is not None
    return failure(found.error, found.why, found.place, spec.words(resolution), found.graph)


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
        tensors = made(spec, resolution, model, device)
        for tensor, one in zip(tensors, spec.tensors, strict=True):
            recorder.add_input(tensor, one.axes)
        try:
            with whole_modules(model, recorder), watched(recorder):
                result = call(model, spec.form, tensors)
        except Exception as caught:
            error = caught
    place = place_of(error, recorder.stack[-1].path, root)
    why = "" if error is None else reason(cause(error, recorder.failed))
    outputs = recorder.outputs(result)
    missed = () if error is None else modules_missed(model, recorder.called)
    graph = Graph(
        name,
        "torch",
        tuple(recorder.live_nodes(outputs)),
        outputs,
        tuple(resolution),
        _size(model),
        stopped(f"{place}: {why}", missed) if why else emptied(recorder.nodes),
        "" if recorder.reads is None else str(Place(*recorder.reads, root)),
        _classes(model),
    )
    lint(graph)
    wants_values = error is not None and needs_values(cause(error, recorder.failed))
    return _Pass(graph, error, why, place, recorder.lacks_values or wants_values, missed)


def _classes(model: nn.Module) -> tuple[ModuleClass, ...]:
    """Those of the modules that hold others."""
    return tuple(
        ModuleClass(path, type(module).__name__)
        for path, module in model.named_modules()
        if list(module.children())
    )


def recorder_arguments(
    model: nn.Module, constructed: Constructed | None = None, root: str | None = None
) -> tuple[Any, ...]:
    """What a recorder of ``model`` is made with, once its tensors are in place."""
    constructed = constructed or {}
    modules = list(named(model))
    frames = {
        id(module): Frame(
            path, type_of(module), _is_atomic(module), 0, constructed.get(id(module), ())
        )
        for path, module in modules
    }
    parameters = {id(parameter): parameter for parameter in model.parameters()}
    owners = {
        id(parameter): Frame(path, type_of(module), atomic=True)
        for path, module in modules
        if isinstance(module, ScriptModule)
        for parameter in module.parameters(recurse=False)
    }
    lines = (lambda: model.lines) if isinstance(model, Program) else None
    return _OPERATORS, frames, parameters, project_test(root), owners, lines


def _is_atomic(module: nn.Module) -> bool:
    """A layer of the framework (or a subclass of one) without layers inside, or a plugin's."""
    if description_of(type(module)) is not None:
        return True
    if any(name != "parametrizations" for name, _ in module.named_children()):
        return False
    if isinstance(module, Part):
        return _is_library(module.home.rpartition(".")[0])
    return any(
        _is_library(base.__module__) and base is not nn.Module for base in type(module).__mro__
    )


def _is_library(home: str) -> bool:
    """Whether the framework's own layers are defined in the module ``home``."""
    return home.startswith(("torch.nn.", "torch.ao.nn.", "torchvision.ops.")) and not home.endswith(
        ".container"
    )


def _size(model: nn.Module) -> int:
    return sum(
        parameter.numel()
        for parameter in model.parameters()
        if not isinstance(parameter, nn.parameter.UninitializedParameter)
    )
