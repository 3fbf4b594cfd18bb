"""The table of targets, and how a changed input is made for each."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

from fuzz.contract import Target

Change = Callable[[bytes, random.Random], bytes]
Seeds = Callable[[], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Boundary:
    """One kind of input: ``read`` takes it, ``change`` makes another from it, and ``seeds`` are
    some to begin with, besides those of the corpus."""

    name: str
    read: Target
    change: Change
    seeds: Seeds


TARGETS: dict[str, Boundary] = {}


def target(name: str, change: Change, seeds: Seeds = tuple) -> Callable[[Target], Target]:
    """Make a target known by its name."""

    def register(read: Target) -> Target:
        TARGETS[name] = Boundary(name, read, change, seeds)
        return read

    return register


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """With ``folder`` as the working directory."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def empty(folder: Path) -> None:
    """Take out what the last input left."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            rmtree(path)
        else:
            path.unlink()
