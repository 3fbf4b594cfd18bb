"""Options that several commands have."""

from __future__ import annotations

from rfa_core.cli.parser import Parser, choice, jobs, memory, pair, seconds, separated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def add_targets(parser: Parser) -> None:
    """What is looked at."""
    parser.add_argument(
        "targets",
        metavar="TARGET",
        nargs="*",
        help="module:factory, file.py::factory, torchvision:resnet18, torchvision:*, or a path "
        "to search (default: what the configuration says, else the project)",
    )


def add_jobs(parser: Parser) -> None:
    """How many processes, and what each model may take."""
    parser.add_argument(
        "-n",
        "--jobs",
        type=jobs,
        default="auto",
        metavar="N|auto",
        help="processes to analyse models in (default: auto, several from 16 models on)",
    )
    parser.add_argument(
        "--timeout",
        type=seconds,
        metavar="SECONDS",
        help="give up on a model after this time (default: 300; 0: never)",
    )
    parser.add_argument(
        "--memory-limit",
        type=memory,
        metavar="SIZE",
        help="give up on a model whose process takes more memory, as 2GB (default: three quarters "
        "of the machine's; 0: any)",
    )


def add_cache(parser: Parser) -> None:
    """What is kept from earlier runs."""
    add = parser.add_argument
    add("--cache-dir", metavar="DIR", help="where the cache is (default: as configured)")
    add("--no-cache", action="store_true", help="build every model, and store nothing")


def add_selection(parser: Parser) -> None:
    """Resolutions and rules."""
    many: dict[str, Any] = {"action": "extend", "type": separated}
    add = parser.add_argument
    add("--res", **many, metavar="N|HxW", help="judge at this resolution (repeatable)")
    add("--select", **many, metavar="CODE", help="report these rules only (repeatable)")
    add("--ignore", **many, metavar="CODE", help="leave these rules out (repeatable)")
    add("--extend-select", **many, metavar="CODE", help="report these rules, too (repeatable)")


def add_judgement(parser: Parser) -> None:
    """All that decides what is found, and how bad it is."""
    add_selection(parser)
    add_baseline(parser)
    add = parser.add_argument
    add(
        "--severity",
        action="append",
        type=pair("=", "CODE=LEVEL as RFA104=error"),
        metavar="CODE=LEVEL",
        help="make a rule an error, a warning or an info (repeatable)",
    )
    add("--fail-on", metavar="LEVEL", help="exit 1 from here on: error, warning, info, never")


def add_baseline(parser: Parser) -> None:
    """The file of accepted findings."""
    parser.add_argument(
        "--baseline",
        metavar="FILE",
        help="the file of accepted findings (default: as configured, else .rfa-baseline.json)",
    )


def add_format(parser: Parser, *formats: str) -> None:
    """The first of ``formats`` unless another is asked for."""
    parser.add_argument(
        "--format",
        type=choice(*formats),
        default=formats[0],
        metavar="FORMAT",
        help=f"{', '.join(formats)} (default: {formats[0]})",
    )


def add_color(parser: Parser) -> None:
    """Whether what is written is coloured."""
    parser.add_argument(
        "--color",
        type=choice("auto", "always", "never"),
        default="auto",
        metavar="WHEN",
        help="auto (default; heeds NO_COLOR and FORCE_COLOR), always, never",
    )


def add_config(parser: Parser) -> None:
    """Where the settings come from."""
    parser.add_argument(
        "--config",
        action="append",
        default=[],
        metavar="PATH|'KEY = VALUE'",
        help="take this configuration file, or set one key (repeatable)",
    )
    parser.add_argument("--isolated", action="store_true", help="read no configuration file")
