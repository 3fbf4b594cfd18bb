"""The limits that the options stand for."""

from __future__ import annotations

from argparse import Namespace

from rfa_core.errors import UsageError
from rfa_core.parallel.limits import SECONDS, Limits, memory_is_watched, usual_memory


def limits_of(options: Namespace) -> Limits:
    """The limits given, else the usual ones; 0 is none.

    Raises UsageError for a memory limit on a system that does not tell the memory of a process.
    """
    if options.memory_limit and not memory_is_watched():
        raise UsageError(
            "--memory-limit: this system does not say how much memory a process has",
            "leave the option out, or run on Linux",
        )
    seconds = SECONDS if options.timeout is None else options.timeout
    memory = usual_memory() if options.memory_limit is None else options.memory_limit
    return Limits(seconds or None, memory or None)
