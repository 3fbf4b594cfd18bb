"""The builder of PyTorch models: parameters on the meta device, buffers kept usable."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import torch
from torch.utils.weak import WeakIdKeyDictionary

from rfa_core.discovery.construction import Stack, recording
from rfa_core.discovery.failures import no_model
from rfa_core.discovery.stand_ins import either_way
from rfa_core.discovery.weightless import (
    no_initialisers,
    no_weights,
    parameters_on_meta,
    state_kept,
    to_meta,
)

Result = tuple[torch.nn.Module, Mapping[int, Stack], tuple[str, ...]]


def build_torch(call: Callable[[], object], name: str, root: str) -> Result:
    """Run ``call``; returns the model, its construction lines and notes.

    Parameters go to the meta device as they are registered. If the constructor needs their
    values, it runs a second time on the CPU, with initialisers that only zero, and the parameters
    move afterwards. Floating-point buffers move too; integer, boolean and scalar ones stay
    on the CPU, because forward passes read their values (indices, sizes). Raises
    FailedBuildError when ``call`` returns no model, and whatever ``call`` raises.
    """
    (made, stacks), notes = either_way(
        lambda on_meta: _run(call, root, on_meta=on_meta),
        "built on the CPU, since the meta device refused",
    )
    model = _unwrapped(_model(made, name))
    _move(model)
    lines = {id(module): stacks[id(module)] for module in model.modules() if id(module) in stacks}
    return model, lines, notes


def _run(
    call: Callable[[], object], root: str, *, on_meta: bool
) -> tuple[object, Mapping[int, Stack]]:
    with ExitStack() as stack:
        stack.enter_context(state_kept())
        stack.enter_context(no_weights())
        stack.enter_context(no_initialisers())
        if on_meta:
            stack.enter_context(parameters_on_meta())
        stacks = stack.enter_context(recording(torch.nn.Module, root, _call.__code__))
        return _call(call), stacks


def _call(call: Callable[[], object]) -> object:
    return call()


def _model(made: object, name: str) -> torch.nn.Module:
    if isinstance(made, torch.nn.Module):
        return made
    raise no_model(name, made, "a factory has to return one torch.nn.Module")


def _unwrapped(model: torch.nn.Module) -> torch.nn.Module:
    """The model inside ``torch.compile`` or a data-parallel wrapper."""
    parallel = (torch.nn.DataParallel, torch.nn.parallel.DistributedDataParallel)
    inner = model.module if isinstance(model, parallel) else getattr(model, "_orig_mod", None)
    return _unwrapped(inner) if isinstance(inner, torch.nn.Module) else model


def _move(model: torch.nn.Module) -> None:
    moved = WeakIdKeyDictionary()
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                module._parameters[name] = to_meta(parameter, moved)
        for name, buffer in module._buffers.items():
            if buffer is not None and buffer.dim() and buffer.is_floating_point():
                module._buffers[name] = buffer.to("meta")
        if isinstance(module, torch.nn.RNNBase):
            module._flat_weights = [getattr(module, key) for key in module._flat_weights_names]
