"""How the definitions of a project use each other: what is a part of what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from rfa_core.discovery.families import Families, Role
from rfa_core.discovery.project import External, Project, Symbol
from rfa_core.discovery.syntax import Definition, Source


@dataclass(frozen=True, slots=True)
class Usage:
    """For a network, one other that uses it: ``inside`` its body, ``passed`` to its constructor,
    ``stacked`` with others by a function or made a part of what it returns, as its base class
    (``subclassed``); and what a training ``wrapper`` wraps."""

    inside: dict[Symbol, Symbol] = field(default_factory=dict)
    passed: dict[Symbol, Symbol] = field(default_factory=dict)
    stacked: dict[Symbol, Symbol] = field(default_factory=dict)
    subclassed: dict[Symbol, Symbol] = field(default_factory=dict)
    wrapped: dict[Symbol, Symbol] = field(default_factory=dict)


def usage(project: Project, families: Families, users: Iterable[str]) -> Usage:
    """Collect the uses that the definitions in the files ``users`` make of networks."""
    found = Usage()
    sources = project.sources
    for file in users:
        for definition in sources[file].definitions.values():
            _Reader(project, families, sources[file], Symbol(file, definition.name)).add_to(found)
    return found


@dataclass(frozen=True, slots=True)
class _Reader:
    project: Project
    families: Families
    source: Source
    symbol: Symbol

    def add_to(self, found: Usage) -> None:
        definition = self.project.definition(self.symbol)
        if definition.is_class:
            self._class(definition, found)
        else:
            self._function(definition, found)
        if self.families.is_network(self.symbol):
            for part in self._networks(definition.defaults):
                found.passed.setdefault(part, self.symbol)
        for call in definition.calls:
            for user in self._networks([call.function]):
                for part in self._networks(call.arguments):
                    if part != user:
                        found.passed.setdefault(part, user)

    def _function(self, definition: Definition, found: Usage) -> None:
        stacks = [call.arguments for call in definition.calls if self._stacks(call.function)]
        for names in (definition.grafted, *stacks):
            for part in self._networks(names):
                found.stacked.setdefault(part, self.symbol)

    def _class(self, definition: Definition, found: Usage) -> None:
        family = self.families.family(self.symbol)
        if family is None:
            return
        ancestors = self.families.ancestors(self.symbol)
        for parent in ancestors:
            found.subclassed.setdefault(parent, self.symbol)
        for part in self._networks(definition.names):
            if part == self.symbol or part in ancestors:
                continue
            if family.role is Role.WRAPPER:
                found.wrapped.setdefault(self.symbol, part)
            else:
                found.inside.setdefault(part, self.symbol)

    def _networks(self, names: Iterable[str]) -> Iterator[Symbol]:
        for name in sorted(names):
            target = self._resolve(name)
            if isinstance(target, Symbol) and self.families.is_network(target):
                yield target

    def _stacks(self, name: str) -> bool:
        target = self._resolve(name)
        return isinstance(target, External) and target.path.endswith(".Sequential")

    def _resolve(self, name: str) -> object:
        head, source = name.partition(".")[0], self.source
        is_resolvable = source.knows(name) or (source.stars and head not in ("self", "super"))
        return self.project.resolve(self.symbol.file, name) if is_resolvable else None
