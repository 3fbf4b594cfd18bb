"""Networks written by hand: layers by name, and what each one follows."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from rfa_core.errors import InvalidGraphError
from rfa_core.frontends.custom.json_form import data_of, network_of, text_of
from rfa_core.frontends.custom.kinds import kind_of, known_kinds
from rfa_core.frontends.custom.layers import (
    AXES,
    NAME,
    Layer,
    checked_layer,
    invalid,
    is_name,
    no_kind,
    read_options,
    shown_name,
)
from rfa_core.frontends.custom.ordering import in_order
from rfa_core.graph.json_types import shown
from rfa_core.graph.model import Location

_OWN = str(Path(__file__).parents[2]) + "/"

After = str | Layer | Iterable["str | Layer"]


class Graph:
    """A network written by hand, in one line per layer.

    ::

        net = rfa.Graph("example", channels=3)
        stem = net.conv("stem", filters=64, kernel=7, stride=2)
        left = net.conv("left", stem, filters=128, kernel=3)
        right = net.conv("right", stem, filters=128, kernel=5, dilation=2)
        net.add("sum", left, right)
        net.global_pool("pool")
        net.dense("head", units=10)

    Every kind of layer is a method: its name, what it follows (layers or their names, also of
    layers that come later; the layer before it where nothing is said), and its options.
    ``rfa_core.layer_type`` adds kinds. Sizes of maps are worked out at the resolution that is
    asked for. Numbers are meant for all ``axes`` (1, 2 or 3) alike, tuples hold one per axis.

    Mistakes that a line can tell raise InvalidGraphError there; those of the whole, such as
    cycles and layers that do not exist, when the network is saved or analysed.
    """

    def __init__(self, name: str, channels: int = 3, axes: int = 2) -> None:
        if not is_name(name):
            raise InvalidGraphError(f"the name of a graph: expected {NAME}, found {shown(name)}")
        if axes not in AXES or isinstance(axes, bool):
            raise InvalidGraphError(f"{name}: axes: expected 1, 2 or 3, found {shown(axes)}")
        self.name = name
        self.axes = axes
        self._layers: dict[str, Layer] = {}
        self.add_input("input", channels)

    def add_input(self, name: str, channels: int) -> Layer:
        """Another input, with the same axes."""
        return self._put(name, "input", (), {"channels": channels})

    @property
    def input(self) -> Layer:
        """The first input."""
        return next(iter(self._layers.values()))

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, inputs included, as they were added."""
        return tuple(self._layers.values())

    def layer(self, name: str, type: str, *after: After, **options: Any) -> Layer:  # noqa: A002
        """Add a layer of the kind ``type``; ``net.conv(...)`` is ``net.layer(..., "conv", ...)``.

        Raises InvalidGraphError for a name that is taken, a kind that does not exist, options
        that it does not have or whose values are impossible.
        """
        follows = tuple(_names(name, after)) or (next(reversed(self._layers)),)
        return self._put(name, type, follows, options)

    def in_order(self) -> tuple[Layer, ...]:
        """All layers, each after those that it follows. Raises InvalidGraphError with everything
        that is wrong with the network as a whole."""
        problems, ordered = in_order(self.layers)
        if problems:
            raise invalid(self.name, problems)
        return ordered

    def save(self, path: str | Path) -> None:
        """Write the network as JSON; files named ``*.rfa.json`` are targets of ``rfa``.

        Raises InvalidGraphError for a network that has mistakes.
        """
        self.in_order()
        Path(path).write_text(text_of(self.name, self.axes, self.layers), encoding="utf-8")

    @classmethod
    def load(cls, path: str | Path) -> Graph:
        """Read a network from JSON. Raises InvalidGraphError that names all its mistakes."""
        return cls.of_layers(*network_of(*data_of(str(path)), str(path)))

    @classmethod
    def of_layers(cls, name: str, axes: int, layers: Iterable[Layer]) -> Graph:
        """A network of layers that have been checked."""
        made = cls.__new__(cls)
        made.name, made.axes = name, axes
        made._layers = {layer.name: layer for layer in layers}
        return made

    def _put(self, name: str, type_: str, after: tuple[str, ...], options: dict[str, Any]) -> Layer:
        kind, problems = checked_layer(name, type_, options, self.axes)
        if isinstance(name, str) and name in self._layers:
            problems.append("the name is used twice")
        if kind is None or problems:
            raise invalid(self.name, [f"{shown_name(name)}: {problem}" for problem in problems])
        made = Layer(name, type_, after, read_options(kind, options, self.axes), _project_lines())
        self._layers[name] = made
        return made

    def __getattr__(self, kind: str) -> Any:
        if kind.startswith("_") or kind == "input":
            raise AttributeError(f"{type(self).__name__} has no attribute {kind!r}")
        if kind_of(kind) is None:
            raise AttributeError(no_kind(kind))
        return partial(self._as_method, kind)

    def _as_method(self, kind: str, name: str, *after: After, **options: Any) -> Layer:
        return self.layer(name, kind, *after, **options)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *(kind for kind in known_kinds() if kind != "input")})

    def __len__(self) -> int:
        return len(self._layers)

    def __repr__(self) -> str:
        return f"<rfa.Graph {self.name}: {len(self)} layers>"


def _names(name: object, after: Iterable[Any]) -> Iterator[str]:
    for one in after:
        if isinstance(one, Layer):
            yield one.name
        elif isinstance(one, str):
            yield one
        elif isinstance(one, (list, tuple)):
            yield from _names(name, one)
        else:
            raise InvalidGraphError(
                f"{shown_name(name)}: expected a layer or its name to follow, found {shown(one)}",
                "options are given by name, as in net.conv('stem', filters=64, kernel=7)",
            )


def _project_lines() -> tuple[Location, ...]:
    """The lines that asked for a layer, outermost first, as far out as those that rfa called."""
    frame = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith(_OWN):
        frame = frame.f_back  # type: ignore[assignment]
    found: list[Location] = []
    while frame is not None and not frame.f_code.co_filename.startswith(_OWN):
        line = Location(frame.f_code.co_filename, frame.f_lineno)
        if line not in found[-1:]:
            found.append(line)
        frame = frame.f_back  # type: ignore[assignment]
    return tuple(reversed(found))
