"""The builder of TensorFlow's modules and of legacy Keras: variables without values."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from typing import Any

import tensorflow as tf
from tensorflow.python.ops.resource_variable_ops import UninitializedVariable

from rfa_core.discovery.construction import Stack, recording
from rfa_core.discovery.failures import FailedBuildError, summary
from rfa_core.discovery.stand_ins import DownloadRefusedError, no_network, nothing, swap

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
    try:
        made, stacks = _run(call, root, weights=False)
        notes: tuple[str, ...] = ()
    except DownloadRefusedError:
        raise
    except Exception as error:
        made, stacks = _run(call, root, weights=True)
        notes = (f"built with weights, since without them it fails: {summary(error)}",)
    return _model(made, name), stacks, notes


def _run(
    call: Callable[[], object], root: str, *, weights: bool
) -> tuple[object, Mapping[int, Stack]]:
    with ExitStack() as stack:
        stack.enter_context(_state_kept())
        stack.enter_context(no_network())
        stack.enter_context(_nothing_loaded())
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


@contextmanager
def _nothing_loaded() -> Iterator[None]:
    """Files of weights are neither fetched nor read, and no values are assigned."""
    with ExitStack() as stack:
        for name, files in _FETCHING.items():
            library = sys.modules.get(name)
            if library is not None:
                for module in (library.utils, import_module(files)):
                    swap(stack, module, "get_file", _no_file)
                for method in ("load_weights", "set_weights"):
                    owner = next(base for base in library.Model.__mro__ if method in vars(base))
                    swap(stack, owner, method, nothing)
        yield


def _no_file(*_args: Any, **_kwargs: Any) -> str:
    return ""


@contextmanager
def _state_kept() -> Iterator[None]:
    """The random states are left as found."""
    numpy = sys.modules["numpy"]
    kept, drawn = random.getstate(), numpy.random.get_state()
    try:
        yield
    finally:
        random.setstate(kept)
        numpy.random.set_state(drawn)


def _model(made: object, name: str) -> Any:
    kinds = tf.types.experimental
    keras = sys.modules.get("keras")
    layer = getattr(keras, "Layer", tf.Module)
    known = (tf.Module, layer, kinds.PolymorphicFunction, kinds.ConcreteFunction)
    if isinstance(made, known):
        return made
    hint = "a factory has to return one tf.Module, tf.function or Keras model"
    if made is None:
        raise FailedBuildError(
            f"{name} returns None, not a model", f"{hint}: is a `return` missing?"
        )
    if isinstance(made, type):
        raise FailedBuildError(f"{name} returns the class {made.__name__}, not an instance", hint)
    raise FailedBuildError(f"{name} returns a {type(made).__name__}, not a model", hint)
