"""Layers in an order in which each stands after those that it follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from graphlib import CycleError, TopologicalSorter
from typing import Protocol, TypeVar

from rfa_core.frontends.custom.kinds import kind_of


class Following(Protocol):
    """A layer, and the names of those that it follows."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def after(self) -> tuple[str, ...]: ...


L = TypeVar("L", bound=Following)


def in_order(layers: Sequence[L]) -> tuple[list[str], tuple[L, ...]]:
    """Everything that is wrong with ``layers`` as a whole; if nothing is, the layers in order.

    The order is that in which they were added, as far as it can be kept.
    """
    known = {layer.name: layer for layer in layers}
    problems = [text for layer in layers for text in _problems(layer, known)]
    places = {name: place for place, name in enumerate(known)}
    if all(places[name] < places[layer.name] for layer in layers for name in layer.after
           if name in places):  # fmt: skip
        return problems, tuple(layers)
    follows = {layer.name: [name for name in layer.after if name in known] for layer in layers}
    try:
        names = tuple(TopologicalSorter(follows).static_order())
    except CycleError as error:
        return [*problems, _cycle(error.args[1])], ()
    return problems, tuple(known[name] for name in names)


def _problems(layer: Following, known: Mapping[str, object]) -> Iterator[str]:
    for name in layer.after:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            yield f"{layer.name}: there is no layer {name!r} for it to follow{hint}"
    kind = kind_of(layer.type)
    if kind is None:
        return
    least, most = kind.sources
    found = len(layer.after)
    if found < least or (most is not None and found > most):
        wanted = f"{least}" if least == most else f"{least} or more" if most is None else (
            f"{least} to {most}"
        )  # fmt: skip
        yield f"{layer.name}: {layer.type} follows {wanted} {_layers(most or least)}, found {found}"


def _layers(count: int) -> str:
    return "layer" if count == 1 else "layers"


def _cycle(names: Sequence[str]) -> str:
    shown = names if len(names) <= 12 else [*names[:10], "...", names[-1]]
    return f"{names[0]}: it follows itself: {' -> '.join(shown)}"
