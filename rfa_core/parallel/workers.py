"""Items spread over worker processes, each of which is watched while it works."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import wait
from time import monotonic
from typing import Any, Generic

from rfa_core.parallel.limits import Limits, resident
from rfa_core.parallel.process import (
    DONE,
    GONE,
    RAISED,
    READY,
    Duty,
    Item,
    Result,
    Worker,
    begin_with,
    import_all,
)

FEW = 16
"""Fewer items than this are not worth the start of a second process."""

_LOOK_EVERY = 0.1
_PLACE_OF_KILL = -getattr(signal, "SIGKILL", 9)


@dataclass(frozen=True, slots=True)
class Lost:
    """An item that its worker did not come back from, and why: a clause whose subject it is.

    ``killed`` is set where the system ended the worker, which may have had another cause than
    the item; ``limited`` where it was ended for a limit of ours.
    """

    reason: str
    killed: bool = False
    limited: bool = False


def _unheard(place: int, found: object) -> None:
    del place, found


@dataclass(slots=True)
class _Assignment:
    """A worker, the item it has by its place, and since when it works on it."""

    worker: Worker
    place: int
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Workers(Generic[Item, Result]):
    """Processes with the same duty, whose libraries are imported once for all of several where
    that can be. What they print goes to stderr."""

    duty: Duty[Item, Result]
    limits: Limits = field(default_factory=Limits)

    def run(
        self,
        items: Sequence[Item],
        jobs: int,
        begins: Callable[[int, Item], None],
        ends: Callable[[int, Result | Lost], None] = _unheard,
    ) -> list[Result | Lost]:
        """One result per item, in order; ``begins(done, item)`` as each one is begun, and
        ``ends(place, result)`` as it is done, twice for one that is tried again.

        The time of an item counts from where its worker has started. An item whose worker the
        system ended is tried again alone: another one may have been the cause. Raises what the
        work raises. No process is left, whatever happens.
        """
        if jobs > 1 and begin_with(self.duty.libraries):
            import_all(self.duty.libraries)
        results = self._round(dict(enumerate(items)), jobs, begins, ends)
        killed = [at for at, one in results.items() if isinstance(one, Lost) and one.killed]
        for at in killed if jobs > 1 else []:
            results |= self._round({at: items[at]}, 1, begins, ends)
        return [results[at] for at in range(len(items))]

    def _round(
        self,
        items: Mapping[int, Item],
        jobs: int,
        begins: Callable[[int, Item], None],
        ends: Callable[[int, Result | Lost], None],
    ) -> dict[int, Result | Lost]:
        waiting = iter(items)
        results: dict[int, Result | Lost] = {}
        team: list[Worker] = []
        busy: list[_Assignment] = []

        def assign(worker: Worker | None) -> None:
            place = next(waiting, None)
            if place is None:
                return
            begins(len(results), items[place])
            since = None if worker is None else monotonic()
            if worker is None:
                worker = Worker(self.duty)
                team.append(worker)
            busy.append(_Assignment(worker, place, since))
            worker.give(items[place])

        try:
            for _ in range(min(jobs, len(items))):
                assign(None)
            while busy:
                wait([each.worker.pipe for each in busy], _LOOK_EVERY)
                for each, found in list(self._ended(busy)):
                    results[each.place] = found
                    ends(each.place, found)
                    busy.remove(each)
                    lost = isinstance(found, Lost)
                    if lost:
                        team.remove(each.worker)
                        each.worker.end()
                    assign(None if lost else each.worker)
        finally:
            for worker in team:
                worker.end()
        return results

    def _ended(self, busy: Sequence[_Assignment]) -> Iterator[tuple[_Assignment, Result | Lost]]:
        for each in busy:
            ended = each.worker.exit_code() is not None
            kind, value = each.worker.reply()
            if kind == READY:
                each.since = monotonic()
                kind, value = each.worker.reply()
            if kind == RAISED:
                raise value
            elif kind == DONE:
                yield each, value
            elif ended or kind == GONE:
                yield each, _died(each.worker.exit_code())
            elif broken := self._broken_limit(each):
                yield each, broken

    def _broken_limit(self, each: _Assignment) -> Lost | None:
        seconds, memory = self.limits.seconds, self.limits.memory
        if seconds is not None and each.since is not None and monotonic() - each.since > seconds:
            return Lost(f"did not come to an end within {seconds:g} s (--timeout)", limited=True)
        if memory is not None and resident(each.worker.pid) - each.worker.inherited > memory:
            found = f"took more than {memory / 1e9:.3g} GB of memory (--memory-limit)"
            return Lost(found, limited=True)
        return None


def jobs_for(wanted: str, items: int) -> int:
    """How many processes ``--jobs`` means for ``items``: ``auto`` or a number."""
    if wanted != "auto":
        return min(int(wanted), max(items, 1))
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 1 if items < FEW else min(available or 1, items)


def _died(code: int | None) -> Lost:
    if code is None:
        return Lost("cut off the process that built it")
    if code >= 0:
        return Lost(f"ended the process that built it, with exit code {code}")
    name: Any = f"signal {-code}"
    with suppress(ValueError):
        name = signal.Signals(-code).name
    killed = code == _PLACE_OF_KILL
    cause = ", most likely for want of memory" if killed else ": it crashed"
    return Lost(f"lost the process that built it to {name}{cause}", killed)
