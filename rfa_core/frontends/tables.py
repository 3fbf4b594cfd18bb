"""What the operations and layers of each framework mean: tables for ours and for those of plugins.

There is one table per framework and sort. Whoever fills it, a name is translated once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar

from rfa_core.errors import ConfigurationError

Entry = TypeVar("Entry")
Made = TypeVar("Made", bound=Callable[..., Any])


class Table(Generic[Entry]):
    """Translations by name. ``title`` says of what; ``changes`` counts how often it grew."""

    def __init__(self, title: str) -> None:
        self.changes = 0
        self._title = title
        self._entries: dict[str, tuple[Entry, str]] = {}

    def add(self, name: str, entry: Entry, home: str) -> None:
        """Register one translation, written at ``home`` (a module and a name).

        The same one may come again (a notebook's cell, a reload); a second translation raises
        ConfigurationError.
        """
        known = self._entries.get(name)
        if known is not None and known[1] != home:
            raise ConfigurationError(
                f"two translations of the {self._title} {name}: {known[1]} and {home}",
                "take one of them out",
            )
        self._entries[name] = entry, home
        self.changes += 1

    def get(self, name: str) -> Entry | None:
        """The translation of ``name``, if there is one."""
        known = self._entries.get(name)
        return None if known is None else known[0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def home_of(function: Any) -> str:
    """Where a function or class was written, by module and name."""
    return f"{function.__module__}.{function.__qualname__}"


def registers(known: Table[Any], names: Iterable[str]) -> Callable[[Made], Made]:
    """A decorator that adds a translation of each of ``names`` to a table."""

    def register(translation: Made) -> Made:
        for name in names:
            known.add(name, translation, home_of(translation))
        return translation

    return register


_TABLES: dict[tuple[str, str], Table[Any]] = {}


def table(framework: str, sort: str) -> Table[Any]:
    """The table of a ``framework`` for one ``sort``: ``operation`` or ``layer``."""
    key = framework, sort
    if key not in _TABLES:
        _TABLES[key] = Table(f"{framework} {sort}")
    return _TABLES[key]
