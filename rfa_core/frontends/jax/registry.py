"""The operator table: primitives of JAX to translations."""

from __future__ import annotations

from collections.abc import Callable

from rfa_core.frontends.jax.reading import Handler

_HANDLERS: dict[str, Handler] = {}


def translates(*names: str) -> Callable[[Handler], Handler]:
    """Register the translation of the primitives ``names``; a second one is refused."""

    def register(handler: Handler) -> Handler:
        for name in names:
            if name in _HANDLERS:
                raise ValueError(f"two translations of {name}")
            _HANDLERS[name] = handler
        return handler

    return register


def handler_of(name: str) -> Handler | None:
    """The translation of the primitive ``name``, None for one that is not understood."""
    return _HANDLERS.get(name)
