"""What a kind of layer is: named options, and how it is written into a graph.

Ours are frozen dataclasses with a method ``write``, those of plugins functions from options to a
description; both stand in the same table.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING as NO_DEFAULT
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Protocol, get_type_hints

from rfa_core.errors import ConfigurationError
from rfa_core.frontends.custom.options import MISSING, Option
from rfa_core.frontends.described import Described, weights
from rfa_core.frontends.draft import Draft
from rfa_core.frontends.tables import Table, table

KINDS: Table[Kind | Described] = table("custom", "layer")
RESERVED = ("name", "type", "after")
"""What is said of every layer, so that no option can have the name."""
Sources = tuple[int, int | None]
"""How many layers one of a kind may follow: at least, and at most."""


class Written(Protocol):
    """A layer with its options, which writes itself."""

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        """Write the nodes; returns the name of the last. Raises MisfitError."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of layer, by ``name``, with its ``options`` by name."""

    name: str
    summary: str
    options: Mapping[str, Option]
    sources: Sources
    make: Callable[..., Written]


def layer_kind(name: str, sources: Sources = (1, 1)) -> Callable[[type], type]:
    """Register a frozen dataclass as the kind ``name``: its fields are the options."""

    def register(cls: type) -> type:
        options = {
            entry.name: Option(
                entry.name,
                get_type_hints(cls)[entry.name],
                MISSING if entry.default is NO_DEFAULT else entry.default,
            )
            for entry in fields(cls)
        }
        kind = Kind(name, (cls.__doc__ or "").partition("\n")[0], options, sources, cls)
        KINDS.add(name, kind, f"{cls.__module__}.{cls.__qualname__}")
        return cls

    return register


def kind_of(name: str) -> Kind | None:
    """The kind ``name``, ours or a plugin's; None if there is none."""
    entry = KINDS.get(name)
    return _plugin_kind(name, entry) if isinstance(entry, Described) else entry


def known_kinds() -> tuple[str, ...]:
    """The names of all kinds that can be methods, in alphabetical order."""
    return tuple(sorted(name for name in KINDS if name.isidentifier()))


def own_kinds() -> tuple[str, ...]:
    """The names of the kinds that are no plugin's, in alphabetical order."""
    return tuple(name for name in known_kinds() if isinstance(KINDS.get(name), Kind))


@cache
def _plugin_kind(name: str, described: Described) -> Kind:
    """The kind of a plugin: the parameters of its function are the options."""
    describe = described.describe
    hints = get_type_hints(describe)
    options: dict[str, Option] = {}
    for parameter in inspect.signature(describe).parameters.values():
        starred = parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        if starred or parameter.name in RESERVED:
            raise ConfigurationError(
                f"the layer kind {name}: expected options by name, found {parameter}",
                "give its function one parameter for each option, none of them called "
                f"{', '.join(RESERVED)}",
            )
        default = MISSING if parameter.default is parameter.empty else parameter.default
        options[parameter.name] = Option(parameter.name, hints.get(parameter.name, Any), default)
    summary = (describe.__doc__ or "").strip().partition("\n")[0]

    def make(**values: Any) -> Written:
        return _FromPlugin(name, described, values)

    return Kind(name, summary, options, (1, None), make)


@dataclass(frozen=True, slots=True)
class _FromPlugin:
    """A layer of a plugin's kind."""

    kind: str
    described: Described
    options: Mapping[str, Any]

    def write(self, draft: Draft, sources: Sequence[str]) -> str:
        said = self.described(**self.options)
        source = draft.shape(sources[0])
        (name,) = self.described.written(draft, said, sources, [None], self.kind)
        layout = self.described.layout(said, len(source))
        draft.count(name, weights(said, source, draft.shape(name), layout))
        return name
