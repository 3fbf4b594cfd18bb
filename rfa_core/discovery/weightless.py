"""Building PyTorch models without their weights: nothing allocated, loaded or downloaded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from torch.nn.modules.module import register_module_parameter_registration_hook
from torch.utils.weak import WeakIdKeyDictionary

from rfa_core.discovery.stand_ins import no_network, nothing, randomness_kept, refused, swap


class _NoWeights(dict[str, Any]):
    """What loading yields: a checkpoint in which every key holds another empty one."""

    def __missing__(self, key: str) -> _NoWeights:
        return _NoWeights()


@contextmanager
def parameters_on_meta() -> Iterator[None]:
    """Each parameter goes to the meta device right after it was registered (this thread)."""
    moved = WeakIdKeyDictionary()
    owner = threading.get_ident()

    def move(_module: object, _name: str, parameter: torch.nn.Parameter | None) -> Any:
        if parameter is None or threading.get_ident() != owner:
            return None
        return to_meta(parameter, moved)

    handle = register_module_parameter_registration_hook(move)
    try:
        yield
    finally:
        handle.remove()


def to_meta(parameter: torch.nn.Parameter, moved: Any) -> torch.nn.Parameter:
    """The meta twin of ``parameter``, the same one each time (shared weights stay shared)."""
    if parameter.is_meta or torch.nn.parameter.is_lazy(parameter):
        return parameter
    if parameter not in moved:
        twin = parameter.detach().to("meta")
        moved[parameter] = torch.nn.Parameter(twin, requires_grad=parameter.requires_grad)
    found: torch.nn.Parameter = moved[parameter]
    return found


@contextmanager
def no_initialisers() -> Iterator[None]:
    """The functions of ``torch.nn.init`` return their tensor: as it is on meta, else zeroed.

    Zeroed, because a constructor that looks at its weights shall see the same each time.
    """
    with ExitStack() as stack:
        for name in dir(torch.nn.init):
            if name.endswith("_") and not name.startswith("_"):
                swap(stack, torch.nn.init, name, _zeroed)
        yield


@contextmanager
def no_weights() -> Iterator[None]:
    """Loading weights does nothing, the network is refused, devices are ignored."""
    with ExitStack() as stack:
        swap(stack, torch, "load", _nothing)
        swap(stack, torch.hub, "load_state_dict_from_url", _nothing)
        swap(stack, torch.hub, "download_url_to_file", nothing)
        swap(stack, torch.hub, "load", refused("torch.hub.load"))
        swap(stack, torch.nn.Module, "load_state_dict", _all_matched)
        for name in ("to", "cuda", "cpu"):
            swap(stack, torch.nn.Module, name, _itself)
        stack.enter_context(no_network())
        yield


@contextmanager
def state_kept() -> Iterator[None]:
    """The random states, the default type and the gradient mode are left as found."""
    drawn = torch.get_rng_state()
    dtype, gradients = torch.get_default_dtype(), torch.is_grad_enabled()
    with randomness_kept():
        try:
            yield
        finally:
            torch.set_rng_state(drawn)
            torch.set_default_dtype(dtype)
            torch.set_grad_enabled(gradients)


def _zeroed(tensor: torch.Tensor, *_args: Any, **_kwargs: Any) -> torch.Tensor:
    if not tensor.is_meta:
        tensor.detach().zero_()
    return tensor


def _itself(module: torch.nn.Module, *_args: Any, **_kwargs: Any) -> torch.nn.Module:
    return module


def _nothing(*_args: Any, **_kwargs: Any) -> _NoWeights:
    return _NoWeights()


def _all_matched(*_args: Any, **_kwargs: Any) -> Any:
    return torch.nn.modules.module._IncompatibleKeys([], [])
