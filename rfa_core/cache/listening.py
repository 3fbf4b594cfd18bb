"""The events of this process that tell what its code reads.

The interpreter raises some (PEP 578); ``os.stat`` and the environment are put behind others here.
"""

from __future__ import annotations

import os
import pathlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from rfa_core.cache.dependencies import status_of


class Listener(Protocol):
    """Who is told. It looks at the frames above its caller for who asked."""

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """A file was opened, or a folder listed."""

    def asked(self, path: str) -> None:
        """What there is at ``path`` was asked for."""

    def variable(self, name: str) -> None:
        """An environment variable was asked for."""


_listener: list[Listener] = []


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """Tell ``listener`` what is read for as long as this lasts."""
    _listen(listener)
    environment, os.environ.__class__ = type(os.environ), _WatchedEnvironment
    try:
        with _watched_status():
            yield
    finally:
        os.environ.__class__ = environment


def _listen(listener: Listener) -> None:
    """A hook of the interpreter cannot be taken out again, so there is one."""
    if not _listener:
        sys.addaudithook(_hear)
    _listener[:] = [listener]


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("open", "os.listdir", "os.scandir"):
        _listener[0].hear(event, arguments)


@contextmanager
def _watched_status() -> Iterator[None]:
    """Hear of ``os.stat``, which raises no event and which all others that look for a file call."""
    able = os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks
    accessor = getattr(pathlib, "_NormalAccessor", None)  # Python 3.10

    def put(status: Any) -> None:
        os.stat = status
        if accessor is not None:
            accessor.stat = staticmethod(status)

    for each in able:
        each.add(_status)
    put(_status)
    try:
        yield
    finally:
        put(status_of)
        for each in able:
            each.discard(_status)


def _status(
    path: Any, *, dir_fd: int | None = None, follow_symlinks: bool = True
) -> os.stat_result:
    if dir_fd is None and not isinstance(path, int):
        with suppress(TypeError):
            _listener[0].asked(os.fsdecode(path))
    return status_of(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)


class _WatchedEnvironment(type(os.environ)):  # type: ignore[misc]
    def __getitem__(self, name: str) -> str:
        _listener[0].variable(name)
        value: str = super().__getitem__(name)
        return value
