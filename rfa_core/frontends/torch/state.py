"""Leaving everything as it was found: modules, modes, hooks, random state, parameters."""

from __future__ import annotations

import random
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from inspect import signature
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules import module as hooks

from rfa_core.frontends.base import Constructed
from rfa_core.frontends.torch.recorder import Recorder

_Contents = tuple[Any, Any]


def without_lazy_parameters(
    model: nn.Module, constructed: Constructed
) -> tuple[nn.Module, Constructed]:
    """The model, or a copy of it if its first forward pass would give parameters a shape."""
    if not any(map(nn.parameter.is_lazy, model.parameters())):
        return model, constructed
    other = deepcopy(model)
    pairs = zip(model.modules(), other.modules(), strict=True)
    return other, {id(twin): constructed.get(id(module), ()) for module, twin in pairs}


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Evaluation mode and no gradients inside; every module's attributes, also lists and
    dictionaries among them, and PyTorch's global state are restored."""
    saved = [(module.__dict__, _contents(module.__dict__)) for module in model.modules()]
    training = [(module, module.training) for module in _scripted(model)]
    with ExitStack() as stack:
        _global_state(stack)
        stack.callback(_restore, saved)
        stack.callback(_restore_training, training)
        for module in model.modules():
            module.training = False
            if isinstance(module, nn.DataParallel):
                module.device_ids = []
        stack.enter_context(torch.inference_mode(False))
        stack.enter_context(torch.no_grad())
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        yield


@contextmanager
def watched(recorder: Recorder) -> Iterator[None]:
    """The recorder as dispatch mode and behind every module's forward.

    ``inference_mode`` does nothing inside: it would hide what a view is a view of.
    """
    with ExitStack() as stack:
        before = hooks.register_module_forward_pre_hook(recorder.enter)
        stack.callback(before.remove)
        after = hooks.register_module_forward_hook(recorder.leave)
        stack.callback(after.remove)
        stack.enter_context(replaced(torch.inference_mode, "__enter__", lambda _mode: None))
        stack.enter_context(replaced(torch.inference_mode, "__exit__", lambda *_: None))
        stack.enter_context(replaced(nn.RNNBase, "__call__", _in_places))
        stack.enter_context(replaced(Tensor, "tolist", _listed(recorder)))
        stack.enter_context(replaced(Tensor, "numpy", _left(recorder)))
        stack.enter_context(recorder)
        yield


@contextmanager
def replaced(owner: type, name: str, function: Callable[..., Any]) -> Iterator[None]:
    """``owner.name`` is ``function`` while inside; inherited before, it is inherited again."""
    own = owner.__dict__.get(name)
    setattr(owner, name, function)
    try:
        yield
    finally:
        if own is None:
            delattr(owner, name)
        else:
            setattr(owner, name, own)


def _in_places(module: nn.RNNBase, *args: Any, **options: Any) -> Any:
    """A call with its arguments by place, even if it names them: hooks see no others."""
    given = signature(module.forward).bind(*args, **options)
    return nn.Module.__call__(module, *given.args, **given.kwargs)


def _listed(recorder: Recorder) -> Callable[[Tensor], Any]:
    """``tolist`` reads memory, of which a dispatch mode sees nothing."""
    original = Tensor.tolist

    def tolist(tensor: Tensor) -> Any:
        values = original(tensor)
        if recorder.is_live(tensor):
            recorder.read()
        return values

    return tolist


def _left(recorder: Recorder) -> Callable[..., Any]:
    """``numpy``, too; and what comes back from there would pass for a constant."""
    original = Tensor.numpy

    def numpy(tensor: Tensor, **options: Any) -> Any:
        if recorder.is_live(tensor):
            raise TypeError(
                "values that depend on the input are converted to NumPy, where they cannot be "
                "followed"
            )
        return original(tensor, **options)

    return numpy


