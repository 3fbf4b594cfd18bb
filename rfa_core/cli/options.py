"""The commands and their options."""

from __future__ import annotations

import argparse

from rfa_core import __version__
from rfa_core.cli.groups import (
    add_baseline,
    add_cache,
    add_color,
    add_config,
    add_format,
    add_jobs,
    add_judgement,
    add_selection,
    add_targets,
)
from rfa_core.cli.parser import (
    Once,
    Parser,
    choice,
    depth,
    pair,
    separated,
    shard,
)
from rfa_core.formats import FORMATS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHOWN = ("text", "json", "html", "dot", "svg", "png")
PICTURES = ("dot", "svg", "png")
FIGURES = ("growth", "map")
GOALS = ("both", "performance", "efficiency")
FORMAT_VARIABLE = "RFA_OUTPUT_FORMAT"


def parse(arguments: Sequence[str]) -> tuple[str, argparse.Namespace]:
    """The name of the command and its options. Raises UsageError."""
    command, rest = _chosen(arguments)
    return command, parser_of(command).parse(rest)


def parser_of(command: str, width: int = 0) -> Parser:
    """What parses the options of a command, and describes them in ``width`` columns."""
    summary, add_options = COMMANDS[command]
    description = f"{summary[0].upper()}{summary[1:]}."
    parser = Parser(width, prog=f"rfa {command}", description=description)
    add_options(parser)
    parser.add_argument("-v", "--verbose", action="store_true", help="more detail; tracebacks")
    placed = [_placed(action) for action in parser._actions if not action.option_strings]
    parser.usage = " ".join([parser.prog, "[OPTIONS]", *placed])
    return parser


def _placed(action: argparse.Action) -> str:
    form = {"*": "[{} ...]", "?": "[{}]"}.get(str(action.nargs), "{}")
    return form.format(action.metavar)


