"""Which layer made an operation: every operation is tagged with the call that it belongs to."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import tensorflow as tf
import tf_keras
from tensorflow.core.framework.attr_value_pb2 import AttrValue

from rfa_core.frontends.base import Constructed
from rfa_core.frontends.draft import Origin
from rfa_core.frontends.tensorflow.flattening import TAG

_LIBRARY = ("tf_keras.", "keras.", "tensorflow.")


class Calls:
    """The calls of the layers of ``model``: ``origins`` by the number that operations carry.

    ``where`` is the path of the layer that raised first.
    """

    def __init__(self, model: Any, constructed: Constructed) -> None:
        self.origins: list[Origin] = [Origin(atomic=False)]
        self.where = ""
        self._model = model
        self._constructed = constructed
        self._stack: list[str] = []
        self._paths: dict[int, str] = {id(model): ""}
        self._counts: dict[int, int] = {}

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Tag what is traced meanwhile."""
        plain = tf_keras.layers.Layer.__call__

        @functools.wraps(plain)
        def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
            with self._inside(layer):
                return plain(layer, *args, **kwargs)

        tf_keras.layers.Layer.__call__ = call
        try:
            yield
        finally:
            tf_keras.layers.Layer.__call__ = plain

    @contextmanager
    def _inside(self, layer: Any) -> Iterator[None]:
        number = len(self.origins)
        self.origins.append(self._origin(layer))
        self._stack.append(self._paths[id(layer)])
        graph = tf.compat.v1.get_default_graph()
        try:
            with graph._attr_scope({TAG: AttrValue(i=number)}):
                yield
        except Exception:
            self.where = self.where or self._stack[-1]
            raise
        finally:
            self._stack.pop()

    def _origin(self, layer: Any) -> Origin:
        above = self._stack[-1] if self._stack else ""
        path = f"{above}/{layer.name}" if above else str(layer.name)
        path = self._paths.setdefault(id(layer), path)
        count = self._counts.get(id(layer), 0)
        self._counts[id(layer)] = count + 1
        return Origin(
            path,
            type(layer).__name__,
            count,
            self._constructed.get(id(layer), ()),
            atomic=_is_atomic(layer),
        )


def _is_atomic(layer: Any) -> bool:
    """A layer of the library, or a subclass of one, without layers inside (cells apart)."""
    if isinstance(layer, tf_keras.layers.RNN):
        return True
    if isinstance(layer, tf_keras.Model) or any(layer._flatten_layers(include_self=False)):
        return False
    bases = [kind for kind in type(layer).__mro__ if kind is not tf_keras.layers.Layer]
    return any(
        base.__module__.startswith(_LIBRARY) and issubclass(base, tf_keras.layers.Layer)
        for base in bases
        if base.__module__ != tf_keras.layers.Layer.__module__
    )
