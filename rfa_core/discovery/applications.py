"""The models of ``keras.applications``, built so that they take images of any size they can."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import keras

from rfa_core.libraries.keras_scope import counting_anew

NAMES = sorted(
    name
    for name, function in vars(keras.applications).items()
    if inspect.isfunction(function) and not name.startswith("_")
)
_SIZED = ("input_shape", "input_tensor")


def application(name: str) -> Callable[..., object]:
    """The function of ``keras.applications`` that builds ``name``.

    With a classifier Keras fixes the size of the input, although most of these networks pool
    over whatever is left. If the same layers come out for an input of free size, that model is
    returned; where they do not (a dense layer behind a map, shapes that are compared), the one
    of the fixed size.
    """
    function = getattr(keras.applications, name)

    @functools.wraps(function)
    def build(*args: Any, **kwargs: Any) -> object:
        with counting_anew():
            fixed = function(*args, **kwargs)
        if any(kwargs.get(key) is not None for key in _SIZED):
            return fixed
        try:
            with counting_anew():
                free = function(*args, **{**kwargs, "input_tensor": _any_size()})
        except (ValueError, TypeError):
            return fixed
        return free if _layers(free) == _layers(fixed) else fixed

    return build


def _any_size() -> Any:
    first = keras.config.image_data_format() == "channels_first"
    return keras.Input((3, None, None) if first else (None, None, 3))


def _layers(model: Any) -> list[tuple[str, list[tuple[int, ...]]]]:
    """Layers and the shapes of their weights; paddings may differ with the size."""
    return [
        (type(layer).__name__, [tuple(weight.shape) for weight in layer.weights])
        for layer in model.layers
    ]
