"""What each command does: options in, use case, results out, exit code back."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from rfa_core.cli.effective import judgement, selection
from rfa_core.cli.effective import run_config as run_config
from rfa_core.cli.exits import ExitCode
from rfa_core.cli.explaining import explained_as, run_explanation
from rfa_core.cli.init import run_init as run_init
from rfa_core.cli.limits import limits_of
from rfa_core.cli.messages import say
from rfa_core.cli.options import PICTURES, SHOWN
from rfa_core.cli.output import (
    TABLE_WIDTH,
    rendering,
    stdout_for_results,
    write_file,
    write_stdout,
)
from rfa_core.cli.progress import ProgressBar, is_watched
from rfa_core.cli.suggesting import run_suggest as run_suggest
from rfa_core.cli.sweeping import run_rank as run_rank
from rfa_core.cli.sweeping import run_sweep as run_sweep
from rfa_core.config.load import load_settings
from rfa_core.config.settings import Settings
from rfa_core.errors import UsageError
from rfa_core.findings import Report

T = TypeVar("T")
TYPE_CHECKING = False
if TYPE_CHECKING:
    from rfa_core.api import Session
    from rfa_core.cli.replay import Recording
    from rfa_core.discovery.candidates import Listing, Target
    from rfa_core.drawing import View

_NOT_SHOWN = ("pdf", "jpg", "jpeg", "gif", "bmp", "webp", "md", "csv")
"""Ends of the names of files that a table of text would not be looked for in."""
_NO_RESOLUTION = """\
error: no resolution to judge {models} at
  give one in pixels as --res 64, or as resolutions = [64] {keys}"""


def run_check(options: Namespace) -> int:
    """Judge models and write what was found."""
    from rfa_core.cli.replay import Recording

    recording = Recording(options)
    with recording.reading():
        return _check(options, recording)


def _check(options: Namespace, recording: Recording) -> int:
    from rfa_core.api import Shard, check
    from rfa_core.cli.results import Results

    settings = _settings(options, judgement(options))
    results = Results(options, settings)
    _require_baseline(options.baseline)
    settings = settings.reporting(results.formats)
    settings = replace(settings, ignores=not options.no_ignores)
    shard = Shard(*options.shard) if options.shard else None
    told = recording.settled
    case = partial(check, unfinished=results.write_files, settled=told, shard=shard)
    report = _over_models(case, options, settings)
    unjudged = _unjudged(report)
    code = ExitCode.NO_VERDICT if unjudged else ExitCode(report.exit_code)
    if code is ExitCode.FINDINGS and options.exit_zero:
        verdicts = all(model.status == "analysed" for model in report.models)
        code = ExitCode.CLEAN if verdicts else ExitCode.NO_VERDICT
    report = replace(report, exit_code=int(code))
    try:
        results.write(report, show_ranges=bool(unjudged))
    finally:
        _say_unjudged(unjudged, settings)
        _say_unreported(report)
        for note in report.notes:
            say(note)
    if not unjudged:
        recording.keep(settings, results.stdout, results.format, code)
    return code


def run_baseline(options: Namespace) -> int:
    """Write, prune or show the findings that are accepted: 2 if a model has no verdict."""
    from rfa_core.api import accepted_findings, prune, shown_file, write
    from rfa_core.report.accepted import render_accepted, render_rewritten

    settings = _settings(options, selection(options))
    if options.action == "show":
        _require_baseline(options.baseline)
        accepted = accepted_findings(settings)
        write_stdout(render_accepted(shown_file(settings), accepted, options.format))
        return ExitCode.CLEAN
    chosen = (options.targets, options.res, options.select, options.ignore, options.extend_select)
    everything = not any(chosen)
    case = partial(write, everything=everything) if options.action == "write" else prune
    done = _over_models(case, options, settings)
    write_stdout(render_rewritten(done.name, done.before, done.after, options.format))
    _say_unreported(replace(done.report, findings=()))
    failed = any(model.status != "analysed" for model in done.report.models)
    return ExitCode.NO_VERDICT if failed else ExitCode.CLEAN


def run_cache(options: Namespace) -> int:
    """Say what is in the cache, or take it out."""
    from rfa_core.cli.caching import cache_command

    return cache_command(options, _settings(options))


def run_list(options: Namespace) -> int:
    """List what discovery finds."""
    from rfa_core.api import Session
    from rfa_core.report.listing import render_listing

    settings = _settings(options)
    listing = Session(settings).found(options.paths)
    write_stdout(render_listing(listing, options.format, settings.root))
    return ExitCode.CLEAN


def run_range(options: Namespace) -> int:
    """Print the resolutions that models suit; there is nothing to find wrong with them."""
    from rfa_core.api import ranges
    from rfa_core.report import render
    from rfa_core.report.range_table import render_ranges

    report = _over_models(ranges, options, _settings(options))
    how = rendering(options.color, sys.stdout, width=TABLE_WIDTH, verbose=options.verbose)
    as_json = options.format == "json"
    write_stdout(render("json", report, how) if as_json else render_ranges(report, how))
    return ExitCode(report.exit_code)


def run_rule(options: Namespace) -> int:
    """Explain one rule or list all."""
    from rfa_core.rules.documentation import explain

    write_stdout(explain(options.code, options.format))
    return ExitCode.CLEAN


def run_show(options: Namespace) -> int:
    """Show one model, as a table or a picture; what is wrong with it is no matter of this."""
    from rfa_core.api import Session

    options.format = explained_as(options) if options.layer else _shown_as(options)
    resolutions = None if options.res is None else [options.res]
    settings = _settings(options, {"resolutions": resolutions})
    session = Session(settings.reporting([options.format]))
    listing = session.plan([options.target])
    if len(listing.targets) != 1:
        raise _not_one(options.target, [target.name for target in listing.targets])
    if options.layer:
        show = run_explanation
    else:
        show = _show_picture if options.format in PICTURES else _show_table
    return show(options, session, listing)


def _show_table(options: Namespace, session: Session, listing: Listing) -> int:
    from rfa_core.report import render
    from rfa_core.report.table import render_model

    with stdout_for_results():
        outcome = session.check(listing.targets[0])
    report = session.report([outcome], listing)
    unjudged = _unjudged(report)
    failed = unjudged or outcome.model.status != "analysed"
    code = ExitCode.NO_VERDICT if failed else ExitCode.CLEAN
    report = replace(report, exit_code=int(code))
    stream = None if options.output_file else sys.stdout
    how = rendering(options.color, stream, width=TABLE_WIDTH, verbose=options.verbose)
    if options.format == "text":
        views = _views(options, session, listing.targets[0]) if not failed else []
        _write_text(options, render_model(report, how, views))
    else:
        _write_text(options, render(options.format, report, how))
    _say_unjudged(unjudged, session.settings)
    return code


def _views(options: Namespace, session: Session, target: Target) -> list[View]:
    with stdout_for_results():
        return [
            session.view(target, resolution, depth=options.depth)
            for resolution in session.resolutions(target)
        ]


def _show_picture(options: Namespace, session: Session, listing: Listing) -> int:
    from rfa_core.cli.pictures import refuse_binary, write_picture

    refuse_binary(options)
    (target,) = listing.targets
    resolutions = session.resolutions(target)
    if not resolutions:
        _say_unjudged([target.name], session.settings)
        return ExitCode.NO_VERDICT
    with stdout_for_results():
        view = session.view(target, resolutions[0], raw=options.raw, depth=options.depth)
    write_picture(view, options)
    if len(resolutions) > 1:
        others = ", ".join(map(str, resolutions[1:]))
        say(f"drawn at {resolutions[0]} px; --res draws at {others}")
    return ExitCode.CLEAN


def _shown_as(options: Namespace) -> str:
    """The format asked for, else the one that the file's name ends in, else text, or svg for a
    figure."""
    suffix = Path(options.output_file or "").suffix.lower().lstrip(".")
    usual = "svg" if options.figure else "text"
    shown = str(options.format or (suffix if suffix in SHOWN else usual))
    if not options.format and suffix in _NOT_SHOWN:
        raise UsageError(
            f"-o {options.output_file}: rfa show cannot make a {suffix}",
            f"it makes {', '.join(SHOWN)}; --format says which, whatever the file's name",
        )
    if options.figure and shown != "svg":
        raise UsageError(f"--figure is for --format svg, found {shown}")
    if options.figure and options.raw:
        raise UsageError("--figure draws nothing raw; leave one of --figure and --raw out")
    if options.raw and shown not in PICTURES:
        expected = f"{', '.join(PICTURES[:-1])} or {PICTURES[-1]}"
        raise UsageError(f"--raw is for pictures: --format {expected}, found {shown}")
    if options.depth and shown in ("json", "html"):
        raise UsageError(f"--depth is for the tree and pictures: found --format {shown}")
    return shown


def run_diff(options: Namespace) -> int:
    """Compare two reports or revisions: 1 if there is something new that matters."""
    from rfa_core.api import snapshot_of
    from rfa_core.comparing import compared, read_snapshot
    from rfa_core.report.differences import render_difference

    if options.new:
        old, new = read_snapshot(options.old), read_snapshot(options.new)
    else:
        first, second = _revisions(options.old)
        how = [f"--res={resolution}" for resolution in options.res]
        old, new = snapshot_of(first, how), snapshot_of(second, how)
    difference = compared(old, new)
    _write_text(options, render_difference(difference, options.format, options.verbose))
    return ExitCode.FINDINGS if difference.is_worse(options.fail_on) else ExitCode.CLEAN


def _revisions(text: str) -> tuple[str, str]:
    first, dots, second = text.partition("..")
    if not (first and dots) or second.startswith("."):
        raise UsageError(
            f"rfa diff: expected OLD.json NEW.json or two revisions as main..HEAD, found {text!r}",
            "`rfa check --report json:FILE` writes a report",
        )
    return first, second or "HEAD"


def run_verify(options: Namespace) -> int:
    """Hold the analysis of models to the NaN oracle: 1 if one differs, 2 if one could not run."""
    from rfa_core.api import verify
    from rfa_core.receptive.resolution import parse_resolution
    from rfa_core.report.verified import render_verified

    resolution = None if options.res is None else parse_resolution(options.res)
    settings = _settings(options)
    shown = is_watched(options)
    with stdout_for_results(), ProgressBar() as progress:
        found = verify(
            options.targets, settings, resolution, options.every, progress if shown else None
        )
    write_stdout(render_verified(found, options.format, options.verbose))
    if any(one.differences for one in found):
        return ExitCode.FINDINGS
    return ExitCode.CLEAN if all(one.agrees for one in found) else ExitCode.NO_VERDICT


def _settings(options: Namespace, overrides: Mapping[str, object] | None = None) -> Settings:
    given = dict(overrides or {})
    if getattr(options, "cache_dir", None):
        given["cache-dir"] = str(Path(options.cache_dir).absolute())
    settings = load_settings(config=options.config, isolated=options.isolated, overrides=given)
    no_cache = getattr(options, "no_cache", False)
    return replace(settings, cache_dir=None) if no_cache else settings


def _require_baseline(name: str | None) -> None:
    from rfa_core.discovery.files import is_there

    if name is not None and not is_there(Path(name)):
        raise UsageError(
            f"--baseline: there is no file {name}", "`rfa baseline write` makes one of all findings"
        )


def _over_models(case: Callable[..., T], options: Namespace, settings: Settings) -> T:
    """Run a use case over the targets, with a progress bar for who watches."""
    shown = is_watched(options)
    limits = limits_of(options)
    colour = getattr(options, "color", "auto") != "never"
    with stdout_for_results(), ProgressBar(color=colour) as progress:
        return case(options.targets, settings, progress if shown else None, options.jobs, limits)


def _unjudged(report: Report) -> list[str]:
    return [
        model.name
        for model in report.models
        if model.status == "analysed" and not model.resolutions
    ]


def _say_unjudged(models: list[str], settings: Settings) -> None:
    if models:
        say(_NO_RESOLUTION.format(models=_some(models), keys=settings.where))


def _say_unreported(report: Report) -> None:
    """Models without a verdict whose finding was ignored are not passed over in silence."""
    reported = {finding.model for finding in report.findings}
    for model in report.models:
        if model.status != "analysed" and model.name not in reported:
            say(f"{model.name} has no verdict: {model.error}")


def _write_text(options: Namespace, text: str) -> None:
    if options.output_file:
        write_file(options.output_file, text)
    else:
        write_stdout(text)


def _not_one(target: str, names: list[str]) -> UsageError:
    found = f"expected one model, found {len(names)} in {target!r}"
    if not names:
        return UsageError(found, "`rfa list` shows which models there are")
    return UsageError(found, f"name one of them: {_some(names)}")


def _some(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"
