"""Converters from TOML values to settings, which collect every problem and never raise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rfa_core.closest import closest
from rfa_core.config.locate import KeyPath
from rfa_core.config.sources import Source

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake at a key; ``line`` is 0 where there are no lines."""

    source: str
    line: int
    key: str
    text: str

    def __str__(self) -> str:
        place = f"{self.source}:{self.line}" if self.line else self.source
        return ": ".join(filter(None, (place, self.key, self.text)))


@dataclass(frozen=True, slots=True)
class Place:
    """A key of a source, and the list that its problems go to."""

    source: Source
    problems: list[Problem]
    path: KeyPath = ()

    def at(self, part: str | int) -> Place:
        """The place of a key or of an element (from 0) inside this one."""
        return Place(self.source, self.problems, (*self.path, part))

    def refuse(self, text: str) -> None:
        """Record a problem in words."""
        line = self.source.line(self.path)
        self.problems.append(Problem(self.source.name, line, _dotted(self.path), text))

    def expected(self, expected: str, found: object, known: Iterable[str] = ()) -> None:
        """Record what should stand here and what does, with the nearest of ``known``."""
        self.refuse(f"expected {expected}, found {shown(found)}{_nearest(found, known)}")


Convert = Callable[[Place, object], Any]


def flag(place: Place, value: object) -> Any:
    """true or false."""
    if not isinstance(value, bool):
        place.expected("true or false", value)
    return value


def text(place: Place, value: object) -> Any:
    """A string that is not empty."""
    if not isinstance(value, str) or not value.strip():
        place.expected("a string that is not empty", value)
    return value


def share(place: Place, value: object) -> Any:
    """A number from 0 to 1."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1:
        return value
    place.expected("a number from 0 to 1", value)
    return None


def one_of(*choices: str) -> Convert:
    """One of a few words."""

    def convert(place: Place, value: object) -> Any:
        if value not in choices:
            place.expected(f"one of {', '.join(map(repr, choices))}", value, choices)
        return value

    return convert


def list_of(convert_element: Convert) -> Convert:
    """A list, to a tuple without repetitions."""

    def convert(place: Place, value: object) -> Any:
        if not isinstance(value, (list, tuple)):
            place.expected("a list", value)
            return ()
        elements = [convert_element(place.at(n), element) for n, element in enumerate(value)]
        return tuple(element for n, element in enumerate(elements) if element not in elements[:n])

    return convert


def table(place: Place, value: object) -> Any:
    """A table with any keys."""
    if not isinstance(value, Mapping):
        place.expected("a table", value)
        return {}
    return dict(value)


def checked(place: Place, values: Mapping[str, Any], keys: Mapping[str, Convert]) -> dict[str, Any]:
    """Convert every value of a table whose keys must be among ``keys``."""
    result = {}
    for key, value in values.items():
        if key in keys:
            result[key] = keys[key](place.at(key), value)
        else:
            place.at(key).refuse(f"unknown key{_nearest(key, keys) or _all_of(keys)}")
    return result


def shown(value: object) -> str:
    """A value as TOML would write it, shortened."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "a table"
    found = repr(value)
    return found if len(found) <= _LONGEST else f"{found[:_LONGEST]}…"


def _nearest(found: object, known: Iterable[str]) -> str:
    names = {name.lower(): name for name in known}
    near = closest(str(found).lower(), names)
    return f"; did you mean {names[near]!r}?" if near else ""


def _all_of(keys: Iterable[str]) -> str:
    return f"; the keys are {', '.join(sorted(keys))}"


def _dotted(path: KeyPath) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]
