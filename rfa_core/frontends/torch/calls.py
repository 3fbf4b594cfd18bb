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
