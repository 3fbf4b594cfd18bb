"""Work spread over processes: results in order, a lost worker costs one item."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

FEW = 16
"""Fewer items than this are not worth the start of a second process."""


@dataclass(frozen=True, slots=True)
class Lost:
    """The worker process of an item died: it crashed, or the system ended it."""


@dataclass(frozen=True, slots=True)
class Workers(Generic[Item, Result]):
    """How workers begin (``start(*arguments)``, once each) and what they do with an item.

    Both are functions of modules, and all that passes between processes can be pickled. What
    workers print goes to stderr.
    """

    work: Callable[[Item], Result]
    start: Callable[..., object]
    arguments: tuple[object, ...] = ()

    def run(
        self, items: Sequence[Item], jobs: int, done: Callable[[int, Item], None]
    ) -> list[Result | Lost]:
        """One result per item, in order; ``done(count, item)`` as each one ends.

        An item whose worker died is tried again alone, so that it takes no other with it.
        """
        results: dict[int, Result | Lost] = {}
        self._round(dict(enumerate(items)), jobs, results, done)
        for place in [place for place in range(len(items)) if place not in results]:
            self._round({place: items[place]}, 1, results, done)
            results.setdefault(place, Lost())
        return [results[place] for place in range(len(items))]

    def _round(
        self,
        items: dict[int, Item],
        jobs: int,
        results: dict[int, Result | Lost],
        done: Callable[[int, Item], None],
    ) -> None:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(jobs, context, _begin, (self.start, self.arguments)) as pool:
            futures: dict[Future[Result], int] = {
                pool.submit(self.work, item): place for place, item in items.items()
            }
            try:
                for future in as_completed(futures):
                    results[futures[future]] = future.result()
                    done(len(results), items[futures[future]])
            except BrokenProcessPool:
                return
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise


def jobs_for(wanted: str, items: int) -> int:
    """How many processes ``--jobs`` means for ``items``: ``auto`` or a number; 1 is this one."""
    if wanted != "auto":
        return min(int(wanted), max(items, 1))
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return 1 if items < FEW else min(available or 1, items)


def _begin(start: Callable[..., object], arguments: tuple[object, ...]) -> None:
    sys.stdout = sys.stderr
    start(*arguments)
