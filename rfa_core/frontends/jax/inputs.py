"""What a JAX model wants to be fed, guessed from its convolutions."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from rfa_core.frontends.base import InputSpec, input_spec
from rfa_core.frontends.jax.models import Function, Linen, Model, Nnx, adapted
from rfa_core.frontends.jax.scopes import Scopes
from rfa_core.frontends.jax.trace import abstract

Shape = tuple[int | str, ...]

_AXES: dict[int, tuple[str, ...]] = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
_SIZE_NAMES = ("image_size", "img_size", "input_size", "input_resolution")
_IMAGE_CHANNELS = (3, 1)
_FIRST_LOOK = 64


def guess_inputs(model: object, given: InputSpec | None = None) -> tuple[InputSpec, ...]:
    """One array in a batch of 1, channels last.

    With the channels and dimensionality of the convolutions of an NNX model, those that images
    have first; those of Linen and of functions do not say: 3 channels, then 1, with as many axes
    as the first kernel has. Then sequences, whole numbers, channels first, and no batch. With
    ``given`` shapes, one by one or in a list.
    """
    one = adapted(model)
    if given is not None:
        return given, replace(given, form="list")
    shapes: dict[Shape, str] = {}
    for shape, origin in _shapes(one):
        shapes.setdefault(shape, origin)
    specs = [input_spec(shape, origin) for shape, origin in shapes.items()]
    tokens = input_spec((1, "T"), "a sequence of whole numbers is assumed")
    whole = tuple(replace(tensor, indices=True) for tensor in tokens.tensors)
    return (*specs, replace(tokens, tensors=whole))


def sizes_named_by(model: object) -> tuple[int, ...]:
    """Input sizes in the attributes that vision models keep them in."""
    holder = getattr(adapted(model), "model", None)
    found: list[Any] = []
    for name in _SIZE_NAMES:
        value = getattr(holder, name, None)
        found += [value] if isinstance(value, int) else list(value or ())[-1:]
    return tuple(size for size in found if isinstance(size, int) and not isinstance(size, bool))


def _shapes(model: Model) -> Iterator[tuple[Shape, str]]:
    if isinstance(model, Nnx):
        yield from _convolutions(model)
        rank = next((len(shape) - 2 for shape, _ in _convolutions(model)), 2)
    else:
        rank = _kernel_rank(model)
    axes = _AXES.get(rank, _AXES[2])
    for channels in _IMAGE_CHANNELS:
        yield (
            (1, *axes, channels),
            f"an image of {channels} channel{'s'[: channels > 1]} is assumed",
        )
    if isinstance(model, Nnx):
        yield from _features(model)
    if isinstance(model, Function):
        for channels in _IMAGE_CHANNELS:
            yield (
                (1, channels, *axes),
                f"an image of {channels} channels that come first is assumed",
            )
            yield (*axes, channels), f"an image of {channels} channels without a batch is assumed"
            yield (channels, *axes), "channels that come first, without a batch, are assumed"
        yield axes, "an array without channels is assumed"


def _convolutions(model: Nnx) -> list[tuple[Shape, str]]:
    """The inputs of the convolutions, those of images first: their order is not kept."""
    found: list[tuple[Shape, str]] = []
    for path, module in _modules(model):
        kernel, channels = (getattr(module, name, None) for name in ("kernel_size", "in_features"))
        rank = len(kernel) if isinstance(kernel, (tuple, list)) else 1
        if kernel is not None and isinstance(channels, int) and rank in _AXES:
            found.append(((1, *_AXES[rank], channels), f"guessed from {path}"))
    likely = {channels: place for place, channels in enumerate((*_IMAGE_CHANNELS, 2, 4))}
    return sorted(found, key=lambda one: likely.get(one[0][-1], len(likely)))  # type: ignore[arg-type]


def _features(model: Nnx) -> Iterator[tuple[Shape, str]]:
    for path, module in _modules(model):
        features = getattr(module, "in_features", None)
        if isinstance(features, int):
            yield (1, "T", features), f"guessed from {path}"


def _modules(model: Nnx) -> list[tuple[str, Any]]:
    from flax import nnx

    found = ((".".join(map(str, path)), one) for path, one in nnx.iter_graph(model.model))
    return [(path or model.title, one) for path, one in found if isinstance(one, nnx.Module)]


def _kernel_rank(model: Model) -> int:
    """The axes of the first kernel that is met on a first look at an image."""
    for axes in (2, 1, 3):
        for channels in _IMAGE_CHANNELS:
            shape: Shape = (1, *_AXES[axes], channels)
            found = _kernels(model, input_spec(shape, ""), (_FIRST_LOOK,) * axes)
            if found:
                return len(found[0])
    return 2


def _kernels(model: Model, spec: InputSpec, sizes: Sequence[int]) -> list[tuple[int, ...]]:
    """The kernels that a model is known to apply, even if it fails later."""
    scopes = Scopes()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            staged = model.staged(abstract(spec, sizes), scopes)
    except Exception:
        return scopes.kernels
    if isinstance(model, Linen):
        return scopes.kernels
    return [
        eqn.params["rhs_dilation"]
        for eqn in staged.jaxpr.jaxpr.eqns
        if eqn.primitive.name == "conv_general_dilated"
    ]
