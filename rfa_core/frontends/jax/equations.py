"""An equation of a jaxpr as translations see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rfa_core.frontends.jax.values import Fixed

Value = str | Fixed
"""A node by name, or what depends on no input position."""


@dataclass(frozen=True, slots=True)
class Equation:
    """An equation of a jaxpr, one of whose ``inputs`` at least is live; ``outs`` are the types of
    its results."""

    name: str
    inputs: tuple[Value, ...]
    params: dict[str, Any]
    outs: tuple[Any, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the first result."""
        return tuple(self.outs[0].shape)

    @property
    def live(self) -> list[str]:
        """The operands that depend on the input."""
        return [one for one in self.inputs if isinstance(one, str)]
