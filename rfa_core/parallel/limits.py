"""What one item may take."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

SECONDS = 300.0
"""The time limit where none is given."""

_SHARE_OF_MACHINE = 0.75
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Limits:
    """``seconds`` of wall time for one item, ``memory`` in resident bytes for its worker,
    without what it shares with the process that forked it; None: no limit."""

    seconds: float | None = None
    memory: int | None = None


def usual_memory() -> int | None:
    """Three quarters of the machine's memory, in bytes; None where memory cannot be watched."""
    if not memory_is_watched():
        return None
    return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * _SHARE_OF_MACHINE)


def memory_is_watched() -> bool:
    """Whether this system tells how much memory a process has."""
    return (_PROC / "self/statm").is_file()


def resident(pid: int) -> int:
    """The resident memory of a process in bytes; 0 if it is gone or memory is not watched."""
    try:
        pages = (_PROC / str(pid) / "statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")
