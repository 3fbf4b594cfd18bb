"""What a Keras model wants to be fed: what it declares, or what its first layers take."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import keras

from rfa_core.frontends.base import InputSpec, input_spec
from rfa_core.frontends.keras.trace import declared

Shape = tuple[int | str, ...]
Sizes = tuple[int | None, ...]
_AXES: dict[int, tuple[str, ...]] = {
    1: ("T",),
    2: ("H", "W"),
    3: ("D", "H", "W"),
    4: ("T", "D", "H", "W"),
}
_CLIP = ("T", "H", "W")


def guess_inputs(model: Any, given: InputSpec | None = None) -> tuple[InputSpec, ...]:
    """The inputs that the model declares, or was built with, in a batch of 1.

    Positions of maps and steps of sequences are axes. A model that declares none gets what its
    first convolution, embedding or recurrent layer takes; images of 3 channels and of 1. With
    ``given`` shapes only the way to pass them is guessed.
    """
    if given is not None:
        return tuple(replace(given, form=form) for form in _forms(model, len(given.tensors)))
    shapes = known_shapes(model)
    if shapes:
        layouts = _named(shapes, _is_channels_first(model), _has_frames(model))
        spec = input_spec(layouts, "as the model declares")
        return tuple(replace(spec, form=form) for form in _forms(model, len(shapes)))
    return tuple(
        _with_indices(input_spec(shape, origin), whole) for shape, origin, whole in _guessed(model)
    )


def sizes_named_by(model: Any) -> tuple[int | Sizes, ...]:
    """The sizes per axis that the declared inputs fix; None where one is free."""
    shapes = known_shapes(model)
    if not shapes:
        return ()
    found: dict[str, int | None] = {}
    layouts = _named(shapes, _is_channels_first(model), _has_frames(model))
    for layout, shape in zip(layouts, shapes, strict=True):
        for name, size in zip(layout, shape, strict=True):
            if isinstance(name, str):
                found[name] = found.get(name) or size
    sizes = tuple(found.values())
    return (sizes,) if any(sizes) else ()


def known_shapes(model: Any) -> list[Sizes]:
    """The shapes of the inputs, batch first, as declared or as built with."""
    inputs = declared(model)
    if inputs:
        return [tuple(one.shape) for one in inputs]
    built = getattr(model, "_build_shapes_dict", None) or {}
    shapes = list(built.values())
    if shapes and all(_is_shape(shape) for shape in shapes):
        return [tuple(shape) for shape in shapes]
    return []


def _is_shape(shape: Any) -> bool:
    return isinstance(shape, (tuple, list)) and all(
        size is None or isinstance(size, int) for size in shape
    )


def _named(shapes: Sequence[Sizes], channels_first: bool, frames: bool) -> list[Shape]:
    """Axes by name. Inputs of as many axes share them, unless both fix other sizes."""
    maps = any(len(shape) > 2 for shape in shapes)
    owners: list[tuple[tuple[str, ...], Sizes]] = []
    found: list[Shape] = []
    for shape in shapes:
        dims = _positions(len(shape), channels_first, frames, maps)
        sizes = tuple(shape[dim] for dim in dims)
        names = _AXES.get(len(dims), ()) if not (frames and len(dims) == 3) else _CLIP
        names = _shared(names, sizes, owners)
        layout: list[int | str] = [size or 1 for size in shape]
        for dim, name in zip(dims, names, strict=True):
            layout[dim] = name
        found.append(tuple(layout))
    return found


def _positions(rank: int, channels_first: bool, frames: bool, maps: bool) -> tuple[int, ...]:
    """Which dimensions are positions: all but the batch and the channels."""
    if rank <= 2:
        return (1,) if rank == 2 and not maps else ()
    if frames and channels_first and rank == 5:
        return (1, 3, 4)
    return tuple(range(2, rank)) if channels_first and rank > 3 else tuple(range(1, rank - 1))


def _shared(
    names: tuple[str, ...], sizes: Sizes, owners: list[tuple[tuple[str, ...], Sizes]]
) -> tuple[str, ...]:
    for own, known in owners:
        fits = zip(known, sizes, strict=False)
        if len(known) == len(sizes) and all(a == b or None in (a, b) for a, b in fits):
            return own
    taken = sum(len(known) == len(sizes) for _, known in owners)
    own = names if not taken else tuple(f"{name}{taken + 1}" for name in names)
    owners.append((own, sizes))
    return own


def _forms(model: Any, count: int) -> tuple[str, ...]:
    """How ``count`` tensors may be passed to ``call``, the most likely first."""
    if count == 1 or declared(model):
        return ("arguments",)
    parameters = [
        one
        for name, one in inspect.signature(model.call).parameters.items()
        if one.default is one.empty and name not in ("training", "mask")
    ]
    return ("list", "arguments") if len(parameters) == 1 else ("arguments", "list")


def _layers(model: Any) -> list[Any]:
    return list(model._flatten_layers())


def _is_channels_first(model: Any) -> bool:
    """What the layers say, or Keras is set to."""
    said = (getattr(layer, "data_format", None) for layer in _layers(model))
    return bool(next(filter(None, said), keras.config.image_data_format()) == "channels_first")


def _has_frames(model: Any) -> bool:
    """Whether the first layer that says so takes a map per step of time."""
    kinds = (keras.layers.TimeDistributed, keras.layers.ConvLSTM2D)
    deep = (keras.layers.Conv3D, keras.layers.MaxPooling3D, keras.layers.AveragePooling3D)
    for layer in _layers(model):
        if isinstance(layer, (*kinds, *deep)):
            return isinstance(layer, kinds)
    return False


def _with_indices(spec: InputSpec, whole: bool) -> InputSpec:
    if not whole:
        return spec
    return replace(spec, tensors=tuple(replace(one, indices=True) for one in spec.tensors))


def _guessed(model: Any) -> Iterator[tuple[Shape, str, bool]]:
    """Shapes, where they come from, and whether they hold whole numbers."""
    found = next((layer for layer in _layers(model) if _takes(layer)), None)
    axes: tuple[str, ...] = ("H", "W")
    first = _is_channels_first(model)
    if found is not None:
        shape, whole = _takes(found)
        if whole or len(shape) == 3:
            yield shape, f"guessed from {found.name}", whole
        axes = tuple(name for name in shape if isinstance(name, str))
        known = _channels(found)
        if known:
            yield _map(axes, known, first), f"guessed from {found.name}", False
    for channels, words in ((3, "an image of 3 channels"), (1, "an image of 1 channel")):
        yield _map(axes, channels, first), f"{words} is assumed", False
    yield (1, "T"), "a sequence of numbers is assumed", False


def _takes(layer: Any) -> Any:
    """The shape that a layer wants, if its kind says so, and whether of whole numbers."""
    if isinstance(layer, keras.layers.Embedding):
        return (1, "T"), True
    if isinstance(layer, keras.layers.RNN) and not hasattr(layer, "rank"):
        return (1, "T", _width(layer)), False
    kernel = getattr(layer, "kernel_size", None)
    if isinstance(kernel, tuple) and len(kernel) in (1, 2, 3):
        return _map(_AXES[len(kernel)], _channels(layer) or 3, False), False
    return None


def _map(axes: tuple[str, ...], channels: int, channels_first: bool) -> Shape:
    return (1, channels, *axes) if channels_first else (1, *axes, channels)


def _channels(layer: Any) -> int | None:
    """How many channels a layer was built for."""
    spec = getattr(layer, "input_spec", None)
    sizes = getattr(spec, "axes", None) or {}
    return next((int(size) for size in sizes.values() if size), None)


def _width(layer: Any) -> int:
    return _channels(layer) or 1