def _chosen(arguments: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The name of the command and what is behind it; the door is asked where none comes first."""
    if arguments and arguments[0] in COMMANDS:
        return arguments[0], arguments[1:]
    parser = door()
    chosen = parser.parse(arguments, intermixed=False)
    if chosen.command is None:
        parser.error(f"no command given; expected one of {', '.join(COMMANDS)}")
    return chosen.command, chosen.rest


def door(width: int = 0) -> Parser:
    """What parses the command line up to the name of the command."""
    commands = "\n".join(f"  {name:10}{summary}" for name, (summary, _) in COMMANDS.items())
    parser = Parser(
        width,
        prog="rfa",
        usage="rfa [-h] [--version] COMMAND ...",
        description="Finds the layers of a network that cannot add context at your resolution.",
        epilog=f"commands:\n{commands}\n\n`rfa COMMAND --help` describes the options of one.",
    )
    parser.add_argument("--version", action="version", version=f"rfa {__version__}")
    parser.add_argument(
        "command",
        metavar="COMMAND",
        nargs="?",
        type=choice(*COMMANDS),
        help="one of those below",
    )
    parser.add_argument("rest", metavar="...", nargs=argparse.REMAINDER, help="what it works on")
    return parser


def _add_check_options(parser: Parser) -> None:
    add_targets(parser)
    add_judgement(parser)
    _add_results(parser)
    add_jobs(parser)
    add_cache(parser)
    parser.add_argument(
        "--shard",
        type=shard,
        metavar="I/N",
        help="check the I-th of N parts of the models, as the jobs of a CI matrix do",
    )
    add_color(parser)
    add_config(parser)


def _add_range_options(parser: Parser) -> None:
    add_targets(parser)
    add_format(parser, "text", "json")
    add_jobs(parser)
    add_cache(parser)
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")
    add_color(parser)
    add_config(parser)


def _add_sweep_options(parser: Parser) -> None:
    add_targets(parser)
    parser.add_argument(
        "--res",
        action="extend",
        type=separated,
        default=[],
        metavar="N|HxW|FIRST:LAST:STEP",
        help="judge at these resolutions, as 32:512:32 or 64,96x128 (repeatable)",
    )
    _add_sweeping(parser, "text", "csv", "json", "svg")
    parser.add_argument("--plot", metavar="FILE.svg", help="draw the productive shares there")
    add_color(parser)
    add_config(parser)


def _add_rank_options(parser: Parser) -> None:
    add_targets(parser)
    add = parser.add_argument
    add("--res", action=Once, metavar="N|HxW", help="the resolution that models are to suit")
    _add_sweeping(parser, "text", "csv", "json")
    add_color(parser)
    add_config(parser)


def _add_sweeping(parser: Parser, *formats: str) -> None:
    add = parser.add_argument
    add("--object-size", metavar="N|HxW", help="judge by objects of this size inside the image")
    add(
        "--grid",
        action="append",
        default=[],
        metavar="NAME=VALUE,VALUE",
        help="build each model with each of these arguments, Python literals (repeatable)",
    )
    add(
        "--format",
        type=choice(*formats),
        metavar="FORMAT",
        help=f"{', '.join(formats)} on stdout (default: text, with -o nothing)",
    )
    add(
        "-o",
        "--output-file",
        metavar="FILE",
        help="write rows there as they come: .jsonl, .csv or .parquet; those that are there "
        "already are kept",
    )
    add_jobs(parser)
    add("--scheduler", metavar="ADDRESS", help="let a Dask cluster do it, as tcp://host:8786")
    add("-q", "--quiet", action="store_true", help="no progress")


def _add_results(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--output-format",
        type=choice(*FORMATS),
        metavar="FORMAT",
        help=f"{', '.join(FORMATS)} (default: ${FORMAT_VARIABLE}, else full)",
    )
    add("-o", "--output-file", metavar="FILE", help="write there instead of to stdout")
    add(
        "--report",
        action="append",
        default=[],
        type=_report,
        metavar="FORMAT:PATH",
        help="write this file besides (repeatable)",
    )
    add("--exit-zero", action="store_true", help="exit 0 where findings would make it 1")
    add("--no-ignores", action="store_true", help="disregard comments `# rfa: ignore`")
    add("--statistics", action="store_true", help="add the number of findings per rule")
    add("-q", "--quiet", action="store_true", help="findings only; no progress")


def _add_baseline_options(parser: Parser) -> None:
    parser.add_argument(
        "action",
        type=choice("write", "prune", "show"),
        metavar="ACTION",
        help="write: accept all that is found now; prune: drop what is fixed; show: list what is "
        "accepted",
    )
    add_targets(parser)
    add_selection(parser)
    add_baseline(parser)
    add_format(parser, "text", "json")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress")
    add_jobs(parser)
    add_cache(parser)
    add_config(parser)


def _add_cache_options(parser: Parser) -> None:
    parser.add_argument(
        "action",
        type=choice("info", "clean"),
        metavar="ACTION",
        help="info: say where it is and what is in it; clean: empty it",
    )
    parser.add_argument("--cache-dir", metavar="DIR", help="where it is (default: as configured)")
    add_format(parser, "text", "json")
    add_config(parser)


def _add_list_options(parser: Parser) -> None:
    parser.add_argument("paths", metavar="PATH", nargs="*", help="where to look")
    add_format(parser, "text", "json")
    add_config(parser)


def _add_config_options(parser: Parser) -> None:
    add_judgement(parser)
    add_format(parser, "text", "json")
    add_config(parser)


def _add_init_options(parser: Parser) -> None:
    add = parser.add_argument
    add(
        "--res",
        action="extend",
        type=separated,
        default=[],
        metavar="N|HxW",
        help="judge models at this resolution (repeatable)",
    )
    add("--dry-run", action="store_true", help="print, write nothing")


def _add_rule_options(parser: Parser) -> None:
    parser.add_argument("code", metavar="CODE", nargs="?", help="such as RFA101 (default: all)")
    add_format(parser, "text", "markdown", "json")


def _add_show_options(parser: Parser) -> None:
    parser.add_argument("target", metavar="TARGET", help="module:factory, file.py::factory, …")
    add = parser.add_argument
    add("--res", action=Once, metavar="N|HxW", help="judge at this resolution")
    add("--layer", metavar="NAME", help="say where this layer's footprint comes from, step by step")
    add(
        "--format",
        type=choice(*SHOWN),
        metavar="FORMAT",
        help=f"{', '.join(SHOWN)} (default: what FILE ends in, else text)",
    )
    add("-o", "--output-file", metavar="FILE", help="write there instead of to stdout")
    add(
        "--figure",
        type=choice(*FIGURES),
        metavar="KIND",
        help="svg for papers, without Graphviz: growth of the receptive fields, or map",
    )
    add("--depth", type=depth, metavar="N", help="open N levels of modules in the tree or picture")
    add("--raw", action="store_true", help="pictures: one node per operation, nothing folded")
    add_color(parser)
    add_config(parser)


def _add_suggest_options(parser: Parser) -> None:
    parser.add_argument("target", metavar="TARGET", help="module:factory, file.py::factory, …")
    parser.add_argument("--res", action=Once, metavar="N|HxW", help="make it fit this resolution")
    parser.add_argument(
        "--goal",
        action="append",
        type=choice(*GOALS),
        metavar="GOAL",
        help="both (drop some layers, make the rest productive), performance (keep all of them, "
        "for more MACs), efficiency (only drop); repeatable (default: all three, in this order)",
    )
    add_format(parser, "text", "json")
    add_config(parser)


def _add_verify_options(parser: Parser) -> None:
    add_targets(parser)
    add = parser.add_argument
    add(
        "--res",
        action=Once,
        metavar="N|HxW",
        help="run on this input (default: larger than the footprints)",
    )
    add("--every", action="store_true", help="check every element: two passes per pixel")
    add("-q", "--quiet", action="store_true", help="no progress")
    add_format(parser, "text", "json")
    add_config(parser)


def _add_diff_options(parser: Parser) -> None:
    add = parser.add_argument
    add("old", metavar="OLD.json|A..B", help="the earlier JSON report, or two git revisions")
    add("new", metavar="NEW.json", nargs="?", help="the later JSON report")
    add(
        "--res",
        action="append",
        default=[],
        metavar="N|HxW",
        help="check revisions at this resolution (default: as each configures it; repeatable)",
    )
    add(
        "--fail-on",
        type=choice("error", "warning", "info", "never"),
        default="error",
        metavar="SEVERITY",
        help="exit 1 if anything new is error (default), warning or info; never",
    )
    add("-o", "--output-file", metavar="FILE", help="write there, not to stdout")
    add_format(parser, "text", "json", "markdown")


def _report(text: str) -> tuple[str, str]:
    report_format, path = pair(":", "FORMAT:PATH as json:rfa.json")(text)
    return choice(*FORMATS)(report_format), path


COMMANDS: dict[str, tuple[str, Callable[[Parser], None]]] = {
    "baseline": ("write, prune or show the findings that are accepted", _add_baseline_options),
    "cache": ("show or empty the cache, which makes later runs quicker", _add_cache_options),
    "check": ("judge models at a resolution and report what is wasted", _add_check_options),
    "config": ("show the effective settings and where each came from", _add_config_options),
    "diff": ("compare two reports or revisions: what is new, fixed, costlier", _add_diff_options),
    "init": ("write a commented configuration, a hook and a workflow", _add_init_options),
    "list": ("list the models that are found and those left out, and why", _add_list_options),
    "range": ("show the range of resolutions that models fit, and why", _add_range_options),
    "rank": ("order models by how well they suit a resolution", _add_rank_options),
    "rule": ("explain one rule, or list them all", _add_rule_options),
    "show": ("print one model as a table, layer by layer, or draw it", _add_show_options),
    "suggest": ("propose changes to a model, with cost and effect", _add_suggest_options),
    "sweep": ("count verdicts and waste of models over resolutions", _add_sweep_options),
    "verify": ("compare the analysis with a real forward pass of the model", _add_verify_options),
}
