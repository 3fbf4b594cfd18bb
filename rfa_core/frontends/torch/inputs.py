"""What a PyTorch model wants to be fed, guessed from its first layer."""

from __future__ import annotations

from typing import Any

from torch import nn

from rfa_core.frontends.base import InputSpec, input_spec

_AXES: dict[int, tuple[str, ...]] = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
_SIZE_NAMES = ("image_size", "img_size", "input_size", "input_resolution")


def guess_inputs(model: nn.Module) -> tuple[InputSpec, ...]:
    """Batch 1, and the channels and dimensionality of the first convolution, or of the first
    weight that has the shape of one; then an image of 3 channels, and of 1.
    """
    found = _first_convolution(model) or _first_kernel(model)
    channels, axes, origin = found or (3, 2, "an image of 3 channels is assumed")
    names = _AXES[axes]
    guesses = [input_spec((1, channels, *names), origin)]
    for other in (3, 1):
        if other != channels:
            assumed = f"{other} channels assumed, since {channels} do not run"
            guesses.append(input_spec((1, other, *names), assumed))
    return tuple(guesses)


def _first_convolution(model: nn.Module) -> tuple[int, int, str] | None:
    for path, module in model.named_modules():
        if isinstance(module, nn.modules.conv._ConvNd):
            origin = f"guessed from {path or type(module).__name__}"
            return module.in_channels or 3, len(module.kernel_size), origin
    return None


def _first_kernel(model: nn.Module) -> tuple[int, int, str] | None:
    for path, parameter in model.named_parameters():
        axes = parameter.dim() - 2
        if axes in _AXES and min(parameter.shape[2:]) < max(parameter.shape[:2]):
            return parameter.shape[1], axes, f"guessed from {path}"
    return None


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
