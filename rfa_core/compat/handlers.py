"""Layers that users describe in the way of ``rfa_toolbox``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rfa_core.frontends.described import Described, Window
from rfa_core.frontends.tables import table


@dataclass(frozen=True, slots=True)
class Handler:
    """How the layers of one class are shown."""

    name: Callable[[Any, str], str]
    filters: Callable[[Any], int | None]
    units: Callable[[Any], int | None]


HANDLERS: dict[str, Handler] = {}


def add_custom_layer_handler(
    class_name: str,
    name_handler: Callable[[Any, str], str] = lambda _module, name: name,
    kernel_size_provider: Callable[[Any], Any] = lambda _module: 1,
    stride_size_provider: Callable[[Any], Any] = lambda _module: 1,
    filters_provider: Callable[[Any], int | None] = lambda _module: None,
    units_provider: Callable[[Any], int | None] = lambda _module: None,
) -> None:
    """Take the PyTorch modules of a class as a whole, as windows of the size that is provided.

    The same as ``rfa_core.layer_type("torch", class_name)``, which can say more; a second handler
    takes the place of the first.
    """

    def window(module: Any) -> Window:
        return Window(kernel_size_provider(module), stride_size_provider(module))

    home = f"{__name__}.add_custom_layer_handler"
    table("torch", "layer").add(class_name, Described(window, home), home)
    HANDLERS[class_name] = Handler(name_handler, filters_provider, units_provider)
