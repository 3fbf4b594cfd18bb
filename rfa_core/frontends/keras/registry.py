"""The tables of translations: which function reads which layer or operation of Keras."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from rfa_core.frontends.described import Described, described_as
from rfa_core.frontends.keras.calls import Call
from rfa_core.frontends.keras.described import DescribedCall
from rfa_core.frontends.tables import Table, registers, table

Handler = Callable[[Call], str | Sequence[str]]
"""Writes the nodes of a call and names those of its results, in order."""

_Made = TypeVar("_Made", bound=Handler)
_LAYERS: Table[Handler | Described] = table("keras", "layer")
_OPERATIONS: Table[Handler | Described] = table("keras", "operation")
_OWN_HOOKS = ("convolution_op", "transform_images", "inner_loop")
"""Methods that a translated ``call`` leaves to subclasses."""


def layer(*names: str) -> Callable[[_Made], _Made]:
    """Register the translation of the layers whose ``call`` the classes ``names`` define."""
    return registers(_LAYERS, names)


def operation(*names: str) -> Callable[[_Made], _Made]:
    """Register the translation of the operations of ``keras.ops`` with these classes."""
    return registers(_OPERATIONS, names)


def handler_of(operation: object, *, is_layer: bool) -> Handler | None:
    """The translation of a layer or operation; None if it has a ``call`` of its own.

    What a plugin describes, by way of ``rfa_core.layer_type``, is translated so.
    """
    kind: Any = type(operation)
    known = _LAYERS if is_layer else _OPERATIONS
    return _handler(kind, known, known.changes)


def is_library(kind: type) -> bool:
    """Whether Keras itself defines ``kind``."""
    return kind.__module__.startswith("keras.src.")


def arguments(operation: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of ``operation.call`` by name, those that were left out with their default."""
    kind: Any = type(operation)
    bound = _signature(kind).bind(operation, *args, **kwargs)
    bound.apply_defaults()
    return dict(list(bound.arguments.items())[1:])


@lru_cache(maxsize=4096)
def _handler(kind: Any, known: Table[Any], changes: int) -> Handler | None:  # noqa: ARG001
    described = described_as(kind, known)
    if described is not None:
        return DescribedCall(described)
    for base in kind.__mro__:
        own = vars(base)
        if is_library(base) and "call" in own:
            return known.get(base.__name__)
        if not is_library(base) and any(name in own for name in ("call", *_OWN_HOOKS)):
            return None
    return None


@lru_cache(maxsize=4096)
def _signature(kind: Any) -> inspect.Signature:
    return inspect.signature(kind.call)
