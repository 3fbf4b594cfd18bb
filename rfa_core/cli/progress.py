"""A progress bar for runs that last."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

PATIENCE = 1.0


class ProgressBar:
    """On stderr, from the first model on that begins after ``PATIENCE`` seconds."""

    def __init__(self) -> None:
        self._start = monotonic()
        self._bar: Progress | None = None

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, done: int, total: int, name: str) -> None:
        if self._bar is None and monotonic() - self._start >= PATIENCE:
            self._bar = _open(total)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], completed=done, description=name)


def _open(total: int) -> Progress:
    from rich.console import Console
    from rich.progress import Progress

    bar = Progress(console=Console(stderr=True), transient=True)
    bar.add_task("", total=total)
    bar.start()
    return bar
