"""Keys of entries: what decides a result apart from files, and which tool and Python found it."""

from __future__ import annotations

import hashlib
import os
import sys


def key_of(version: str, *facts: object) -> str:
    """The key of what this ``version`` of the tool finds out from ``facts``, which are told apart
    by their ``repr``."""
    every = (version, _own_sources(), sys.version, sys.prefix, facts)
    return hashlib.sha256(repr(every).encode(errors="surrogateescape")).hexdigest()[:40]


def _own_sources() -> tuple[int, int]:
    """What tells two states of this tool apart that have the same version: a working copy."""
    home = os.path.dirname(os.path.dirname(__file__))
    if os.path.basename(os.path.dirname(home)) in ("site-packages", "dist-packages"):
        return 0, 0
    times = [
        os.stat(os.path.join(folder, name)).st_mtime_ns
        for folder, _, names in os.walk(home)
        for name in names
        if name.endswith(".py")
    ]
    return len(times), max(times)
