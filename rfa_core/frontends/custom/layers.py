"""Layers of custom graphs by name, and everything that can be wrong with one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from rfa_core.errors import InvalidGraphError
from rfa_core.frontends.custom.kinds import Kind, kind_of, known_kinds
from rfa_core.frontends.custom.options import MISSING, unknown
from rfa_core.graph.json_types import shown
from rfa_core.graph.model import Location

AXES: Mapping[int, tuple[str, ...]] = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
"""How many axes a network may have, and their names."""
NAME = "a name of printable characters"
FORM = (
    "kinds of layers, their options and the JSON form: "
    "https://github.com/pytest-rfa/pytest-rfa/blob/main/docs/frontends.md#custom-graphs"
)
"""What to do about a graph that is invalid: look up what is possible."""
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a custom graph: a handle, to name what others follow.

    ``type`` is its kind, ``after`` are the names of the layers that it follows, ``options`` those
    that were given. ``lines`` are the lines of source that asked for it, outermost first.
    """

    name: str
    type: str
    after: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[Location, ...] = field(default=(), compare=False, repr=False)


def checked_layer(
    name: object, type_: object, options: Mapping[str, Any], axes: int
) -> tuple[Kind | None, list[str]]:
    """The kind of a layer, and everything that is wrong with what was said of it."""
    problems = []
    if not is_name(name):
        problems.append(f"expected {NAME}, found {shown(name)}")
    kind = kind_of(type_) if isinstance(type_, str) else None
    if kind is None:
        return None, [*problems, no_kind(type_)]
    problems += [
        f"{kind.name}: {unknown(option, kind.options)}"
        for option in options
        if option not in kind.options
    ]
    for option, declared in kind.options.items():
        if option in options:
            try:
                declared.read(options[option], axes)
            except ValueError as error:
                problems.append(f"{kind.name}: {error}")
        elif declared.default is MISSING:
            problems.append(f"{kind.name}: {option} is missing: {declared.words(axes)}")
    return kind, problems


def read_options(kind: Kind, options: Mapping[str, Any], axes: int) -> dict[str, Any]:
    """The options that differ from the defaults, as values of the right kinds."""
    values = {name: kind.options[name].read(value, axes) for name, value in options.items()}
    return {name: value for name, value in values.items() if value != kind.options[name].default}


def invalid(name: str, problems: Iterable[str]) -> InvalidGraphError:
    """One error for all the problems of a graph."""
    found = list(problems)
    more = [f"and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    listed = [f"the graph {name} is invalid:", *found[:_SHOWN], *more]
    return InvalidGraphError("\n  ".join(listed), FORM)


def shown_name(name: object) -> str:
    """The name of a layer as a message shows it."""
    return str(name) if is_name(name) and len(str(name)) <= 60 else shown(name)


def is_name(value: object) -> bool:
    """Whether ``value`` can name a graph or a layer wherever names are shown."""
    return isinstance(value, str) and value != "" and value.isprintable()


def no_kind(name: object) -> str:
    """That there is no such kind of layer, and the nearest or all that there are."""
    known = known_kinds()
    near = get_close_matches(name, known, 1) if isinstance(name, str) else []
    hint = f"did you mean {near[0]}?" if near else f"the kinds are {', '.join(known)}"
    return f"no kind of layer is called {shown(name)}; {hint}"
