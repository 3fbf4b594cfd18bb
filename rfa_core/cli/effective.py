"""What options and environment change of the settings, and the command that shows the result."""

from __future__ import annotations

import os
from argparse import ArgumentTypeError, Namespace
from collections.abc import Mapping
from pathlib import Path

from rfa_core.cli.exits import ExitCode
from rfa_core.cli.options import FORMAT_VARIABLE
from rfa_core.cli.output import write_stdout
from rfa_core.cli.parser import choice
from rfa_core.config.load import load
from rfa_core.errors import UsageError
from rfa_core.formats import FORMATS

_VARIABLES = (FORMAT_VARIABLE, "NO_COLOR", "FORCE_COLOR")


def run_config(options: Namespace) -> int:
    """Print the effective settings and where each came from."""
    from rfa_core.report.configuration import render_settings

    format_of_environment()
    loaded = load(config=options.config, isolated=options.isolated, overrides=judgement(options))
    environment = {name: os.environ[name] for name in _VARIABLES if os.environ.get(name)}
    write_stdout(render_settings(loaded.settings, loaded.origins, environment, options.format))
    return ExitCode.CLEAN


def selection(options: Namespace) -> Mapping[str, object]:
    """The keys that decide which findings there are; None: not given."""
    return {
        "resolutions": options.res,
        "select": options.select,
        "ignore": options.ignore,
        "extend-select": options.extend_select,
        "baseline": str(Path(options.baseline).absolute()) if options.baseline else None,
    }


def judgement(options: Namespace) -> Mapping[str, object]:
    """The keys that the options of the judgement stand for; None: not given."""
    return {
        **selection(options),
        "severity": dict(options.severity) if options.severity else None,
        "fail-on": options.fail_on,
    }


def format_of_environment() -> str | None:
    """The output format that the environment asks for. Raises UsageError for an unknown one."""
    name = os.environ.get(FORMAT_VARIABLE)
    try:
        return choice(*FORMATS)(name) if name else None
    except ArgumentTypeError as error:
        raise UsageError(f"environment variable {FORMAT_VARIABLE}: {error}") from None
