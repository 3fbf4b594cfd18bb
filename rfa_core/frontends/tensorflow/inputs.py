"""What a function of TensorFlow wants to be fed: from its signature, else from its weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import tensorflow as tf

from rfa_core.frontends.base import InputSpec, input_spec

_AXES = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
Sizes = Sequence["int | None"]
IMAGE = input_spec((1, "H", "W", 3), "an image of 3 channels is assumed")


def from_signature(shapes: Sequence[tuple[Sizes | None, bool]], origin: str) -> InputSpec | None:
    """One tensor per shape; ``True`` says that it holds whole numbers.

    Dimensions without a size are axes; of tensors that have none, those that a batch and channels
    leave. None if nothing is known of a shape, or no tensor has an axis.
    """
    if any(shape is None for shape, _ in shapes):
        return None
    named = [_named(shape or ()) for shape, _ in shapes]
    if not any(isinstance(size, str) for one in named for size in one):
        return None
    spec = input_spec(named, origin)
    return InputSpec(
        tuple(
            type(tensor)(tensor.sizes, tensor.axes, whole)
            for tensor, (_, whole) in zip(spec.tensors, shapes, strict=True)
        ),
        spec.axes,
        spec.origin,
    )


def sizes_of(shapes: Sequence[tuple[Sizes | None, bool]]) -> tuple[int, ...]:
    """The sizes that stand where axes are."""
    found: list[int] = []
    for shape, _ in shapes:
        named = _named(shape or ())
        pairs = zip(shape or (), named, strict=True)
        found += [size for size, name in pairs if isinstance(name, str) and size is not None]
    return tuple(found)


def _named(shape: Sizes) -> tuple[int | str, ...]:
    """The shape with a batch of 1 and names for axes: where sizes are open, else in the middle."""
    rank = len(shape)
    if rank < 2:
        return tuple(1 if size is None else size for size in shape)
    if rank == 2:
        return (1, "T") if shape[1] is None else (1, shape[1])
    places = [dim for dim in range(1, rank) if shape[dim] is None]
    if not places or len(places) != rank - 2:
        places = [*range(2, rank)] if _is_channels_first(shape) else [*range(1, rank - 1)]
    names = dict(zip(places, _AXES.get(len(places), ()), strict=False))
    return tuple(1 if dim == 0 else names.get(dim, shape[dim] or 1) for dim in range(rank))


def _is_channels_first(shape: Sizes) -> bool:
    first, last = shape[1], shape[-1]
    return first is not None and (last is None or first < min(4, last))


def from_variables(variables: Sequence[Any]) -> Iterator[InputSpec]:
    """What the first weights take that have the shape of a kernel, then images of 3 and of 1
    channel, then rows of features."""
    seen: set[tuple[int | str, ...]] = set()
    for variable in variables:
        shape = variable.shape.as_list()
        axes = _AXES.get(len(shape) - 2)
        if axes and all(shape) and max(shape[:-2]) <= 32:
            wanted = (1, *axes, shape[-2])
            if wanted not in seen:
                seen.add(wanted)
                yield input_spec(wanted, f"guessed from {variable.name.partition(':')[0]}")
    yield IMAGE
    yield input_spec((1, "H", "W", 1), "an image of 1 channel is assumed")
    for variable in variables:
        shape = variable.shape.as_list()
        if len(shape) == 2 and all(shape):
            name = variable.name.partition(":")[0]
            yield input_spec((1, "T", shape[0]), f"guessed from {name}")
            return


def tensor_specs(spec: InputSpec, resolution: Sequence[int]) -> list[Any]:
    """The specification of TensorFlow for every tensor of ``spec``."""
    kinds = [tf.int32 if tensor.indices else tf.float32 for tensor in spec.tensors]
    return [
        tf.TensorSpec(shape, kind) for shape, kind in zip(spec.at(resolution), kinds, strict=True)
    ]
