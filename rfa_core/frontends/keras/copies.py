"""Copies of models that are not built yet: building fixes the size of dense layers for good."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FunctionType
from typing import Any

import keras

from rfa_core.graph.model import Location

Lines = Mapping[int, tuple[Location, ...]]


def unbuilt_copy(model: Any, constructed: Lines) -> tuple[Any, Lines]:
    """``model``, if all of it is built; else a copy that can be built, and its lines.

    Weights that there are are shared with the copy. A model that cannot be copied is returned
    itself.
    """
    every = list(model._flatten_layers())
    if all(layer.built for layer in every):
        return model, constructed
    memo: dict[int, Any] = {id(one): one for layer in every for one in layer.variables}
    try:
        with _copied_by_attributes():
            made = copy.deepcopy(model, memo)
    except Exception:
        return model, constructed
    return made, {id(memo[key]): lines for key, lines in constructed.items() if key in memo}


@contextmanager
def _copied_by_attributes() -> Iterator[None]:
    """Keras copies a model by saving and loading it, which takes registered classes."""
    keras.Layer.__deepcopy__ = _copied
    try:
        yield
    finally:
        del keras.Layer.__deepcopy__


def _copied(layer: Any, memo: dict[int, Any]) -> Any:
    """A layer of its own, with its own wrappers of ``build`` (closures over the layer)."""
    kind: Any = type(layer)
    made = memo[id(layer)] = kind.__new__(kind)
    wrappers = {name for name, value in vars(made).items() if isinstance(value, FunctionType)}
    kept = {name: value for name, value in vars(layer).items() if name not in wrappers}
    vars(made).update(copy.deepcopy(kept, memo))
    return made
