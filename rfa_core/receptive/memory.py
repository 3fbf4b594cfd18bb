"""Work done once per graph: the blocks of a network repeat the same few steps.

What an operation makes of its operands depends on nothing but the operation, the operands'
states and the shapes. After its first global block, every block of a transformer meets the
states of the block before, and costs a look-up instead of the arrays.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

LARGEST = 2**26
"""Bytes of tables that are kept for later; with more than that, all is forgotten. A table of
more than a quarter of it is not compared with others, which would take a copy."""

Result = TypeVar("Result")


@contextmanager
def collector_paused() -> Iterator[None]:
    """No garbage collection meanwhile: for work that makes many values and no cycles.

    They stay until the end, and the collector would go through all of them time and again.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Memory:
    """Results by what they follow from, and one object for equal tables.

    Tables hash by identity, so that a key is cheap however large they are; ``unique`` is
    what makes equal ones identical.
    """

    __slots__ = ("_bytes", "_results", "_tables")

    def __init__(self) -> None:
        self._results: dict[Hashable, Any] = {}
        self._tables: dict[Hashable, Any] = {}
        self._bytes = 0

    def recall(self, key: Hashable, work: Callable[[], Result]) -> Result:
        """The result of ``work``, done again only if it was forgotten."""
        if key in self._results:
            return self._results[key]  # type: ignore[no-any-return]
        result = self._results[key] = work()
        return result

    def unique(self, state: Result) -> Result:
        """``state``, or the equal table met before if it is not too large to compare."""
        if not hasattr(state, "grids"):
            return state
        if state.bytes > LARGEST // 4:  # type: ignore[attr-defined]
            self._hold(state.bytes)  # type: ignore[attr-defined]
            return state
        key = state.content()  # type: ignore[attr-defined]
        if key not in self._tables:
            self._hold(state.bytes)  # type: ignore[attr-defined]
            self._tables[key] = state
        return self._tables[key]  # type: ignore[no-any-return]

    def _hold(self, size: int) -> None:
        self._bytes += size
        if self._bytes > LARGEST:
            self._results.clear()
            self._tables.clear()
            self._bytes = size
