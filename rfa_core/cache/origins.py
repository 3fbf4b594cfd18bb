"""Whose a file is: the project's, installed, or this tool's own."""

from __future__ import annotations

import os
import sysconfig
from functools import lru_cache
from pathlib import Path

OWN, INSTALLED, SYSTEM = "own", "installed", "system"

_TOOL = str(Path(__file__).parent.parent) + os.sep
_PYTHON = tuple(
    {
        os.path.realpath(path) + os.sep
        for name in ("stdlib", "platstdlib")
        for path in [sysconfig.get_paths()[name]]
    }
)
_NO_FILES = ("__editable__", "python3")
"""Entries of ``sys.path`` that name no folder: finders of working copies, the zipped library."""
_DEVICES = ("/dev/", "/proc/", "/sys/")
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
    if (path + os.sep).startswith((_TOOL, *_PYTHON, *_DEVICES)) or os.path.realpath(
        path
    ).startswith(_PYTHON):
        return SYSTEM
    return OWN


def distributions(top: str) -> tuple[str, ...]:
    """The distributions that bring the top-level module ``top``; itself if none says so."""
    return tuple(sorted(_by_module().get(top, (top,))))


@lru_cache(maxsize=1)
def _by_module() -> dict[str, list[str]]:
    from importlib.metadata import packages_distributions

    return {name: list(set(found)) for name, found in packages_distributions().items()}
