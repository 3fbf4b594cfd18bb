"""A progress bar for runs that last."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

from rfa_core.cli.output import is_terminal

if TYPE_CHECKING:
    from argparse import Namespace

    from rich.progress import Progress

PATIENCE = 1.0


class ProgressBar:
    """On stderr, from the first model on that begins after ``PATIENCE`` seconds: its name, how
    many are done, and about how long the others take."""

    def __init__(self, *, color: bool = True) -> None:
        self._start = monotonic()
        self._color = color
        self._bar: Progress | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int, name: str) -> None:
        now = monotonic()
        if self._bar is None and now - self._start < PATIENCE:
            return
        ends = now + (now - self._start) / done * (total - done) if done else None
        self._show(name, total, completed=done, ends=ends)

    def _show(self, name: str, total: int, **task: Any) -> None:
        from rfa_core.rules.wording import flat

        task["description"] = flat(name)
        if self._bar is None:
            from rfa_core.cli.bar import make_bar

            self._bar = make_bar(self._color)
            self._bar.add_task(total=total, **task)
            self._bar.start()
        else:
            self._bar.update(self._bar.task_ids[0], **task)


def is_watched(options: Namespace) -> bool:
    """Whether somebody sees what goes to stderr, and did not ask for quiet."""
    return is_terminal(sys.stderr) and not options.quiet
