"""Where settings come from: the closest configuration file, ``--config``, the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rfa_core.config.locate import KeyPath, key_lines
from rfa_core.config.toml import TOMLDecodeError, loads
from rfa_core.errors import ConfigurationError

PYPROJECT = "pyproject.toml"
FILE_NAMES = (".rfa.toml", "rfa.toml", PYPROJECT)
PROJECT_MARKS = (*FILE_NAMES, ".git")
SECTION = ("tool", "rfa")
COMMAND_LINE = "command line"

_POSITION = re.compile(r" \(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, slots=True)
class Source:
    """Values of one origin.

    ``name`` is what a message calls it (a path, ``--config``, ``command line``); ``document``
    the parsed TOML; ``text`` its source, empty if there is none; ``path`` the file, if it
    is one.
    """

    name: str
    document: Mapping[str, Any]
    text: str = ""
    path: Path | None = None

    @property
    def section(self) -> object:
        """What stands at ``[tool.rfa]``; None if nothing does."""
        tool = self.document.get(SECTION[0])
        return tool.get(SECTION[1]) if isinstance(tool, dict) else None

    @property
    def top(self) -> Mapping[str, Any]:
        """The keys outside ``[tool]`` that count: none of a pyproject.toml.

        Next to a ``[tool.rfa]``, tables at the top belong to others.
        """
        if self.path is not None and self.path.name == PYPROJECT:
            return {}
        mixed = self.section is not None
        return {
            key: value
            for key, value in self.document.items()
            if key != SECTION[0] and not (mixed and isinstance(value, dict))
        }

    @property
    def values(self) -> Mapping[str, Any]:
        """The keys that count, wherever they stand."""
        section = self.section
        return {**self.top, **(section if isinstance(section, dict) else {})}

    def line(self, path: KeyPath) -> int:
        """The line of a key (of the closest key around it, if it has none); 0 without a text."""
        lines = key_lines(self.text)
        for prefix in (SECTION, ()):
            for length in range(len(path), 0, -1):
                if line := lines.get((*prefix, *path[:length])):
                    return line
        return lines.get(SECTION, 1) if self.text else 0


def keys_of(file: str | None) -> str:
    """Where a key stands in the configuration ``file`` (a path), as the end of a sentence; None:
    where it would."""
    name = PYPROJECT if file is None else Path(file).name
    return f"under [tool.rfa] in {name}" if name == PYPROJECT else f"in {name}"


def find_file(start: Path) -> Source | None:
    """The configuration closest to the folder ``start``: in it, else in a folder above.

    Raises ConfigurationError for a file that cannot be read or is not TOML.
    """
    for folder in (start, *start.parents):
        for name in FILE_NAMES:
            path = folder / name
            if not path.is_file():
                continue
            source = read_file(path)
            if name != PYPROJECT or source.section is not None:
                return source
    return None


def find_root(start: Path) -> Path:
    """The closest folder at or above ``start`` that looks like a project's, else ``start``."""
    for folder in (start, *start.parents):
        if any((folder / mark).exists() for mark in PROJECT_MARKS):
            return folder
    return start


def read_file(path: Path) -> Source:
    """Parse a TOML file.

    Raises ConfigurationError if it cannot be read or is not TOML, with line and column.
    """
    name = _shown(path)
    try:
        text = path.read_bytes().decode().replace("\r\n", "\n")
    except OSError as error:
        raise ConfigurationError(f"{name}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            f"{name}:{line}: expected UTF-8, found the byte 0x{error.object[error.start]:02x}",
            "save the file as UTF-8",
        ) from error
    try:
        return Source(name, loads(text), text, path)
    except TOMLDecodeError as error:
        raise ConfigurationError(
            _parse_failure(name, text, str(error)),
            "mend the file at this place; https://toml.io describes the format",
        ) from error


def read_argument(argument: str) -> Source:
    """What one ``--config`` means: the path of a file, or ``key = value``.

    Raises ConfigurationError if it is neither.
    """
    if "=" in argument:
        try:
            return Source("--config", loads(argument))
        except TOMLDecodeError:
            pass
    path = _file(argument)
    if path is None:
        raise ConfigurationError(
            f"--config: expected a TOML file or 'key = value', found {argument!r:.200}",
            "check the path; in an override, quote strings: --config 'fail-on = \"warning\"'",
        )
    return read_file(path)


def _file(argument: str) -> Path | None:
    """The file that an argument names; None where it names none, or could be no name at all."""
    try:
        path = Path(argument).expanduser()
        return path.resolve() if path.is_file() else None
    except (OSError, RuntimeError, ValueError):
        return None


def _parse_failure(name: str, text: str, message: str) -> str:
    if position := _POSITION.search(message):
        line, column = position[1], position[2]
    else:
        lines = text.split("\n")
        line, column = str(len(lines)), str(len(lines[-1]) + 1)
    reason = message.split(" (at ")[0]
    return f"{name}:{line}:{column}: expected TOML, found: {reason}"


def _shown(path: Path) -> str:
    """Relative to the working directory if the file is below it, so that it can be clicked."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
