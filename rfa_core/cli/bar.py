"""What a progress bar looks like; imported when one is shown."""

from __future__ import annotations

from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.table import Column
from rich.text import Text


class TimeLeft(ProgressColumn):
    """``1:05 left``, from when (``monotonic``) a task is expected to end; None: unknown."""

    def render(self, task: Task) -> Text:
        ends: float | None = task.fields["ends"]
        if ends is None:
            return Text()
        minutes, seconds = divmod(max(round(ends - monotonic()), 0), 60)
        return Text(f"{minutes}:{seconds:02} left")


def make_bar(color: bool) -> Progress:
    """A bar on stderr that leaves nothing behind: what is done, how much of it, the time left."""
    name = Column(ratio=1, no_wrap=True, overflow="ellipsis")
    return Progress(
        TextColumn("{task.description}", markup=False, table_column=name),
        BarColumn(20),
        MofNCompleteColumn(),
        TimeLeft(Column(no_wrap=True)),
        console=Console(stderr=True, no_color=None if color else True),
        transient=True,
        expand=True,
    )
