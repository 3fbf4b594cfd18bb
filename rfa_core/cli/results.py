"""Where the results of ``rfa check`` go: files, stdout and, in GitHub Actions, the job."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from rfa_core.api.files import Step, attempt_all, in_repository, made, write_report
from rfa_core.cli.effective import format_of_environment
from rfa_core.cli.github import append_summary, in_actions, without_commands
from rfa_core.cli.messages import say
from rfa_core.cli.output import rendering, write_stdout
from rfa_core.config.settings import Settings
from rfa_core.errors import RfaError
from rfa_core.findings import Report
from rfa_core.formats import FORMATS
from rfa_core.report import RenderOptions


class Results:
    """What a run is to write, as its options and settings say. Raises UsageError."""

    def __init__(self, options: Namespace, settings: Settings) -> None:
        asked = options.output_format or format_of_environment()
        self._options = options
        self._settings = settings
        self.format: str = asked or FORMATS[0]
        self.stdout = ""
        self._for_the_job = asked is None and in_actions()

    @property
    def formats(self) -> list[str]:
        """All formats that are written, besides the configured ones."""
        of_job = ["github", "markdown"] if self._for_the_job else []
        return [self.format, *of_job, *(name for name, _ in self._options.report)]

    def write(self, report: Report, *, show_ranges: bool) -> None:
        """Write all of it. Raises UsageError in the end if some of it could not be written."""
        attempt_all((*self._files(report, show_ranges), *self._stdout(report, show_ranges)))

    def write_files(self, report: Report) -> None:
        """Write what goes to files, of a run that was stopped; what cannot be written is said."""
        try:
            attempt_all(self._files(report))
        except RfaError as error:
            say(f"error: {error}")

    def _files(self, report: Report, show_ranges: bool = False) -> Iterator[Step]:
        options, settings = self._options, self._settings
        configured = [(name, str(Path(settings.root, path))) for name, path in settings.reports]
        for name, path in (*configured, *options.report):
            yield partial(write_report, report, name, path)
        if options.output_file:
            how = self._how(report, show_ranges)
            yield partial(write_report, report, self.format, options.output_file, how)

    def _stdout(self, report: Report, show_ranges: bool) -> Iterator[Step]:
        if not self._options.output_file:
            yield partial(self._main_output, report, show_ranges)
        if self._for_the_job:
            how = in_repository(RenderOptions(), report.root)
            yield partial(_annotate, report, how)
            yield partial(append_summary, report, how)

    def _main_output(self, report: Report, show_ranges: bool) -> None:
        text = made(report, self.format, "stdout", self._how(report, show_ranges))
        self.stdout = without_commands(text) if self._for_the_job else text
        write_stdout(self.stdout, self.format)

    def _how(self, report: Report, show_ranges: bool) -> RenderOptions:
        options = self._options
        how = rendering(
            options.color,
            None if options.output_file else sys.stdout,
            verbose=options.verbose,
            quiet=options.quiet,
            statistics=options.statistics,
            show_ranges=show_ranges,
        )
        return in_repository(how, report.root)


def _annotate(report: Report, how: RenderOptions) -> None:
    write_stdout(made(report, "github", "annotations", how), "github")
