"""The folder of the cache: files by key, replaced whole, bounded in size, unknown to git."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rfa_core.cache.container import LARGEST, NoEntryError, packed, unpacked

NAME = ".rfa_cache"
BOUND = 256 * 2**20
"""Bytes that all entries may take together; beyond, those go that were not used for longest."""

_KINDS = ("models", "runs")
_ENTRY = re.compile(r"[0-9a-f]{40}\.rfa(?:\.\d+)?")
_NOTES = {
    ".gitignore": "# Made by rfa.\n*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Made by rfa.\n",
}


@dataclass(frozen=True, slots=True)
class Holding:
    """How many entries of one kind there are, and their bytes."""

    kind: str
    entries: int
    size: int


@dataclass(frozen=True, slots=True)
class Folder:
    """The cache at ``path``, which need not be there. Reading never raises; what cannot be
    written is told by the return value."""

    path: Path

    def read(self, kind: str, key: str, wanted: Sequence[int]) -> list[Any] | None:
        """The sections ``wanted`` of an entry; None if there is no such entry that is whole."""
        try:
            file = os.open(self._file(kind, key), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError:
            return None
        with open(file, "rb") as stream:
            try:
                if os.fstat(file).st_size > LARGEST:
                    return None
                return unpacked(stream.read(LARGEST + 1), wanted)
            except (OSError, NoEntryError):
                return None

    def touch(self, kind: str, key: str) -> None:
        """Mark an entry as used, so that it is not among the first to go."""
        with suppress(OSError):
            os.utime(self._file(kind, key))

    def write(self, kind: str, key: str, sections: Sequence[Any]) -> str:
        """Write an entry whole, or not at all; returns why not, empty if it was."""
        data = packed(sections)
        if data is None or len(data) > LARGEST:
            return f"an entry takes more than {LARGEST // 2**20} MiB"
        file = self._file(kind, key)
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(data)
            draft.replace(file)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            return error.strerror or str(error)
        return ""

    def prepare(self) -> str:
        """Make the folder, which git and backups are to pass over; returns why not."""
        try:
            for kind in _KINDS:
                (self.path / kind).mkdir(parents=True, exist_ok=True)
            for name, text in _NOTES.items():
                if not (self.path / name).exists():
                    (self.path / name).write_text(text, encoding="utf-8")
        except OSError as error:
            return error.strerror or str(error)
        return "" if os.access(self.path / _KINDS[0], os.W_OK) else "Permission denied"

    def holdings(self) -> tuple[Holding, ...]:
        """What is there, kind by kind."""
        return tuple(
            Holding(kind, len(sizes), sum(sizes))
            for kind in _KINDS
            for sizes in [[size for _, size, _ in self._entries(kind)]]
        )

    def shrink(self, bound: int = BOUND) -> None:
        """Take out what was not used for longest until the rest is well below ``bound`` bytes."""
        every = sorted((at, size, file) for kind in _KINDS for at, size, file in self._entries(kind))
        total = sum(size for _, size, _ in every)
        if total <= bound:
            return
        for _, size, file in every:
            with suppress(OSError):
                file.unlink()
                total -= size
            if total <= bound * 3 // 4:
                return

    def clean(self) -> int:
        """Take everything out that is the cache's, and say how many bytes that was. Raises
        OSError."""
        removed = 0
        for kind in _KINDS:
            for _, size, file in self._entries(kind):
                file.unlink(missing_ok=True)
                removed += size
            with suppress(FileNotFoundError, NotADirectoryError):
                (self.path / kind).rmdir()
        for name in _NOTES:
            (self.path / name).unlink(missing_ok=True)
        with suppress(FileNotFoundError, OSError):
            self.path.rmdir()
        return removed

    def _file(self, kind: str, key: str) -> Path:
        return self.path / kind / f"{key}.rfa"

    def _entries(self, kind: str) -> Iterator[tuple[int, int, Path]]:
        with suppress(OSError), os.scandir(self.path / kind) as entries:
            for entry in entries:
                if _ENTRY.fullmatch(entry.name):
                    with suppress(OSError):
                        found = entry.stat(follow_symlinks=False)
                        yield found.st_mtime_ns, found.st_size, Path(entry.path)


def key_of(*facts: object) -> str:
    """The key of what is found out from ``facts``, which are told apart by their ``repr``."""
    return hashlib.sha256(repr(facts).encode(errors="surrogateescape")).hexdigest()[:40]
