"""Leaving everything as it was found: modes, hooks, random state, parameters."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as hooks

from rfa_core.frontends.torch.recorder import Recorder


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Evaluation mode and no gradients inside; every flag and the random state restored."""
    flags = [(module, module.training) for module in model.modules()]
    random = torch.random.get_rng_state()
    try:
        for module, _ in flags:
            module.training = False
        with torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for module, training in flags:
            module.training = training
        torch.random.set_rng_state(random)


@contextmanager
def watched(recorder: Recorder) -> Iterator[None]:
    """The recorder as dispatch mode and behind every module's forward."""
    with ExitStack() as stack:
        before = hooks.register_module_forward_pre_hook(recorder.enter)
        stack.callback(before.remove)
        after = hooks.register_module_forward_hook(recorder.leave)
        stack.callback(after.remove)
        stack.enter_context(recorder)
        yield


@contextmanager
def tensors_swapped(model: nn.Module, device: str) -> Iterator[None]:
    """Parameters and floating-point buffers replaced while inside, each tensor once.

    On ``meta`` they become shapes without memory; on ``cpu`` those that have no values get
    small ones. The module's own tensors are put back, also after an error.
    """
    made: dict[int, Tensor] = {}
    saved: list[tuple[dict[str, Any], dict[str, Any]]] = []
    try:
        for module in model.modules():
            for own in _own_tensors(module):
                saved.append((own, dict(own)))
                for name, tensor in own.items():
                    own[name] = _swapped(tensor, device, made)
        yield
    finally:
        for own, tensors in saved:
            own.update(tensors)


def _own_tensors(module: nn.Module) -> tuple[dict[str, Any], dict[str, Any]]:
    return module._parameters, module._buffers


def _swapped(tensor: Tensor | None, device: str, made: dict[int, Tensor]) -> Tensor | None:
    if tensor is None or tensor.device.type == device or not tensor.is_floating_point():
        return tensor
    if isinstance(tensor, nn.parameter.UninitializedParameter) or not tensor.dim():
        return tensor
    if device == "cpu" and not tensor.is_meta:
        return tensor
    twin = made.get(id(tensor))
    if twin is None:
        twin = torch.empty_like(tensor, device=device)
        if device == "cpu":
            twin.uniform_(0.01, 0.02)
        if isinstance(tensor, nn.Parameter):
            twin = nn.Parameter(twin, requires_grad=tensor.requires_grad)
        made[id(tensor)] = twin
    return twin
