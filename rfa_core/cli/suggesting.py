"""``rfa suggest``: what to change about one model."""

from __future__ import annotations

from argparse import Namespace

from rfa_core.cli.exits import ExitCode
from rfa_core.cli.options import GOALS
from rfa_core.cli.output import stdout_for_results, write_stdout
from rfa_core.config.load import load_settings
from rfa_core.errors import UsageError


def run_suggest(options: Namespace) -> int:
    """Print proposals: 0 whether there are any or none is needed, 2 if the model has no verdict."""
    from rfa_core.api import Session
    from rfa_core.report.suggested import render_suggestions

    overrides = {"resolutions": None if options.res is None else [options.res]}
    settings = load_settings(config=options.config, isolated=options.isolated, overrides=overrides)
    session = Session(settings)
    targets = session.plan([options.target]).targets
    if len(targets) != 1:
        names = ", ".join(target.name for target in targets[:5])
        raise UsageError(
            f"expected one model, found {len(targets)} in {options.target!r}",
            f"name one of them: {names}" if names else "`rfa list` shows which models there are",
        )
    resolutions = session.resolutions(targets[0])
    if not resolutions:
        raise UsageError(
            f"no resolution to fit {targets[0].name} to",
            f"give one in pixels as --res 64, or as resolutions = [64] {settings.where}",
        )
    with stdout_for_results():
        found = session.suggest(targets[0], resolutions[0], tuple(options.goal or GOALS))
    write_stdout(render_suggestions(found, options.format), options.format)
    return ExitCode.CLEAN
