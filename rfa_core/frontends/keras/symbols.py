"""Code that computes with the backend where ``keras.ops`` would do: let symbolic tensors through.

A variable that meets a symbolic tensor on its right (``gamma * x``), and the backend's own casts
and shapes, refuse what the same operation of ``keras.ops`` takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import keras
from keras.src import backend

_OPERATORS = {
    "__add__": "add",
    "__sub__": "subtract",
    "__mul__": "multiply",
    "__truediv__": "true_divide",
    "__floordiv__": "floor_divide",
    "__mod__": "mod",
    "__pow__": "power",
    "__matmul__": "matmul",
    "__lt__": "less",
    "__le__": "less_equal",
    "__gt__": "greater",
    "__ge__": "greater_equal",
}
_FUNCTIONS = ("convert_to_tensor", "cast", "shape")


@contextmanager
def symbols_pass() -> Iterator[None]:
    """Meanwhile variables and the backend hand symbolic tensors over to ``keras.ops``."""
    owner = next(base for base in keras.Variable.__mro__ if "__mul__" in vars(base))
    with ExitStack() as stack:
        for method, name in _OPERATORS.items():
            _swap(stack, owner, method, _chosen(getattr(owner, method), name, argument=1))
        for name in _FUNCTIONS:
            _swap(stack, backend, name, _chosen(getattr(backend, name), name, argument=0))
        yield


def _chosen(original: Callable[..., Any], name: str, argument: int) -> Callable[..., Any]:
    """``original``, or the operation ``name`` if the argument at this place is symbolic."""

    def choose(*args: Any, **kwargs: Any) -> Any:
        if len(args) > argument and isinstance(args[argument], keras.KerasTensor):
            return getattr(keras.ops, name)(*args, **kwargs)
        return original(*args, **kwargs)

    return choose


def _swap(stack: ExitStack, owner: Any, name: str, stand_in: Callable[..., Any]) -> None:
    original = getattr(owner, name)
    setattr(owner, name, stand_in)
    stack.callback(setattr, owner, name, original)
