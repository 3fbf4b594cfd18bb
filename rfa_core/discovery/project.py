"""The sources of a project as one whole: a name in one file leads to its definition in another."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rfa_core.discovery.files import read
from rfa_core.discovery.syntax import Definition, Import, Source, parse

_NEVER_OURS = frozenset({"torch", "torchvision", "keras", "tensorflow", "numpy", "lightning"})
_DEPTH = 12


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """A module-level definition of the project."""

    file: str
    name: str


@dataclass(frozen=True, slots=True)
class External:
    """A name of a library, by its full dotted path."""

    path: str


class Project:
    """Sources by file, parsed when first asked for. ``files`` are all that imports may reach."""

    def __init__(self, files: Sequence[str]) -> None:
        self._parts = {file: _parts(file) for file in files}
        self._by_stem: dict[str, list[str]] = {}
        self._modules: dict[tuple[str, str], str | None] = {}
        self._sources: dict[str, Source] = {}
        self._unreadable: set[str] = set()
        self._resolved: dict[tuple[str, str], Symbol | External | None] = {}
        for file, parts in self._parts.items():
            self._by_stem.setdefault(parts[-1], []).append(file)

    def add(self, file: str, source: Source | None) -> None:
        """Hand in a source that was parsed elsewhere; None for one that cannot be."""
        if source is None:
            self._unreadable.add(file)
        else:
            self._sources[file] = source

    @property
    def sources(self) -> Mapping[str, Source]:
        """The sources parsed so far."""
        return self._sources

    def source(self, file: str) -> Source | None:
        """The parsed source of ``file``, None if it cannot be read or parsed."""
        if file not in self._sources and file not in self._unreadable:
            try:
                text = read(file)
                self.add(file, None if text.problem else parse(text.content))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                self.add(file, None)
        return self._sources.get(file)

    def definition(self, symbol: Symbol) -> Definition:
        """What ``symbol`` stands for. Raises KeyError for one that ``resolve`` did not give."""
        source = self.source(symbol.file)
        if source is None:
            raise KeyError(symbol)
        return source.definitions[symbol.name]

    def resolve(self, file: str, name: str) -> Symbol | External | None:
        """What the dotted ``name`` means at module level of ``file``; None if that is unclear."""
        key = (file, name)
        if key not in self._resolved:
            self._resolved[key] = None
            self._resolved[key] = self._resolve(file, name, _DEPTH)
        return self._resolved[key]

    def names(self, file: str) -> frozenset[str] | None:
        """All names at module level of ``file``, None if they cannot be known by reading."""
        return self._names(file, frozenset())

    def _names(self, file: str, seen: frozenset[str]) -> frozenset[str] | None:
        source = self.source(file)
        if source is None or source.is_dynamic:
            return None
        found = {*source.definitions, *source.variables, *source.imports}
        for star in source.stars:
            module = self._module(file, star.level, star.path.split(".")) if star.path else None
            if module in seen:
                continue
            more = self._names(module, seen | {file}) if module else None
            if more is None:
                return None
            found |= more
        return frozenset(found)

    def _resolve(self, file: str, name: str, depth: int) -> Symbol | External | None:
        source = self.source(file)
        if source is None or depth == 0:
            return None
        head, _, rest = name.partition(".")
        if head in source.definitions:
            return None if rest else Symbol(file, head)
        if head in source.imports:
            origin = source.imports[head]
            path = f"{origin.path}.{rest}" if rest else origin.path
            return self._imported(file, Import(origin.level, path), depth - 1)
        if head in source.aliases and source.aliases[head] != head:
            alias = source.aliases[head]
            return self._resolve(file, f"{alias}.{rest}" if rest else alias, depth - 1)
        return self._starred(file, name, source.stars, depth - 1)

    def _starred(
        self, file: str, name: str, stars: Sequence[Import], depth: int
    ) -> Symbol | External | None:
        foreign: External | None = None
        for star in stars:
            path = f"{star.path}.{name}" if star.path else name
            found = self._imported(file, Import(star.level, path), depth)
            if isinstance(found, Symbol):
                return found
            if star.path.partition(".")[0] in _NEVER_OURS or foreign is None:
                foreign = found
        return foreign

    def _imported(self, file: str, wanted: Import, depth: int) -> Symbol | External | None:
        parts = wanted.path.split(".")
        for cut in range(len(parts), 0, -1):
            module = self._module(file, wanted.level, parts[:cut])
            if module is not None and module != file and cut < len(parts):
                return self._resolve(module, ".".join(parts[cut:]), depth)
        if wanted.level:
            package = self._package(file, wanted.level)
            return self._resolve(package, wanted.path, depth) if package else None
        return External(wanted.path)

    def _package(self, file: str, level: int) -> str | None:
        package = str(Path(file).parents[level - 1] / "__init__.py")
        return package if package in self._parts and package != file else None

    def _module(self, file: str, level: int, parts: Sequence[str]) -> str | None:
        if level:
            base = Path(file).parents[level - 1].joinpath(*parts)
            options = (f"{base}.py", str(base / "__init__.py"))
            return next((option for option in options if option in self._parts), None)
        if parts[0] in _NEVER_OURS or parts[-1] not in self._by_stem:
            return None
        key = (file.rpartition(os.sep)[0], ".".join(parts))
        if key not in self._modules:
            self._modules[key] = self._closest(file, tuple(parts))
        return self._modules[key]

    def _closest(self, file: str, parts: tuple[str, ...]) -> str | None:
        options = [f for f in self._by_stem[parts[-1]] if self._parts[f][-len(parts) :] == parts]
        here = _parts(file)
        return min(options, key=lambda f: (-_shared(self._parts[f], here), len(f), f), default=None)


def module_stem(file: str) -> str:
    """The last part of the dotted name of ``file``: a package's is its folder."""
    return _parts(file)[-1]


def _parts(file: str) -> tuple[str, ...]:
    path = Path(file)
    return path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts


def _shared(left: Sequence[str], right: Sequence[str]) -> int:
    unequal = (at for at, pair in enumerate(zip(left, right, strict=False)) if pair[0] != pair[1])
    return next(unequal, min(len(left), len(right)))
