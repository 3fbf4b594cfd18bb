"""``rfa show --layer``: where the footprint of one layer comes from."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from rfa_core.cli.exits import ExitCode
from rfa_core.cli.messages import say
from rfa_core.cli.output import TABLE_WIDTH, rendering, stdout_for_results, write_file, write_stdout
from rfa_core.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rfa_core.api import Session
    from rfa_core.discovery.candidates import Listing
    from rfa_core.findings import Explanation

_FORMATS = ("text", "json", "svg")


def explained_as(options: Namespace) -> str:
    """The format asked for, else the one that the file's name ends in, else text."""
    for name in ("figure", "depth", "raw"):
        if getattr(options, name):
            raise UsageError(f"--{name} is for whole models; leave it or --layer out")
    suffix = Path(options.output_file or "").suffix.lower().lstrip(".")
    shown = str(options.format or (suffix if suffix in _FORMATS else "text"))
    if shown not in _FORMATS:
        raise UsageError(f"--layer makes {', '.join(_FORMATS)}, found --format {shown}")
    return shown


def run_explanation(options: Namespace, session: Session, listing: Listing) -> int:
    """Explain one layer at one resolution, the first of several."""
    (target,) = listing.targets
    resolutions = session.resolutions(target)
    if not resolutions:
        raise UsageError(
            "--layer: no resolution to explain it at", "give one in pixels as --res 64"
        )
    with stdout_for_results():
        found = session.explain(target, resolutions[0], options.layer)
    text = _rendered(options, found)
    if options.output_file:
        write_file(options.output_file, text)
    else:
        write_stdout(text, options.format if options.format != "text" else "full")
    if len(resolutions) > 1:
        say(f"at {resolutions[0]} px; --res says at {', '.join(map(str, resolutions[1:]))}")
    return ExitCode.CLEAN


def _rendered(options: Namespace, found: Explanation) -> str:
    from rfa_core.drawing.staircase import staircase
    from rfa_core.report.explained import explanation_document, render_explanation

    if options.format == "svg":
        return staircase(found)
    if options.format == "json":
        return explanation_document(found)
    stream = None if options.output_file else sys.stdout
    how = rendering(options.color, stream, width=TABLE_WIDTH, verbose=options.verbose)
    return render_explanation(found, how)
