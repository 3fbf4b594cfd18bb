"""A plain model, how it is read, and all of a model that reading it could change."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable
from typing import Any

import pytest

import rfa_core as rfa

np = pytest.importorskip("numpy")
torch = pytest.importorskip("torch")
nn = torch.nn

Build = Callable[[], Any]
Layers = list[tuple[str, tuple[int, ...], tuple[int, ...], tuple[int, ...], bool]]


class Plain(nn.Module):
    """Two convolutions and what stands between them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, (3, 5), stride=(2, 1))
        self.norm = nn.BatchNorm2d(4)
        self.rest = nn.Sequential(nn.ReLU(), nn.Conv2d(4, 2, 3, padding=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.rest(self.norm(self.first(x)))


def layers(prefix: str = "") -> Layers:
    """The layers of the plain model: kernel, footprint at both ends, whether it is exact."""
    return [
        (f"{prefix}first", (3, 5), (1, 1), (3, 5), True),
        (f"{prefix}rest.1", (3, 3), (3, 5), (7, 7), True),
    ]


FOUND = layers()
ONE = FOUND[:1]


def built(build: Build) -> Any:
    """What ``build`` makes; PyTorch deprecates some of it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return build()


def scripted(build: Build) -> Any:
    """What ``build`` makes, in TorchScript.

    It knows its builtins by ``id`` alone, so now and then it takes a new object for one that is
    gone; while the first attempt lives, a second one has other objects.
    """
    model = build()
    try:
        return torch.jit.script(model)
    except RuntimeError:
        return torch.jit.script(build())


def judged(analysis: rfa.Analysis) -> Layers:
    return [
        (
            one.layer.name,
            one.layer.kernel,
            one.layer.input.min,
            one.layer.output.max,
            one.layer.exact,
        )
        for one in analysis.layers
        if one.layer.judgeable == "weights"
    ]


def snapshot(model: Any) -> dict[str, Any]:
    from torch.nn.modules import module as hooks

    every = list(model.named_modules())
    own = [one for one in (*model.parameters(), *model.buffers()) if not nn.parameter.is_lazy(one)]
    return {
        "memory": [one.data_ptr() for one in own if type(one.data) is torch.Tensor and one.is_cpu],
        "state": {name: described(value) for name, value in model.state_dict().items()},
        "attributes": {
            name: described(value)
            for path, module in every
            for name, value in vars(module).items()
            if type(value) is torch.Tensor
        },
        "training": {path: getattr(module, "training", None) for path, module in every},
        "modules": [id(module) for _, module in every],
        "hooks": [
            [list(value.items()) for name, value in vars(module).items() if "_hooks" in name]
            for _, module in every
        ],
        "global hooks": (len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)),
        "random": (
            torch.random.get_rng_state().tolist(),
            random.getstate(),
            np.random.get_state()[1].tolist(),
        ),
        "torch": (
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch._C._get_graph_executor_optimize(),
            {name: getattr(torch.Tensor, name) for name in ("numpy", "tolist")},
            dict(vars(torch.inference_mode)),
        ),
    }


def described(value: Any) -> Any:
    """A tensor in full; NaN equals itself in words."""
    if not isinstance(value, torch.Tensor):
        return str(value)
    if value.device.type != "cpu" or nn.parameter.is_lazy(value):
        return type(value), value.device, value.dtype
    numbers = value.dequantize() if value.is_quantized else value
    return value.dtype, value.requires_grad, str(numbers.tolist())


def read(build: Build) -> tuple[Layers, dict[str, Any], dict[str, Any]]:
    """The layers of what ``build`` makes, and all that reading could change, before and after."""
    model = built(build)
    before = snapshot(model)
    return judged(rfa.analyse(model, "48x64")), before, snapshot(model)
