"""The folder of the cache: files by key, replaced whole, bounded in size, unknown to git."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from rfa_core.cache.container import LARGEST, NoEntryError, packed, unpacked

NAME = ".rfa_cache"
BOUND = 256 * 2**20
"""Bytes that all entries may take together; beyond, those go that were not used for longest."""

_KINDS = ("models", "runs")
_TRIES = 20
_ENTRY = re.compile(r"[0-9a-f]{40}\.rfa(?:\.\d+)?")
_NOTES = {
    ".gitignore": "# Made by rfa.\n*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n# Made by rfa.\n",
}


class Holding(NamedTuple):
    """How many entries of one kind there are, and their bytes."""

    kind: str
    entries: int
    size: int


class Folder(NamedTuple):
    """The cache at ``path``, which need not be there. Reading never raises; what cannot be
    written is told by the return value."""

    path: str

    def read(self, kind: str, key: str, wanted: Sequence[int]) -> list[Any] | None:
        """The sections ``wanted`` of an entry; None if there is no such entry that is whole."""
        try:
            file = os.open(self._file(kind, key), os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        except OSError:
            return None
        try:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
                return None
            parts = iter(partial(os.read, file, 2**20), b"")
            return unpacked(b"".join(parts), wanted)
        except (OSError, NoEntryError):
            return None
        finally:
            os.close(file)

    def touch(self, kind: str, key: str) -> None:
        """Mark an entry as used, so that it is not among the first to go."""
        with suppress(OSError):
            os.utime(self._file(kind, key))

    def write(self, kind: str, key: str, sections: Sequence[Any]) -> str:
        """Write an entry whole, or not at all; returns why not, empty if it was or if somebody has
        put a folder in its place."""
        data = packed(sections)
        if data is None or len(data) > LARGEST:
            return f"an entry takes more than {LARGEST // 2**20} MiB, or has too many values"
        return _attempt(partial(self._write, kind, key, data))

    def prepare(self) -> str:
        """Make the folder, which git and backups are to pass over; returns why not."""
        return _attempt(self._prepare)

    def holdings(self) -> tuple[Holding, ...]:
        """What is there, kind by kind."""
        return tuple(
            Holding(kind, len(sizes), sum(sizes))
            for kind in _KINDS
            for sizes in [[size for _, size, _ in self._entries(kind)]]
        )

    def shrink(self, bound: int = BOUND) -> None:
        """Take out what was not used for longest until the rest is well below ``bound`` bytes."""
        every = sorted(
            (at, size, file) for kind in _KINDS for at, size, file in self._entries(kind)
        )
        total = sum(size for _, size, _ in every)
        if total <= bound:
            return
        for _, size, file in every:
            with suppress(OSError):
                os.unlink(file)
                total -= size
            if total <= bound * 3 // 4:
                return

    def clean(self) -> int:
        """Take everything out that is the cache's, and say how many bytes that was. Raises
        OSError."""
        removed = 0
        for kind in _KINDS:
            for _, size, file in self._entries(kind):
                _remove(file)
                removed += size
            with suppress(OSError):
                os.rmdir(os.path.join(self.path, kind))
        for name in _NOTES:
            _remove(os.path.join(self.path, name))
        with suppress(OSError):
            os.rmdir(self.path)
        return removed

    def _write(self, kind: str, key: str, data: bytes) -> None:
        os.makedirs(os.path.join(self.path, kind), exist_ok=True)
        _write(self._file(kind, key), data)

    def _prepare(self) -> None:
        for kind in _KINDS:
            os.makedirs(os.path.join(self.path, kind), exist_ok=True)
        for name, text in _NOTES.items():
            note = os.path.join(self.path, name)
            if not os.path.exists(note):
                _write(note, text.encode())
        os.stat(os.path.join(self.path, _KINDS[0]))
        if not os.access(os.path.join(self.path, _KINDS[0]), os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    def _file(self, kind: str, key: str) -> str:
        return os.path.join(self.path, kind, f"{key}.rfa")

    def _entries(self, kind: str) -> Iterator[tuple[int, int, str]]:
        with suppress(OSError), os.scandir(os.path.join(self.path, kind)) as entries:
            for entry in entries:
                if _ENTRY.fullmatch(entry.name):
                    with suppress(OSError):
                        found = entry.stat(follow_symlinks=False)
                        yield found.st_mtime_ns, found.st_size, entry.path


def _attempt(step: Callable[[], None], tries: int = _TRIES) -> str:
    """Take a step; returns why that is not possible.

    A folder that is gone again was taken out by another run (``clean``) and is made anew.
    """
    try:
        step()
    except OSError as error:
        if isinstance(error, FileNotFoundError) and tries > 1:
            return _attempt(step, tries - 1)
        if isinstance(error, IsADirectoryError):  # in place of an entry: the rest is kept
            return ""
        return error.strerror or str(error)
    return ""


def _write(file: str, data: bytes) -> None:
    """Write a whole file, or leave it as it was. Raises OSError."""
    draft = f"{file}.{os.getpid()}"
    try:
        with open(draft, "wb") as stream:
            stream.write(data)
        os.replace(draft, file)
    except BaseException:  # an interrupt, too, leaves no draft
        with suppress(OSError):
            os.unlink(draft)
        raise


def _remove(file: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(file)
