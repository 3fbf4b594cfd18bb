"""One forward pass of a model, recorded as a graph."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

import torch
from torch import nn

from rfa_core.frontends.base import Constructed, ForwardError, InputSpec
from rfa_core.frontends.torch import operators as operators  # registers the translations
from rfa_core.frontends.torch.recorder import Frame, Recorder
from rfa_core.frontends.torch.registry import Operators
from rfa_core.frontends.torch.state import tensors_swapped, untouched, watched
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
    with untouched(model):
        graph, error, recorder = _record(model, spec, resolution, name, constructed, root, "meta")
        if error is None:
            return graph
        if _needs_values(error) and _size(model) <= LARGEST_ON_CPU:
            again = _record(model, spec, resolution, name, constructed, root, "cpu")
            if again[1] is None:
                return again[0]
        if _needs_values(error) and any(node.weighted for node in graph):
            return graph
    raise _failure(error, recorder, name, spec.at(resolution)) from error


def _record(
    model: nn.Module,
    spec: InputSpec,
    resolution: Sequence[int],
    name: str,
    constructed: Constructed | None,
    root: str | None,
    device: str,
) -> tuple[Graph, Exception | None, Recorder]:
    error: Exception | None = None
    with tensors_swapped(model, device):
        recorder = _recorder(model, constructed or {}, root)
        image = torch.zeros(spec.at(resolution), device=device)
        recorder.add_input(image, spec.axes)
        try:
            with watched(recorder):
                model(image)
        except Exception as caught:
            error = caught
    stopped = "" if error is None else f"{_place(recorder)}: {_reason(error)}"
    graph = Graph(
        name,
        "torch",
        tuple(recorder.live_nodes()),
        (recorder.nodes[-1].name,),
        tuple(resolution),
        _size(model),
        stopped,
    )
    lint(graph)
    return graph, error, recorder


def _recorder(model: nn.Module, constructed: Constructed, root: str | None) -> Recorder:
    frames = {
        id(module): Frame(
            path, type(module).__name__, _is_atomic(module), 0, constructed.get(id(module), ())
        )
        for path, module in model.named_modules()
    }
    sizes = {id(parameter): parameter.numel() for parameter in model.parameters()}
    return Recorder(_OPERATORS, frames, sizes, project_test(root))


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


@lru_cache(maxsize=8)
def project_test(root: str | None) -> Callable[[str], bool]:
    """Whether a file name is source of the project below ``root`` (absolute)."""
    if root is None:
        return lambda _file: False
    home = str(Path(root)) + "/"
    libraries = tuple({sysconfig.get_path(key) + "/" for key in ("stdlib", "purelib", "platlib")})

    @lru_cache(maxsize=4096)
    def is_project(file: str) -> bool:
        if file.startswith(libraries) or "/site-packages/" in file:
            return False
        return file.startswith(home) and not file.startswith("<")

    return is_project


def _size(model: nn.Module) -> int:
    return sum(
        parameter.numel()
        for parameter in model.parameters()
        if not isinstance(parameter, nn.parameter.UninitializedParameter)
    )


def _needs_values(error: BaseException) -> bool:
    """Whether the forward pass failed because the meta device has no values."""
    text = str(error).lower()
    return any(sign in text for sign in _VALUE_SIGNS)


_VALUE_SIGNS = (
    "meta tensor",
    "'meta' backend",
    "device meta",
    "meta device",
    "on meta",
    "expected all tensors to be on the same device",
    "data-dependent",
    "aten::nonzero",
    "item()",
    "unbacked",
    "cannot be converted to numpy",
    "can't convert meta",
)


def _failure(
    error: BaseException, recorder: Recorder, name: str, shape: Sequence[int]
) -> ForwardError:
    details = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    place = _place(recorder)
    reason = _reason(error)
    return ForwardError(
        f"{name}: the forward pass on {list(shape)} fails in {place}: {reason}",
        "if the input is of another shape, give it as `input-shape` in its entry of `factories`",
        place,
        reason,
        details,
    )


def _place(recorder: Recorder) -> str:
    frame = recorder.stack[-1]
    return frame.path or "the model's own forward"


def _reason(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}" if lines else type(error).__name__
