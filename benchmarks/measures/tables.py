"""Tables of figures as Markdown, and how times are taken."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

PATIENCE = 6.0
"""Seconds after which a slow call is not made again."""


@dataclass(frozen=True)
class Table:
    """Rows of cells under a ``header``; ``notes`` are paragraphs below them."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def markdown(self) -> str:
        """The table as a section of a page: the first column is text, the others are numbers."""
        numbers = ["---:"] * (len(self.header) - 1)
        lines = [self.header, ["---", *numbers], *self.rows]
        table = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
        return "\n\n".join([f"## {self.title}", table, *self.notes])


def median_seconds(call: Callable[[], object], runs: int, clock: Callable[[], float]) -> float:
    """The median of up to ``runs`` timings by ``clock``, after one that is not counted.

    A call that takes longer than ``PATIENCE`` is made only once.
    """
    times: list[float] = []
    for _ in range(runs + 1):
        start = clock()
        call()
        times.append(clock() - start)
        if times[0] > PATIENCE:
            return times[0]
    return statistics.median(times[1:])


@dataclass(frozen=True)
class Taken:
    """Seconds that pass, and seconds of the processor in child processes."""

    wall: float
    processor: float


def in_turn(calls: Sequence[Callable[[], object]], runs: int) -> list[Taken]:
    """What each of ``calls`` takes, which start processes: medians of ``runs``, made in turn so
    that a machine that is busy for a while is so for all."""
    found: list[list[Taken]] = [[] for _ in calls]
    for _ in range(runs):
        for call, own in zip(calls, found, strict=True):
            start, used = time.perf_counter(), _used()
            call()
            own.append(Taken(time.perf_counter() - start, _used() - used))
    return [
        Taken(
            statistics.median(one.wall for one in own),
            statistics.median(one.processor for one in own),
        )
        for own in found
    ]


def _used() -> float:
    spent = os.times()
    return spent.children_user + spent.children_system


def seconds(value: float) -> str:
    """``1.23 s`` or ``12.3 ms``."""
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.3g} ms"