@contextmanager
def tensors_swapped(model: nn.Module, device: str) -> Iterator[None]:
    """Parameters and buffers replaced while inside, each tensor once.

    On ``meta`` floating-point and complex ones become shapes without memory; on ``cpu`` those
    that have no values get small ones. Tensors that keep their values are copies on the CPU,
    and so are those in plain attributes. The module's own are put back, also after an error.
    """
    made: dict[int, Tensor] = {}
    saved: list[tuple[dict[str, Any], dict[str, Any]]] = []
    try:
        for module in model.modules():
            for own in _tensors_of(module):
                saved.append((own, dict(own)))
                for name, tensor in dict(own).items():
                    own[name] = _swapped(tensor, device, made)
            plain = {name: one for name, one in module.__dict__.items() if type(one) is Tensor}
            saved.append((module.__dict__, plain))
            module.__dict__.update({name: _copy(one) for name, one in plain.items()})
            if isinstance(module, nn.RNNBase):
                module._flat_weights = [getattr(module, key) for key in module._flat_weights_names]
        yield
    finally:
        for own, tensors in saved:
            for name, tensor in tensors.items():
                own[name] = tensor


def seed() -> None:
    """Random numbers that are the same in every pass; ``untouched`` restores the generators."""
    torch.default_generator.manual_seed(0)
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)


def _tensors_of(module: nn.Module) -> tuple[dict[str, Any], dict[str, Any]]:
    return module._parameters, module._buffers


def _swapped(tensor: Tensor | None, device: str, made: dict[int, Tensor]) -> Tensor | None:
    if tensor is None or nn.parameter.is_lazy(tensor):
        return tensor
    if id(tensor) not in made:
        made[id(tensor)] = _twin(tensor, device)
    return made[id(tensor)]


def _twin(tensor: Tensor, device: str) -> Tensor:
    """What stands in for ``tensor``; scalars and whole numbers are there to be read, so they
    keep their values on ``meta``, too."""
    numbers = tensor.is_floating_point() or tensor.is_complex()
    keeps = not numbers or not tensor.dim() or device == "cpu"
    if keeps and not tensor.is_meta:
        twin = _copy(tensor)
    elif tensor.is_meta and (device == "meta" or not numbers):
        return tensor
    else:
        twin = torch.empty(tensor.shape, dtype=tensor.dtype, device=device)
        if device == "cpu":
            twin.copy_(torch.empty(tensor.shape).uniform_(0.01, 0.02))
    if isinstance(tensor, nn.Parameter):
        return nn.Parameter(twin, requires_grad=tensor.requires_grad)
    return twin


def _copy(tensor: Tensor) -> Tensor:
    """A copy on the CPU, where the image is; without memory there is nothing to copy."""
    return tensor if tensor.is_meta else tensor.detach().to("cpu", copy=True)


def _scripted(model: nn.Module) -> list[torch.jit.ScriptModule]:
    """The modules that keep their mode in TorchScript; frozen ones have none."""
    scripted = (one for one in model.modules() if isinstance(one, torch.jit.ScriptModule))
    return [module for module in scripted if hasattr(module, "training")]


def _restore_training(saved: list[tuple[torch.jit.ScriptModule, bool]]) -> None:
    for module, training in saved:
        module.training = training


def _global_state(stack: ExitStack) -> None:
    stack.callback(torch.set_default_dtype, torch.get_default_dtype())
    stack.callback(torch.random.set_rng_state, torch.random.get_rng_state())
    stack.callback(random.setstate, random.getstate())
    if "numpy" in sys.modules:
        generator = sys.modules["numpy"].random
        stack.callback(generator.set_state, generator.get_state())
    stack.callback(
        torch.backends.mha.set_fastpath_enabled, torch.backends.mha.get_fastpath_enabled()
    )
    torch.backends.mha.set_fastpath_enabled(False)
    seed()
    stack.enter_context(torch.jit.optimized_execution(False))  # type: ignore[attr-defined]
    stance = getattr(torch.compiler, "set_stance", None) if "torch._dynamo" in sys.modules else None
    if stance is not None:
        stack.enter_context(stance("force_eager"))


_HOOKS = frozenset(nn.Module().__dict__) - {"_parameters", "_buffers", "_modules"}


def _contents(own: dict[str, Any]) -> tuple[dict[str, Any], list[_Contents]]:
    """The attributes, and of lists and dictionaries among them what they hold."""
    containers = [
        value
        for name, value in own.items()
        if isinstance(value, (dict, list)) and name not in _HOOKS
    ]
    return dict(own), [
        (value, (dict if isinstance(value, dict) else list)(value)) for value in containers
    ]


def _restore(saved: list[tuple[dict[str, Any], tuple[dict[str, Any], list[_Contents]]]]) -> None:
    for own, (attributes, containers) in saved:
        own.clear()
        own.update(attributes)
        for value, content in containers:
            if isinstance(value, list):
                value[:] = content
            else:
                value.clear()
                value.update(content)
