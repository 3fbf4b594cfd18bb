"""The use cases, and the only place where the parts are wired together.

The command line and the pytest plugin are two doors to this module; neither does anything
of its own.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rfa_core.config.settings import FactorySettings, Settings
from rfa_core.discovery.build import Built, build
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.discovery.load import load
from rfa_core.discovery.scan import scan
from rfa_core.discovery.targets import resolve
from rfa_core.errors import (
    BuildError,
    MissingDependencyError,
    ModuleImportError,
    RfaError,
    TargetError,
    TraceError,
)
from rfa_core.examination import Examination, examine, first_running
from rfa_core.findings import (
    Finding,
    JudgedLayer,
    ModelReport,
    Range,
    Report,
    Severity,
    Skipped,
    Waste,
)
from rfa_core.frontends import frontend_of, input_spec
from rfa_core.parallel import Lost, Workers, jobs_for
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.resolution import Resolution, parse_resolution
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules import Rule, Subject, find, select_rules, without


@dataclass(frozen=True, slots=True)
class Outcome:
    """One target's share of a report."""

    model: ModelReport
    findings: tuple[Finding, ...]
    named: bool = True


class Session:
    """One run: it resolves targets, checks them one by one and adds up the report.

    A model is built once, however many resolutions it is checked at, as long as they are
    asked for one after the other.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._last: tuple[str, Built] | None = None

    def plan(self, names: Sequence[str] = ()) -> Listing:
        """The targets that ``names`` mean (``[tool.rfa]``'s, or all of the project, if empty).

        Nothing is imported. A name that means nothing becomes a target with a ``problem``;
        TargetError is raised if none of ``names`` means anything.
        """
        root, exclude = self.settings.root, self.settings.exclude
        if names:
            return resolve(names, root, exclude, str(Path.cwd()))
        configured = [entry.target for entry in self.settings.factories]
        listing = resolve(configured, root, exclude) if configured else Listing(())
        if configured and not self.settings.paths:
            return listing
        found = scan(self.settings.paths or ["."], root, exclude)
        known = {target.name for target in listing.targets}
        new = tuple(target for target in found.targets if target.name not in known)
        left_alone = (*listing.left_alone, *found.left_alone)
        return Listing((*listing.targets, *new), left_alone, found.broken)

    def resolutions(self, target: Target) -> tuple[Resolution, ...]:
        """What ``target`` is checked at: its own resolutions, else those of the settings."""
        return self._entry(target).resolutions or self.settings.resolutions

    def check(self, target: Target, resolutions: Sequence[Resolution] = ()) -> Outcome:
        """Build, trace, analyse and judge one model; failures become findings, never raise.

        ``resolutions`` replaces ``self.resolutions(target)``.
        """
        wanted = tuple(resolutions) or self.resolutions(target)
        try:
            return self._outcome(target, self._examined(target, wanted))
        except RfaError as error:
            return self.failed(target, error)
        except Exception as error:
            return self.failed(target, _internal(target, error))

    def failed(self, target: Target, error: RfaError) -> Outcome:
        """The outcome of a model without a verdict: ``error`` is its report."""
        return self._outcome(target, _failed(target, error))

    def _outcome(self, target: Target, model: ModelReport) -> Outcome:
        model = replace(model, file=_relative(target.file, self.settings.root), line=target.line)
        subject = Subject(model, self.settings.root, self.settings.max_unproductive_parameters)
        rules = without(self._rules(), self._entry(target).ignore)
        return Outcome(model, find(subject, rules, self.settings.severity), target.named)

    def report(self, outcomes: Sequence[Outcome], listing: Listing) -> Report:
        """Put the outcomes together and decide the exit code."""
        exit_code = _exit_code(outcomes, self.settings.fail_on)
        return _report(outcomes, listing.left_alone, exit_code, self.settings.root)

    def _examined(self, target: Target, resolutions: Sequence[Resolution]) -> ModelReport:
        if target.problem:
            raise TargetError(target.problem)
        built = self._built(target)
        frontend = frontend_of(built.model)
        shape = self._entry(target).input_shape
        given = "input-shape of the configuration"
        specs = frontend.guess_inputs(built.model, input_spec(shape, given) if shape else None)
        guesses = [
            Examination(
                frontend,
                built.model,
                spec,
                target.name,
                built.constructed,
                self.settings.root,
                self.settings.policy,
            )
            for spec in specs
        ]
        model = examine(first_running(guesses, resolutions), resolutions)
        return replace(model, notes=(*built.notes, *model.notes))

    def _built(self, target: Target) -> Built:
        if self._last is None or self._last[0] != target.name:
            self._last = None
            factory = load(target, self.settings.root)
            built = build(factory, target, self._entry(target).kwargs, self.settings.root)
            self._last = target.name, built
        return self._last[1]

    def _entry(self, target: Target) -> FactorySettings:
        entries = [entry for entry in self.settings.factories if entry.target == target.name]
        return entries[0] if entries else FactorySettings(target.name)

    def _rules(self) -> tuple[Rule, ...]:
        settings = self.settings
        return select_rules(settings.select, settings.ignore, settings.extend_select)


def check(
    names: Sequence[str],
    settings: Settings,
    progress: Callable[[int, int, str], None] | None = None,
    jobs: str = "1",
) -> Report:
    """Check every model that ``names`` mean.

    ``progress(done, total, name)`` is called as models are done. ``jobs`` is a number of
    processes or ``auto``. Raises TargetError when there is nothing to check.
    """
    session = Session(settings)
    listing = session.plan(names)
    targets = (*listing.targets, *listing.broken)
    if not targets:
        raise _nothing_found(names, listing)

    def done(count: int, target: Target) -> None:
        if progress is not None:
            progress(count, len(targets), target.name)

    number = jobs_for(jobs, len(targets))
    if number > 1:
        found = Workers(_check_in_worker, _start_worker, (settings,)).run(targets, number, done)
        outcomes = [
            session.failed(target, _LOST) if isinstance(outcome, Lost) else outcome
            for target, outcome in zip(targets, found, strict=True)
        ]
    else:
        outcomes = []
        for count, target in enumerate(targets):
            done(count, target)
            outcomes.append(session.check(target))
    return session.report(outcomes, listing)


_LOST = BuildError(
    "the process that built it died: it crashed, or the system ended it for want of memory",
    "run it alone, with --jobs 1, to see where",
)

_worker: Session | None = None


def _start_worker(settings: Settings) -> None:
    global _worker
    _worker = Session(settings)


def _check_in_worker(target: Target) -> Outcome:
    assert _worker is not None
    return _worker.check(target)


@dataclass(frozen=True, slots=True)
class Analysis:
    """A model that was already built, analysed at one resolution; prints as a table."""

    report: Report

    @property
    def model(self) -> ModelReport:
        return self.report.models[0]

    @property
    def layers(self) -> tuple[JudgedLayer, ...]:
        """All layers with their verdicts, in the order of first use."""
        return self.model.resolutions[0].layers

    @property
    def unproductive(self) -> tuple[JudgedLayer, ...]:
        """The layers past the border."""
        return self.model.resolutions[0].with_verdict(Verdict.UNPRODUCTIVE)

    @property
    def waste(self) -> Waste:
        """The share of parameters and multiply-accumulates in unproductive layers."""
        return self.model.resolutions[0].waste

    @property
    def range(self) -> Range | None:
        """The resolutions that the model suits."""
        return self.model.range

    def __str__(self) -> str:
        from rfa_core.report import RenderOptions
        from rfa_core.report.table import render_model

        return render_model(self.report, RenderOptions(width=140))

    def show(self) -> None:
        """Write the table to stdout."""
        sys.stdout.write(f"{self}\n")


def analyse(
    model: object,
    resolution: int | str | Sequence[int],
    *,
    input_shape: Sequence[int | str] | Sequence[Sequence[int | str]] | None = None,
    name: str = "",
    policy: Policy | None = None,
) -> Analysis:
    """Analyse a model that is already built; it is left as it was found.

    ``resolution`` is in pixels, as ``64``, ``"64x96"`` or one number per axis;
    ``input_shape`` names the axes, as ``(1, 3, "H", "W")``, where the first layer does not
    tell; for several tensors it holds one shape for each. Layers know the line that called
    them, not the one that constructed them. Raises TraceError or ResolutionError.
    """
    frontend = frontend_of(model)
    own = name or frontend.title(model)
    given = None if input_shape is None else input_spec(input_shape, "as given")
    specs = frontend.guess_inputs(model, given)
    root, chosen = str(Path.cwd()), policy or Policy()
    guesses = [Examination(frontend, model, spec, own, {}, root, chosen) for spec in specs]
    resolutions = [parse_resolution(resolution)]
    examined = examine(first_running(guesses, resolutions), resolutions)
    return Analysis(_report([Outcome(examined, ())], (), 0, root))


def _report(
    outcomes: Sequence[Outcome], left_alone: tuple[Skipped, ...], exit_code: int, root: str
) -> Report:
    from rfa_core import __version__

    return Report(
        __version__,
        tuple(outcome.model for outcome in outcomes),
        tuple(finding for outcome in outcomes for finding in outcome.findings),
        left_alone,
        exit_code,
        root,
    )


def _nothing_found(names: Sequence[str], listing: Listing) -> RfaError:
    where = f"in {', '.join(names)}" if names else "in the project"
    left = f"{len(listing.left_alone)} candidates were left alone" if listing.left_alone else ""
    return TargetError(
        f"no model found {where}" + (f"; {left}" if left else ""),
        "`rfa list` says what was looked at and why; name a model as package.module:factory "
        "or path/to/file.py::factory",
    )


def _internal(target: Target, error: Exception) -> RfaError:
    """Our own mistake, as one model's failure: the others still get their verdicts."""
    found = TraceError(
        f"{target.name}: internal error: {type(error).__name__}: {error}",
        "please report it, with the traceback that -v shows",
    )
    return found.with_traceback(error.__traceback__)


_STATUS: tuple[tuple[type[RfaError], str], ...] = (
    (ModuleImportError, "unimportable"),
    (TargetError, "unimportable"),
    (MissingDependencyError, "unbuildable"),
    (BuildError, "unbuildable"),
)


def _failed(target: Target, error: RfaError) -> ModelReport:
    """A model without a verdict: the error is its report."""
    status = next((name for kind, name in _STATUS if isinstance(error, kind)), "untraceable")
    details = getattr(error, "details", None) or "".join(
        traceback.format_exception(type(error), error, error.__traceback__)
    )
    return ModelReport(target.name, target.framework, status, error=error.message, details=details)


def _relative(file: str | None, root: str) -> str | None:
    if file is None:
        return None
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _exit_code(outcomes: Sequence[Outcome], fail_on: str) -> int:
    """2 when a named model or every model has no verdict, 1 for findings that matter, 2 for
    any other model without a verdict: such a run is never green."""
    failed = [outcome for outcome in outcomes if outcome.model.status != "analysed"]
    if any(outcome.named for outcome in failed) or (failed and len(failed) == len(outcomes)):
        return 2
    ranks = [finding.severity.rank for outcome in outcomes for finding in outcome.findings]
    if fail_on != "never" and any(rank <= Severity(fail_on).rank for rank in ranks):
        return 1
    return 2 if failed else 0
