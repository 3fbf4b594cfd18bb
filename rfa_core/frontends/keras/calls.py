"""What a translation reads: one call of a Keras layer or operation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import keras

from rfa_core.frontends.draft import Draft
from rfa_core.graph.model import Location, Shape


@dataclass(slots=True)
class Frame:
    """A layer that runs: its ``path`` below the model and the name of its class.

    ``atomic`` says that it is a layer of Keras without layers inside; ``own`` are the nodes that
    were written for it and not for a layer inside.
    """

    layer: Any
    path: str
    type: str
    atomic: bool
    call: int
    constructed: tuple[Location, ...]
    own: list[str] = field(default_factory=list)


class Scribe(Protocol):
    """What a translation writes with: the recorder."""

    draft: Draft

    def is_live(self, value: Any) -> bool:
        """Whether ``value`` is a tensor that depends on the input."""

    def is_learned(self, value: Any) -> bool:
        """Whether ``value`` is a variable that training changes."""

    def operand(self, value: Any) -> str:
        """The node of a tensor; constants get one when they are first used."""

    def symbol(self, shape: Sequence[int], name: str, like: Any) -> Any:
        """A symbolic tensor of the type of ``like`` for node ``name``."""

    def applied(self, function: Callable[..., Any] | None, name: str, like: Any) -> str:
        """``function`` (an activation) on node ``name``; no function leaves it as it is."""


@dataclass(frozen=True, slots=True)
class Call:
    """``operation`` (a ``keras.Operation``) was called with ``values``, by argument, and made
    ``out``."""

    recorder: Scribe
    operation: Any
    values: Mapping[str, Any]
    out: Any

    @property
    def draft(self) -> Draft:
        """What nodes are written to."""
        return self.recorder.draft

    @property
    def kind(self) -> str:
        """The name of the operation's class, in snake case."""
        return snake(type(self.operation).__name__)

    @property
    def outs(self) -> tuple[Any, ...]:
        """The results, flat."""
        return tuple(one for one in keras.tree.flatten(self.out) if one is not None)

    @property
    def shape(self) -> Shape:
        """The shape of the first result."""
        return tuple(self.outs[0].shape)

    def get(self, name: str, default: Any = None) -> Any:
        """The argument ``name``, else what the operation was configured with."""
        found = self.values.get(name)
        return getattr(self.operation, name, default) if found is None else found

    def first(self) -> Any:
        """The first argument."""
        return next(iter(self.values.values()))

    def source(self) -> str:
        """The node of the first tensor among the arguments."""
        return next(self.operands())

    def operands(self) -> Iterator[str]:
        """The nodes of all arguments that depend on the input, in order."""
        for tensor in keras.tree.flatten(list(self.values.values())):
            if self.recorder.is_live(tensor):
                yield self.recorder.operand(tensor)

    def is_live(self, name: str) -> bool:
        """Whether the argument ``name`` depends on the input."""
        return self.recorder.is_live(self.values.get(name))

    def node(self, name: str) -> str:
        """The node of the argument ``name``; constants get one."""
        return self.recorder.operand(self.values[name])


def snake(name: str) -> str:
    """``MaxPool`` to ``max_pool``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def many(value: Any, count: int) -> tuple[int, ...]:
    """One number per dimension."""
    return (int(value),) * count if isinstance(value, int) else tuple(int(one) for one in value)
