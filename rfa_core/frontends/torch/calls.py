"""What runs while a forward pass is recorded: modules and ATen calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from rfa_core.graph.model import Location


@dataclass(slots=True)
class Frame:
    """A module that is running: its path, which call of it, and what it has done so far."""

    path: str
    type: str
    atomic: bool
    call: int = 0
    constructed: tuple[Location, ...] = ()
    module: int = 0
    serial: int = 0
    seen: dict[str, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)

    def identity(
        self, kind: str, serial: int, called: Location | None
    ) -> tuple[str, str, tuple[Location, ...]]:
        """The name, the type and the lines of what the module does in ATen call ``serial``.

        A layer has its own; elsewhere functions are numbered, all steps of a call alike.
        """
        if self.atomic:
            return self.path, self.type, self.constructed
        layer = self.names.get(serial)
        if layer is None:
            function = _FUNCTION.get(kind, kind)
            count = self.seen[function] = self.seen.get(function, 0) + 1
            own = function if count == 1 else f"{function}_{count}"
            layer = f"{self.path}.{own}" if self.path else own
            self.names = {serial: layer}
        line = (called,) if called is not None else ()
        return layer, kind, (*self.constructed, *line)


_FUNCTION = {"conv": "conv2d"}


@dataclass(frozen=True, slots=True)
class Call:
    """One ATen call, after it ran."""

    name: str
    overload: str
    args: tuple[Any, ...]
    kwargs: Mapping[str, Any]
    out: Any

    def arg(self, place: int, name: str, default: Any = None) -> Any:
        """An argument by place or name."""
        return self.args[place] if place < len(self.args) else self.kwargs.get(name, default)


@runtime_checkable
class StandIn(Protocol):
    """A translation that also knows what its operation returns, where that cannot run."""

    def result(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """What the operation returns, by its shape."""
