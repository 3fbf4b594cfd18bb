"""Whose a file is: the project's, installed, or this tool's own."""

from __future__ import annotations

import os
import re
import sys
import sysconfig
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

OWN, INSTALLED, SYSTEM = "own", "installed", "system"

TOOL = str(Path(__file__).parent.parent) + os.sep
_PYTHON = tuple(
    {
        os.path.realpath(path) + os.sep
        for name in ("stdlib", "platstdlib")
        for path in [sysconfig.get_paths()[name]]
    }
)
_SCRIPTS = tuple(
    os.path.abspath(sysconfig.get_path("scripts", scheme))
    for scheme in (sysconfig.get_default_scheme(), f"{os.name}_user")
)
"""Where ``rfa`` and ``pytest`` are, whose frames are below all others."""
_NAME, _JOINTS = re.compile(r"[\w.-]+"), re.compile(r"[-_.]+")
_NO_FILES = ("__editable__", "python3")
"""Entries of ``sys.path`` that name no folder: finders of working copies, the zipped library."""
_DEVICES = ("/dev/", "/proc/", "/sys/")
_MEMORY = "/dev/shm/"  # noqa: S108  (a disk like any other)
_SITE = (f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}")


@lru_cache(maxsize=65536)
def origin(file: str) -> str:
    """``own``: source or data that may change from run to run, as that of the project;
    ``installed``: part of a distribution, which its version stands for; ``system``: Python, devices
    and this tool."""
    if file.startswith("<"):
        return SYSTEM
    path = os.path.abspath(file)
    if any(site in path for site in _SITE):
        return INSTALLED
    if os.path.basename(path).startswith(_NO_FILES):
        return SYSTEM
    if os.path.dirname(path) in _SCRIPTS:
        return SYSTEM
    if (path + os.sep).startswith(_MEMORY):
        return OWN
    if (path + os.sep).startswith((TOOL, *_PYTHON, *_DEVICES)) or os.path.realpath(path).startswith(
        _PYTHON
    ):
        return SYSTEM
    return OWN


def distributions(top: str) -> tuple[str, ...]:
    """The distributions that bring the top-level module ``top``; itself if none says so."""
    return tuple(sorted(_by_module().get(top, (top,))))


def needed_by(tops: Iterable[str]) -> set[str]:
    """The distributions that bring the modules ``tops``, and all imported ones that those need."""
    imported = {name.partition(".")[0] for name in list(sys.modules)}
    known = {_plain(each): each for top in imported for each in _by_module().get(top, ())}
    found: set[str] = set()
    waiting = [each for top in tops for each in distributions(top)]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting += [known[one] for one in _requirements(each) if one in known]
    return found


@lru_cache(maxsize=4096)
def _requirements(distribution: str) -> tuple[str, ...]:
    """The plain names of what a distribution says that it needs, or can use."""
    from importlib.metadata import PackageNotFoundError, requires

    try:
        lines = requires(distribution) or []
    except PackageNotFoundError:
        return ()
    return tuple({_plain(found[0]) for line in lines if (found := _NAME.match(line))})


def _plain(distribution: str) -> str:
    return _JOINTS.sub("-", distribution).lower()


@lru_cache(maxsize=1)
def _by_module() -> dict[str, list[str]]:
    from importlib.metadata import packages_distributions

    return {name: list(set(found)) for name, found in packages_distributions().items()}
