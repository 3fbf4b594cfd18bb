"""All that something was found out from, and whether it is still as it was."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cache
from time import time_ns
from typing import Any, NamedTuple

from rfa_core.cache.container import NoEntryError

status_of = os.stat
"""As it is when nobody listens to it (see ``watching``)."""
_SETTLED = 2_000_000_000
"""Nanoseconds before an entry is made within which a time of change proves nothing: coarse
clocks of file systems let a later change keep the time."""


class Stamp(NamedTuple):
    """A file or a folder as it was: ``size`` in bytes (of a folder: its number of entries; -1:
    there is none), the time of its last change, and a digest of its content (its names)."""

    size: int
    changed: int
    digest: str


class Dependencies(NamedTuple):
    """Files and folders by path, what is at paths that were only asked about (``kind``), digests of
    environment variables by name (None: not set), versions of installed distributions by name
    (None: not installed), and the folders they are installed in, by path, with the time of their
    last change. ``taken`` is when all of that was looked at, in nanoseconds. Paths below the
    project are relative to it, with forward slashes."""

    files: Mapping[str, Stamp]
    folders: Mapping[str, Stamp]
    kinds: Mapping[str, int]
    variables: Mapping[str, str | None]
    versions: Mapping[str, str | None]
    places: Mapping[str, int]
    taken: int

    def hold(self, root: str, *, exactly: bool = False) -> bool:
        """Whether all is as it was, seen from the project at ``root``.

        Size and time come first, and the content only where they leave a doubt. ``exactly``:
        anything that was installed since counts as a change.
        """
        return (
            all(variable(name) == value for name, value in self.variables.items())
            and self._installed(exactly)
            and all(kind(os.path.join(root, path)) == one for path, one in self.kinds.items())
            and all(self._same(file_stamp, root, *each) for each in self.files.items())
            and all(self._same(folder_stamp, root, *each) for each in self.folders.items())
        )

    def _installed(self, exactly: bool) -> bool:
        if all(changed(place) == before for place, before in self.places.items()):
            return True
        return not exactly and all(version(name) == one for name, one in self.versions.items())

    def _same(
        self, look: Callable[[str, Stamp | None], Stamp], root: str, path: str, before: Stamp
    ) -> bool:
        settled = before.changed < self.taken - _SETTLED
        now = look(os.path.join(root, path), before if settled else None)
        return (now.size, now.digest) == (before.size, before.digest)


def united(each: Iterable[Dependencies], root: str) -> Dependencies:
    """What all of several things were found out from, with absolute paths."""
    every = list(each)
    return Dependencies(
        {os.path.join(root, path): one for part in every for path, one in part.files.items()},
        {os.path.join(root, path): one for part in every for path, one in part.folders.items()},
        {os.path.join(root, path): one for part in every for path, one in part.kinds.items()},
        {name: value for part in every for name, value in part.variables.items()},
        {name: value for part in every for name, value in part.versions.items()},
        {path: at for part in every for path, at in part.places.items()},
        min((part.taken for part in every), default=time_ns()),
    )


def as_json(all_of_it: Dependencies) -> Any:
    """``all_of_it`` as a value of JSON."""
    return [
        {path: [one.size, one.changed, one.digest] for path, one in all_of_it.files.items()},
        {path: [one.size, one.changed, one.digest] for path, one in all_of_it.folders.items()},
        dict(all_of_it.kinds),
        dict(all_of_it.variables),
        dict(all_of_it.versions),
        dict(all_of_it.places),
        all_of_it.taken,
    ]


def from_json(value: Any) -> Dependencies:
    """What ``as_json`` made. Raises NoEntryError."""
    try:
        files, folders, kinds, variables, versions, places, taken = value
        return Dependencies(
            {path: _stamp(*one) for path, one in files.items()},
            {path: _stamp(*one) for path, one in folders.items()},
            {path: int(one) for path, one in kinds.items()},
            _texts(variables),
            _texts(versions),
            {path: int(at) for path, at in places.items()},
            int(taken),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise NoEntryError(str(error)) from error


def file_stamp(path: str, known: Stamp | None = None) -> Stamp:
    """The file at ``path`` as it is now; its content is not read if size and time are ``known``."""
    try:
        found = status_of(path)
    except (OSError, ValueError):
        return Stamp(-1, 0, "")
    if not stat.S_ISREG(found.st_mode):
        return Stamp(0, found.st_mtime_ns, "no file")
    if known and (known.size, known.changed) == (found.st_size, found.st_mtime_ns):
        return known
    digest = ""
    if known is None or known.size == found.st_size:
        with suppress(OSError), open(path, "rb") as file:
            read = hashlib.sha256()
            while part := file.read(2**20):
                read.update(part)
            digest = read.hexdigest()
    return Stamp(found.st_size, found.st_mtime_ns, digest)


def folder_stamp(path: str, known: Stamp | None = None) -> Stamp:
    """The names in the folder at ``path``, but for hidden ones and byte code."""
    at = changed(path)
    if at and known and known.changed == at:
        return known
    try:
        with os.scandir(path) as entries:
            names = sorted(
                entry.name + "/" * entry.is_dir()
                for entry in entries
                if entry.name[0] != "." and entry.name != "__pycache__"
            )
    except OSError:
        return Stamp(-1, 0, "")
    digest = hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()
    return Stamp(len(names), at, digest)


def kind(path: str) -> int:
    """What is at ``path``: 0 nothing, 1 a file, 2 a folder."""
    try:
        return 1 + stat.S_ISDIR(status_of(path).st_mode)
    except (OSError, ValueError):
        return 0


def variable(name: str) -> str | None:
    """A digest of an environment variable, which may be a secret; None if it is not set."""
    value = os.environ.get(name)
    if value is None:
        return None
    return hashlib.sha256(f"{name}={value}".encode(errors="surrogateescape")).hexdigest()


def changed(path: str) -> int:
    """When the file or folder at ``path`` was changed last, in nanoseconds; 0 if it is gone."""
    try:
        return status_of(path).st_mtime_ns
    except (OSError, ValueError):
        return 0


@cache
def version(distribution: str) -> str | None:
    """The installed version of a distribution; None if there is none."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed(distribution)
    except PackageNotFoundError:
        return None


def installation_places() -> dict[str, int]:
    """The folders on ``sys.path`` that distributions are installed in, and their last change."""
    places = (path for path in sys.path if path.endswith(("site-packages", "dist-packages")))
    return {path: changed(path) for path in dict.fromkeys(places)}


def _stamp(size: int, changed: int, digest: str) -> Stamp:
    return Stamp(int(size), int(changed), str(digest))


def _texts(value: Mapping[str, Any]) -> dict[str, str | None]:
    return {name: one if one is None else str(one) for name, one in value.items()}
