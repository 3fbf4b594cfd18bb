"""The builder of Keras models: variables are declared, never initialised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
from keras.src.utils import file_utils

from rfa_core.discovery.construction import Stack, recording
from rfa_core.discovery.failures import no_model
from rfa_core.discovery.stand_ins import either_way, no_network, no_values, randomness_kept
from rfa_core.libraries.keras_scope import counting_anew, weightless

Result = tuple[Any, Mapping[int, Stack], tuple[str, ...]]


def build_keras(call: Callable[[], object], name: str, root: str) -> Result:
    """Run ``call``; returns the model, its construction lines and notes.

    Layers that have no name are numbered from the beginning. Weights are neither initialised
    nor loaded. If the constructor needs their values, it runs a second time with weights. Raises
    FailedBuildError when ``call`` returns no model, and whatever ``call`` raises.
    """
    (made, stacks), notes = either_way(
        lambda weightlessly: _run(call, root, weights=not weightlessly),
        "built with weights, since without them it fails",
    )
    if not isinstance(made, keras.Layer):
        raise no_model(name, made, "a factory has to return one keras.Model")
    lines = {id(one): stacks[id(one)] for one in _operations(made) if id(one) in stacks}
    return made, lines, notes


def _run(
    call: Callable[[], object], root: str, *, weights: bool
) -> tuple[object, Mapping[int, Stack]]:
    with ExitStack() as stack:
        stack.enter_context(randomness_kept())
        stack.enter_context(_settings_kept())
        stack.enter_context(no_network())
        no_values(stack, keras, file_utils, "compile")  # compiling makes variables
        stack.enter_context(counting_anew())
        if not weights:
            stack.enter_context(weightless())
        stacks = stack.enter_context(recording(keras.Operation, root, _call.__code__))
        return _call(call), stacks


def _call(call: Callable[[], object]) -> object:
    return call()


@contextmanager
def _settings_kept() -> Iterator[None]:
    """The settings of Keras are left as found."""
    layout, kind = keras.config.image_data_format(), keras.config.floatx()
    policy = keras.config.dtype_policy()
    try:
        yield
    finally:
        keras.config.set_image_data_format(layout)
        keras.config.set_floatx(kind)
        keras.config.set_dtype_policy(policy)


def _operations(model: Any) -> Iterator[Any]:
    """The layers of ``model``, and the operations between them in functional ones."""
    for layer in model._flatten_layers():
        yield layer
        yield from getattr(layer, "_operations", ())
