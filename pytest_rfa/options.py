"""The command line options, and the overrides of ``[tool.rfa]`` they stand for."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace
from collections.abc import Mapping

import pytest


def add_options(parser: pytest.Parser) -> None:
    """Add the group ``rfa``."""
    add = parser.getgroup("rfa", "receptive fields").addoption
    add("--rfa", action="store_true", dest="rfa_on", help="check at the configured resolutions")
    add(
        "--rfa-res",
        action="extend",
        type=_separated,
        metavar="N|HxW",
        help="check at this resolution, in pixels (repeatable; 64,96x128)",
    )
    add("--no-rfa", action="store_true", dest="rfa_off", help="check nothing, whatever else says")
    add("--rfa-only", action="store_true", help="collect the checks and nothing else")
    add(
        "--rfa-target",
        action="append",
        metavar="TARGET",
        help="check this model: module:factory, file.py::factory, torchvision:resnet18 or a path "
        "(repeatable; default: what [tool.rfa] says, else the whole project)",
    )
    add(
        "--rfa-select",
        action="extend",
        type=_separated,
        metavar="CODE",
        help="report these rules only (repeatable)",
    )
    add(
        "--rfa-ignore",
        action="extend",
        type=_separated,
        metavar="CODE",
        help="leave these rules out (repeatable)",
    )
    add(
        "--rfa-fail-on",
        choices=("error", "warning", "info", "never"),
        help="fail a check from findings of this severity on (default: error)",
    )
    add(
        "--rfa-baseline",
        metavar="FILE",
        help="the file of accepted findings (default: as configured, else .rfa-baseline.json)",
    )
    add(
        "--rfa-report",
        action="append",
        default=[],
        type=_format_and_path,
        metavar="FORMAT:PATH",
        help="write a report of all checks to this file (repeatable)",
    )


def is_on(options: Namespace) -> bool:
    """Whether this run checks models."""
    asked = any(getattr(options, name, None) for name in ("rfa_on", "rfa_res", "rfa_target"))
    return asked and not options.rfa_off


def overrides(config: pytest.Config) -> Mapping[str, object]:
    """What the command line puts in place of the configured values; None: not given."""
    baseline = config.getoption("rfa_baseline")
    return {
        "baseline": str(config.invocation_params.dir / baseline) if baseline else None,
        "resolutions": config.getoption("rfa_res"),
        "select": config.getoption("rfa_select"),
        "ignore": config.getoption("rfa_ignore"),
        "fail-on": config.getoption("rfa_fail_on"),
    }


def _separated(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _format_and_path(text: str) -> tuple[str, str]:
    name, _, path = text.partition(":")
    if not path:
        raise ArgumentTypeError(f"expected FORMAT:PATH as json:rfa.json, found {text!r}")
    return name, path
