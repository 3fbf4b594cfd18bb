"""The builder of TensorFlow's modules and of legacy Keras: variables without values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from importlib import import_module
from typing import Any

import tensorflow as tf
from tensorflow.python.ops.resource_variable_ops import UninitializedVariable

from rfa_core.discovery.construction import Stack, recording
from rfa_core.discovery.failures import no_model
from rfa_core.discovery.stand_ins import either_way, no_network, no_values, randomness_kept

Result = tuple[Any, Mapping[int, Stack], tuple[str, ...]]
_SMALL = 16
_FETCHING = {"tf_keras": "tf_keras.src.utils.data_utils", "keras": "keras.src.utils.file_utils"}
"""Where a library's own models take ``get_file`` from."""


def build_tensorflow(call: Callable[[], object], name: str, root: str) -> Result:
    """Run ``call``; returns the model, its construction lines and notes.

    Variables whose values an initialiser would make get a shape alone; weights are not loaded.
    If the constructor needs their values, it runs a second time with weights. Raises
    FailedBuildError when ``call`` returns no model, and whatever ``call`` raises.
    """
    (made, stacks), notes = either_way(
        lambda weightlessly: _run(call, root, weights=not weightlessly),
        "built with weights, since without them it fails",
    )
    return _model(made, name), stacks, notes


def _run(
    call: Callable[[], object], root: str, *, weights: bool
) -> tuple[object, Mapping[int, Stack]]:
    with ExitStack() as stack:
        stack.enter_context(randomness_kept())
        stack.enter_context(no_network())
        for library, files in _FETCHING.items():
            if library in sys.modules:
                no_values(stack, sys.modules[library], import_module(files))
        if not weights:
            stack.enter_context(tf.variable_creator_scope(_shape_alone))
        keras = sys.modules.get("keras")
        if keras is not None and hasattr(keras, "Operation"):
            stack.enter_context(recording(keras.Operation, root, _call.__code__))
        stacks = stack.enter_context(recording(tf.Module, root, _call.__code__))
        return _call(call), stacks


def _call(call: Callable[[], object]) -> object:
    return call()


def _shape_alone(create: Callable[..., Any], **settings: Any) -> Any:
    """A variable that has no value, if it is to get one from an initialiser of known shape.

    Small ones get theirs: layers compute with them while they are built (means per channel).
    """
    shape, initial = tf.TensorShape(settings.get("shape")), settings.get("initial_value")
    if not callable(initial) or (shape.num_elements() or 0) <= _SMALL:
        return create(**settings)
    return UninitializedVariable(
        trainable=settings.get("trainable", True),
        shape=shape,
        dtype=settings.get("dtype") or tf.float32,
        name=settings.get("name"),
    )


def _model(made: object, name: str) -> Any:
    kinds = tf.types.experimental
    keras = sys.modules.get("keras")
    layer = getattr(keras, "Layer", tf.Module)
    known = (tf.Module, layer, kinds.PolymorphicFunction, kinds.ConcreteFunction)
    if isinstance(made, known):
        return made
    raise no_model(name, made, "a factory has to return one tf.Module, tf.function or Keras model")
