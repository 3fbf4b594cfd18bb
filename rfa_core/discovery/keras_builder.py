"""The builder of Keras models: variables are declared, never initialised."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
from keras.src.utils import file_utils

from rfa_core.discovery.construction import Stack, recording
from rfa_core.discovery.failures import FailedBuildError, summary
from rfa_core.discovery.stand_ins import (
    DownloadRefusedError,
    no_network,
    nothing,
    swap,
)
from rfa_core.libraries.keras_scope import counting_anew, weightless

Result = tuple[Any, Mapping[int, Stack], tuple[str, ...]]


def build_keras(call: Callable[[], object], name: str, root: str) -> Result:
    """Run ``call``; returns the model, its construction lines and notes.

    Layers that have no name are numbered from the beginning. Weights are neither initialised
    nor loaded. If the constructor needs their values, it runs a second time with weights. Raises
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
    model = _model(made, name)
    lines = {id(one): stacks[id(one)] for one in _operations(model) if id(one) in stacks}
    return model, lines, notes


def _run(
    call: Callable[[], object], root: str, *, weights: bool
) -> tuple[object, Mapping[int, Stack]]:
    with ExitStack() as stack:
        stack.enter_context(_state_kept())
        stack.enter_context(no_network())
        stack.enter_context(_nothing_loaded())
        stack.enter_context(counting_anew())
        if not weights:
            stack.enter_context(weightless())
        stacks = stack.enter_context(recording(keras.Operation, root, _call.__code__))
        return _call(call), stacks


def _call(call: Callable[[], object]) -> object:
    return call()


@contextmanager
def _nothing_loaded() -> Iterator[None]:
    """Files of weights are neither fetched nor read; compiling, which makes variables, waits."""
    with ExitStack() as stack:
        for module in (file_utils, keras.utils):
            swap(stack, module, "get_file", _no_file)
        for method in ("compile", "load_weights", "set_weights"):
            owner = next(base for base in keras.Model.__mro__ if method in vars(base))
            swap(stack, owner, method, nothing)
        yield


def _no_file(*_args: Any, **_kwargs: Any) -> str:
    return ""


@contextmanager
def _state_kept() -> Iterator[None]:
    """The random states and the settings of Keras are left as found."""
    numpy = sys.modules["numpy"]
    kept, drawn = random.getstate(), numpy.random.get_state()
    layout, kind = keras.config.image_data_format(), keras.config.floatx()
    policy = keras.config.dtype_policy()
    try:
        yield
    finally:
        random.setstate(kept)
        numpy.random.set_state(drawn)
        keras.config.set_image_data_format(layout)
        keras.config.set_floatx(kind)
        keras.config.set_dtype_policy(policy)


def _model(made: object, name: str) -> Any:
    if isinstance(made, keras.Layer):
        return made
    hint = "a factory has to return one keras.Model"
    if made is None:
        raise FailedBuildError(
            f"{name} returns None, not a model", f"{hint}: is a `return` missing?"
        )
    if isinstance(made, type):
        raise FailedBuildError(f"{name} returns the class {made.__name__}, not an instance", hint)
    if isinstance(made, (tuple, list)):
        found = f"a {type(made).__name__} of ({', '.join(type(item).__name__ for item in made)})"
    else:
        found = f"a {type(made).__name__} of {type(made).__module__}"
    raise FailedBuildError(f"{name} returns {found}, not a model", hint)


def _operations(model: Any) -> Iterator[Any]:
    """The layers of ``model``, and the operations between them in functional ones."""
    for layer in model._flatten_layers():
        yield layer
        yield from getattr(layer, "_operations", ())
