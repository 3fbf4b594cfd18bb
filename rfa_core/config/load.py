"""From files, ``--config`` and the command line to the settings of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rfa_core.config.checking import Place, Problem
from rfa_core.config.origins import origins
from rfa_core.config.schema import convert
from rfa_core.config.settings import Settings
from rfa_core.config.sources import (
    COMMAND_LINE,
    FILE_NAMES,
    PYPROJECT,
    Source,
    find_file,
    find_root,
    read_argument,
)
from rfa_core.errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings and the sources that made them, weakest first; the last is the command line."""

    settings: Settings
    sources: tuple[Source, ...]

    @property
    def origins(self) -> dict[str, str]:
        """Where the value of each key came from; keys that have their default are left out."""
        return origins(self.sources)


def load_settings(
    start: Path | str = ".",
    *,
    config: Sequence[str] = (),
    isolated: bool = False,
    overrides: Mapping[str, object] | None = None,
) -> Settings:
    """The settings for the folder (or file) ``start``.

    The closest of ``.rfa.toml``, ``rfa.toml`` and ``[tool.rfa]`` in ``pyproject.toml``
    counts, alone. ``config`` holds what ``--config`` was given: at most one path of a file
    to take instead, and any number of ``key = value``. ``isolated`` takes no file.
    ``overrides`` are keys from the command line, in kebab-case; None means not given.
    A ``select`` among them sets the configured ``ignore`` and ``extend-select`` aside, else
    theirs are added; ``resolutions`` replaces those of the factories, too.

    Raises ConfigurationError with every mistake, one a line, or with the first file that
    is not TOML.
    """
    return load(start, config=config, isolated=isolated, overrides=overrides).settings


def load(
    start: Path | str = ".",
    *,
    config: Sequence[str] = (),
    isolated: bool = False,
    overrides: Mapping[str, object] | None = None,
) -> Loaded:
    """The same settings with their sources: arguments and errors are those of
    ``load_settings``."""
    folder = Path(start).resolve()
    folder = folder if folder.is_dir() else folder.parent
    file, inline = _configuration(folder, config, isolated)
    given = {key: value for key, value in (overrides or {}).items() if value is not None}
    command_line = Source(COMMAND_LINE, given)
    sources = (*([file] if file else []), *inline, command_line)
    *layers, last = _converted(sources)
    settings = Settings(root=str(_root(folder, file)), source=str(file.path) if file else None)
    for layer in layers:
        settings = _apply(settings, layer)
    return Loaded(_apply_command_line(settings, last), sources)


def _configuration(
    folder: Path, config: Sequence[str], isolated: bool
) -> tuple[Source | None, list[Source]]:
    """The file that counts, and the overrides in the order given."""
    given = [read_argument(argument) for argument in config]
    files = [source for source in given if source.path]
    inline = [source for source in given if not source.path]
    if len(files) > 1:
        names = " and ".join(source.name for source in files)
        raise ConfigurationError(f"--config: expected one file, found {names}")
    if files and isolated:
        raise ConfigurationError(
            f"--isolated: expected no configuration file, found --config {files[0].name}",
            "leave one of the two out",
        )
    if files:
        return _with_section(files[0]), inline
    return None if isolated else find_file(folder), inline


def _with_section(source: Source) -> Source:
    if source.path and source.path.name == PYPROJECT and source.section is None:
        raise ConfigurationError(f"{source.name}: expected a table [tool.rfa], found none")
    return source


def _root(folder: Path, file: Source | None) -> Path:
    """A file named by ``--config`` makes a root only where it would have been found anyway."""
    if file and file.path and file.path.name in FILE_NAMES:
        parent = file.path.parent
        if folder.is_relative_to(parent):
            return parent
    return find_root(folder)


def _converted(sources: Sequence[Source]) -> list[dict[str, Any]]:
    problems: list[Problem] = []
    layers = []
    for source in sources:
        found: list[Problem] = []
        layers.append(convert(Place(source, found)))
        problems += sorted(found, key=lambda problem: problem.line)
    if problems:
        raise ConfigurationError("\n".join(map(str, problems)))
    return layers


def _apply(settings: Settings, values: Mapping[str, Any]) -> Settings:
    severity = {**settings.severity, **values.get("severity", {})}
    return replace(settings, **{**values, "severity": severity})


def _apply_command_line(settings: Settings, values: Mapping[str, Any]) -> Settings:
    if "select" in values:
        settings = replace(settings, ignore=(), extend_select=())
    if "resolutions" in values:
        factories = tuple(replace(entry, resolutions=()) for entry in settings.factories)
        settings = replace(settings, factories=factories, marks=False)
    added = {
        key: (*getattr(settings, key), *values[key])
        for key in ("ignore", "extend_select")
        if key in values
    }
    return _apply(settings, {**values, **added})
