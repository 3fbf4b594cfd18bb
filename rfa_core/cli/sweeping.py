"""``rfa sweep`` and ``rfa rank``: many models, arguments and resolutions."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from rfa_core.cli.exits import ExitCode
from rfa_core.cli.limits import limits_of
from rfa_core.cli.messages import say
from rfa_core.cli.output import (
    TABLE_WIDTH,
    rendering,
    stdout_for_results,
    write_file,
    write_stdout,
)
from rfa_core.cli.progress import ProgressBar, is_watched
from rfa_core.config.load import load_settings
from rfa_core.config.settings import Settings
from rfa_core.errors import UsageError
from rfa_core.receptive.resolution import Resolution, parse_resolution
from rfa_core.report import RenderOptions
from rfa_core.sweeping.rows import Row


def run_sweep(options: Namespace) -> int:
    """Judge models at many resolutions: 2 if one of them has no verdict at one of these."""
    from rfa_core.report.sweep_table import render_sweep
    from rfa_core.sweeping.steps import resolutions_of

    if options.plot and Path(options.plot).suffix.lower() != ".svg":
        raise UsageError(f"--plot {options.plot}: expected a file named .svg")
    settings = _settings(options)
    rows = _rows(options, settings, resolutions_of(options.res) or settings.resolutions)
    if options.plot:
        write_file(options.plot, _plot(rows))
    form = _shown(options)
    if form == "svg":
        write_stdout(_plot(rows), "svg")
    elif form:
        write_stdout(render_sweep(rows, _how(options), form), form)
    return _exit_code(rows)


def run_rank(options: Namespace) -> int:
    """Order models by how well they suit one resolution: 2 if one has no verdict."""
    from rfa_core.report.sweep_table import render_rank
    from rfa_core.sweeping.ranking import ranked

    settings = _settings(options)
    given = [parse_resolution(options.res)] if options.res else settings.resolutions
    if len(given) > 1:
        configured = ", ".join(map(str, given))
        raise UsageError(f"rfa rank: which resolution? {configured} are configured", "give --res")
    rows = ranked(_rows(options, settings, given))
    form = _shown(options)
    if form:
        write_stdout(render_rank(rows, _how(options), form), form)
    return _exit_code(rows)


def _rows(
    options: Namespace, settings: Settings, resolutions: Sequence[Resolution]
) -> tuple[Row, ...]:
    from rfa_core.api import Spread, planned, swept
    from rfa_core.sweeping.steps import grid_of

    size = None if options.object_size is None else parse_resolution(options.object_size)
    spread = Spread(options.jobs, limits_of(options))
    if options.scheduler is not None:
        _refuse_limits(options)
        spread = Spread(scheduler=options.scheduler)
    made = [0, 0]
    with stdout_for_results(), ProgressBar(color=options.color != "never") as bar:
        shown = is_watched(options)

        def progress(done: int, total: int, name: str) -> None:
            made[:] = [done, total]
            if shown:
                bar(done, total, name)

        pieces = planned(options.targets, resolutions, settings, grid_of(options.grid), size)
        try:
            return swept(pieces, spread, options.output_file, progress)
        except BaseException:
            if made[0] and options.output_file:
                say(f"{made[0]} of {made[1]} rows are kept: the same command goes on from there")
            raise


def _plot(rows: Sequence[Row]) -> str:
    from rfa_core.report.sweep_plot import render_plot

    return render_plot(rows)


def _refuse_limits(options: Namespace) -> None:
    if options.jobs != "auto" or options.timeout is not None or options.memory_limit is not None:
        raise UsageError(
            "--scheduler leaves processes and their limits to Dask",
            "leave -n, --timeout and --memory-limit out; `dask worker` has options for them",
        )


def _settings(options: Namespace) -> Settings:
    return load_settings(config=options.config, isolated=options.isolated)


def _shown(options: Namespace) -> str:
    """The format for stdout: nothing goes there besides a file, unless asked for."""
    return str(options.format or ("" if options.output_file else "text"))


def _how(options: Namespace) -> RenderOptions:
    return rendering(options.color, sys.stdout, width=TABLE_WIDTH, verbose=options.verbose)


def _exit_code(rows: Sequence[Row]) -> ExitCode:
    judged = all(row.status == "analysed" for row in rows)
    return ExitCode.CLEAN if judged else ExitCode.NO_VERDICT
