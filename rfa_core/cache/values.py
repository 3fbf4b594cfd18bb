"""Frozen dataclasses as compact JSON and back, read from their annotations.

A dataclass is the list of its fields in order; one of several possible ones begins with its name.
Files are seen from the root of the project, so that an entry holds in another checkout, too. Values
that are shared, such as layers, are written once. What does not fit the annotations is refused.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from rfa_core.cache.container import NoEntryError
from rfa_core.graph.model import Location
from rfa_core.graph.operations import Operation
from rfa_core.receptive.facts import Fact
from rfa_core.receptive.layers import Layer

Json = Any
_Reader = Callable[[Json], Any]
_SHARED = (Layer, Location)
_ALTERNATIVES = frozenset({*get_args(Fact), *get_args(Operation)})


class Writer:
    """Values as JSON; ``shared`` has those that are written once, in an order in which each comes
    after what it is made of."""

    def __init__(self, root: str) -> None:
        self._below = root.rstrip(os.sep) + os.sep
        self._places: dict[int, int] = {}
        self._kept: list[object] = []
        self.shared: list[Json] = []

    def write(self, value: Any) -> Json:
        if value is None or type(value) in (bool, str, int, float):
            return value
        if isinstance(value, (tuple, frozenset)):
            return [self.write(one) for one in value]
        if isinstance(value, Enum):
            return value.value
        if isinstance(value, Fraction):
            return [value.numerator, value.denominator]
        return self._once(value) if isinstance(value, _SHARED) else self._fields(value)

    def _once(self, value: Any) -> int:
        place = self._places.get(id(value))
        if place is None:
            written = [type(value).__name__, *self._fields(value)]
            if isinstance(value, Location) and value.file.startswith(self._below):
                written[1] = value.file.removeprefix(self._below).replace(os.sep, "/")
            self._kept.append(value)
            self.shared.append(written)
            place = self._places[id(value)] = len(self.shared) - 1
        return place

    def _fields(self, value: Any) -> list[Json]:
        name = [type(value).__name__] if type(value) in _ALTERNATIVES else []
        kind: Any = type(value)
        return [*name, *(self.write(getattr(value, each)) for each in _names(kind))]


class Reader:
    """What a ``Writer`` wrote, as values again. Raises NoEntryError."""

    def __init__(self, root: str, shared: Json) -> None:
        self._root = root
        self._readers: dict[Any, _Reader] = {}
        self._shared: list[Any] = []
        kinds = {kind.__name__: self._object(kind) for kind in _SHARED}
        if not isinstance(shared, list):
            raise NoEntryError("shared values are no list")
        for one in shared:
            if not (isinstance(one, list) and one and isinstance(one[0], str) and one[0] in kinds):
                raise NoEntryError("a shared value has no type")
            value = kinds[one[0]](one[1:])
            self._shared.append(self._located(value) if isinstance(value, Location) else value)

    def read(self, kind: Any, value: Json) -> Any:
        """``value`` as the annotation ``kind`` asks for."""
        return self._reader(kind)(value)

    def _located(self, line: Location) -> Location:
        file = os.path.normpath(os.path.join(self._root, line.file))
        return Location(file, line.line, line.column, line.library)

    def _reader(self, kind: Any) -> _Reader:
        reader = self._readers.get(kind)
        if reader is None:
            made: list[_Reader] = []
            self._readers[kind] = lambda value: made[0](value)
            made.append(self._made(kind))
            reader = self._readers[kind] = made[0]
        return reader

    def _made(self, kind: Any) -> _Reader:
        if get_origin(kind) in (Union, UnionType):
            return self._union(get_args(kind))
        if get_origin(kind) in (tuple, frozenset):
            return self._several(get_origin(kind), get_args(kind)[0])
        if kind in _SHARED:
            return self._place(kind)
        if kind is Fraction:
            return self._fraction()
        if isinstance(kind, type) and issubclass(kind, Enum):
            return _attempted(kind)
        if is_dataclass(kind):
            return self._object(kind)
        return _plain(kind)

    def _union(self, kinds: tuple[Any, ...]) -> _Reader:
        own = [kind for kind in kinds if kind is not NoneType]
        if len(own) == 1:
            inner = self._reader(own[0])
            return lambda value: None if value is None else inner(value)
        readers = {kind.__name__: self._object(kind) for kind in own}

        def read(value: Json) -> Any:
            if not (isinstance(value, list) and value and isinstance(value[0], str)):
                raise NoEntryError("a value has no type")
            if value[0] not in readers:
                raise NoEntryError(f"no type {value[0]!r}")
            return readers[value[0]](value[1:])

        return read

    def _several(self, kind: Any, of: Any) -> _Reader:
        inner = self._reader(of)

        def read(value: Json) -> Any:
            if type(value) is not list:
                raise NoEntryError("expected a list")
            return kind([inner(one) for one in value])

        return read

    def _place(self, kind: Any) -> _Reader:
        def read(value: Json) -> Any:
            if type(value) is not int or not 0 <= value < len(self._shared):
                raise NoEntryError("no such shared value")
            found = self._shared[value]
            if type(found) is not kind:
                raise NoEntryError("a shared value of another type")
            return found

        return read

    def _fraction(self) -> _Reader:
        whole = _plain(int)

        def read(value: Json) -> Any:
            if type(value) is not list or len(value) != 2 or not whole(value[1]):
                raise NoEntryError("expected a fraction")
            return Fraction(whole(value[0]), value[1])

        return read

    def _object(self, kind: Any) -> _Reader:
        hints = get_type_hints(kind)
        readers = [self._reader(hints[name]) for name in _names(kind)]

        def read(value: Json) -> Any:
            if type(value) is not list or len(value) != len(readers):
                raise NoEntryError(f"{kind.__name__} has {len(readers)} fields")
            return kind(*[reader(one) for reader, one in zip(readers, value, strict=True)])

        return read


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """The fields of a dataclass that are not worked out from the others."""
    return tuple(entry.name for entry in fields(kind) if not entry.name.startswith("_"))


def _attempted(kind: type[Enum]) -> _Reader:
    known = {one.value: one for one in kind}

    def read(value: Json) -> Any:
        if not isinstance(value, str) or value not in known:
            raise NoEntryError(f"no {kind.__name__}: {value!r:.40}")
        return known[value]

    return read


def _plain(kind: type) -> _Reader:
    kinds = (int, float) if kind is float else (kind,)

    def read(value: Json) -> Any:
        if type(value) not in kinds:
            raise NoEntryError(f"expected {kind.__name__}")
        return value

    return read
