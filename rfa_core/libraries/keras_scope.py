"""Keras without weights: variables have shapes only, and Keras is left as it was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state

_WAITING = "uninitialized_variables"
_COUNTERS = "object_name_uids"


@contextmanager
def weightless() -> Iterator[None]:
    """Variables that are made meanwhile are never initialised, and values are never assigned.

    Keras keeps a list of such variables and would allocate them at the end of a later scope; they
    are taken off it.
    """
    waiting = list(global_state.get_global_attribute(_WAITING, []))
    try:
        with keras.StatelessScope(initialize_variables=False), _plain_tracebacks():
            yield
    finally:
        global_state.set_global_attribute(_WAITING, waiting)


@contextmanager
def counting_anew() -> Iterator[None]:
    """Layers without a name are numbered from the beginning: ``conv2d``, ``conv2d_1`` ..."""
    counters: Any = global_state.get_global_attribute(_COUNTERS)
    global_state.set_global_attribute(_COUNTERS, None)
    try:
        yield
    finally:
        global_state.set_global_attribute(_COUNTERS, counters)


@contextmanager
def _plain_tracebacks() -> Iterator[None]:
    """Messages as they are raised, without a list of all arguments added."""
    filtered = keras.config.is_traceback_filtering_enabled()
    keras.config.disable_traceback_filtering()
    try:
        yield
    finally:
        if filtered:
            keras.config.enable_traceback_filtering()
