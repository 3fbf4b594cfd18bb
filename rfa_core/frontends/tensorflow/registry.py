"""The operator table: names of TensorFlow's operations to translations."""

from __future__ import annotations

from collections.abc import Callable

from rfa_core.frontends.tensorflow.reading import Handler, unknown

_HANDLERS: dict[str, Handler] = {}


def translates(*names: str) -> Callable[[Handler], Handler]:
    """Register the translation of the operations ``names``; a second one is refused."""

    def register(handler: Handler) -> Handler:
        for name in names:
            if name in _HANDLERS:
                raise ValueError(f"two translations of {name}")
            _HANDLERS[name] = handler
        return handler

    return register


def handler_of(name: str) -> Handler:
    """The translation of the operation ``name``; what is not known becomes a bound."""
    return _HANDLERS.get(name, unknown)
