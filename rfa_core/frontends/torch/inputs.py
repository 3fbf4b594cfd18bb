"""What a PyTorch model wants to be fed, guessed from its first layer."""

from __future__ import annotations

from typing import Any

from torch import nn

from rfa_core.errors import TraceError
from rfa_core.frontends.base import InputSpec, input_spec

_AXES: dict[int, tuple[str, ...]] = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
_SIZE_NAMES = ("image_size", "img_size", "input_size", "input_resolution")


def guess_input(model: nn.Module, name: str) -> InputSpec:
    """Batch 1, the channels and the dimensionality of the first convolution.

    Raises TraceError if the model has no layer to guess from.
    """
    for path, module in model.named_modules():
        if isinstance(module, nn.modules.conv._ConvNd):
            shape: tuple[int | str, ...] = (
                1,
                module.in_channels or 3,
                *_AXES[len(module.kernel_size)],
            )
            return input_spec(shape, f"guessed from {path or type(module).__name__}")
    raise TraceError(
        f"{name} has no convolution to guess its input from",
        'give the shape: `input-shape = [1, 3, "H", "W"]` in its entry of `factories`',
    )


def sizes_named_by(model: nn.Module) -> tuple[int, ...]:
    """Input sizes in the attributes that vision models keep them in."""
    found: list[Any] = []
    for holder in (model, getattr(model, "patch_embed", None)):
        for name in _SIZE_NAMES:
            value = getattr(holder, name, None)
            found += [value] if isinstance(value, int) else list(value or ())[-1:]
    settings = getattr(model, "default_cfg", None) or getattr(model, "pretrained_cfg", None)
    if isinstance(settings, dict):
        found += list(settings.get("input_size") or ())[-1:]
    return tuple(size for size in found if isinstance(size, int) and not isinstance(size, bool))
