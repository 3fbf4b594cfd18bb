"""A check that was made before, of what did not change: its results are written again.

Only what goes to stdout is kept, and only of runs that did nothing else: no report files, no
messages, no plugins. Where anything was changed, the run is made as ever.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager

from rfa_core import __version__
from rfa_core.cache.folder import NAME, Folder
from rfa_core.cache.keys import key_of
from rfa_core.cache.runs import Run, keep_run, recall_run
from rfa_core.cli.output import write_stdout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from rfa_core.cache.dependencies import Dependencies
    from rfa_core.config.settings import Settings

_READER = "the run"
_VARIABLES = (
    "CI", "COLUMNS", "FORCE_COLOR", "NO_COLOR", "PYTHONPATH", "RFA_OUTPUT_FORMAT", "TERM",
    "PYTHONIOENCODING", "LC_ALL", "LC_CTYPE", "LANG", "PYTHONUTF8",
)  # fmt: skip
"""What the look of results depends on, and where modules come from."""


def replayed(options: Namespace) -> int | None:
    """Write the results of the same run again and return its exit code; None if it has to be
    made."""
    folder = _closest(options) if _may_be_kept(options) else None
    run = recall_run(folder, _key(options)) if folder else None
    if run is None:
        return None
    write_stdout(run.text, run.format)
    return run.exit_code


class Recording:
    """Notes what a run reads, and what it writes to stdout; ``is_on`` until something is done that
    could not be done again by writing to stdout."""

    def __init__(self, options: Namespace) -> None:
        self.is_on = _may_be_kept(options)
        self._options = options
        self._models: Dependencies | None = None

    def settled(self, dependencies: Dependencies) -> None:
        """What the models depend on; without it, nothing is kept."""
        self._models = dependencies

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While this lasts, note what is read."""
        if not self.is_on:
            yield
            return
        from rfa_core.cache.watching import WATCH

        with WATCH.on(_READER, _configurations(), lists=True):
            yield

    def keep(self, settings: Settings, text: str, written_as: str, code: int) -> None:
        """Keep the run, if it can be, and the next one would find it."""
        if not self.is_on or self._models is None or settings.reports or not settings.cache_dir:
            return
        folder = Folder(os.path.join(settings.root, settings.cache_dir))
        if folder != _closest(self._options):
            return
        from time import time_ns

        from rfa_core.cache.dependencies import united
        from rfa_core.cache.watching import WATCH

        own = WATCH.dependencies([_READER], os.sep, time_ns())
        if own is not None:
            every = united([own, self._models], os.sep)
            keep_run(folder, _key(self._options), Run(text, written_as, code), every)


def _may_be_kept(options: Namespace) -> bool:
    """Whether the run writes nothing but stdout, as far as options and environment tell."""
    wanted = options.output_file or options.report or options.no_cache or options.verbose
    return not wanted and not os.environ.get("GITHUB_ACTIONS")


def _key(options: Namespace) -> str:
    given = sorted((name, value) for name, value in vars(options).items())
    environment = [(name, os.environ.get(name)) for name in _VARIABLES]
    terminal = sys.stdout is not None and sys.stdout.isatty()
    size = tuple(os.get_terminal_size(sys.stdout.fileno())) if terminal else ()
    return key_of(__version__, os.getcwd(), given, environment, size)


def _closest(options: Namespace) -> Folder | None:
    """The cache that a run would use, as far as that can be told without its configuration."""
    here = os.getcwd()
    if options.cache_dir:
        return Folder(os.path.join(here, options.cache_dir))
    while not os.path.isdir(os.path.join(here, NAME)):
        if here == os.path.dirname(here):
            return None
        here = os.path.dirname(here)
    return Folder(os.path.join(here, NAME))


def _configurations() -> list[str]:
    """Where a configuration is looked for, whether it is there or not."""
    from pathlib import Path

    from rfa_core.baseline import NAME as BASELINE
    from rfa_core.config.sources import PROJECT_MARKS

    here = Path.cwd()
    names = (*PROJECT_MARKS, BASELINE)
    return [str(folder / name) for folder in (here, *here.parents) for name in names]
