"""One run: targets resolved, models built once and checked one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rfa_core.agreement import Verification
from rfa_core.api.reporting import (
    Outcome,
    exit_code_of,
    failed_model,
    internal_error,
    report_of_run,
)
from rfa_core.config.settings import FactorySettings, Settings
from rfa_core.discovery.build import Built, build
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.discovery.load import load
from rfa_core.discovery.scan import scan
from rfa_core.discovery.targets import resolve
from rfa_core.errors import (
    RfaError,
    TargetError,
)
from rfa_core.examination import Examination, examine, first_running
from rfa_core.findings import (
    ModelReport,
    Report,
)
from rfa_core.frontends import frontend_of, input_spec, open_file
from rfa_core.ranging import examine_range
from rfa_core.receptive.resolution import Resolution
from rfa_core.rules import Rule, Subject, find, select_rules, without
from rfa_core.verification import verify_model

Progress = Callable[[int, int, str], None]


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

        ``resolutions`` replaces ``self.resolutions(target)``. With none there are no
        verdicts, only the feasible range.
        """
        wanted = tuple(resolutions) or self.resolutions(target)
        return self._outcome(target, self._attempted(target, wanted))

    def range(self, target: Target) -> Outcome:
        """The feasible range of one model, whatever resolutions it is checked at."""
        return self._outcome(target, self._attempted(target, ()))

    def failed(self, target: Target, error: RfaError) -> Outcome:
        """The outcome of a model without a verdict: ``error`` is its report."""
        return self._outcome(target, failed_model(target, error))

    def _attempted(self, target: Target, resolutions: Sequence[Resolution]) -> ModelReport:
        try:
            return self._examined(target, resolutions)
        except RfaError as error:
            return failed_model(target, error)
        except Exception as error:
            return failed_model(target, internal_error(target, error))

    def _outcome(self, target: Target, model: ModelReport) -> Outcome:
        model = replace(model, file=_relative(target.file, self.settings.root), line=target.line)
        subject = Subject(model, self.settings.root, self.settings.max_unproductive_parameters)
        rules = without(self._rules(), self._entry(target).ignore)
        return Outcome(model, find(subject, rules, self.settings.severity), target.named)

    def report(self, outcomes: Sequence[Outcome], listing: Listing) -> Report:
        """Put the outcomes together and decide the exit code."""
        exit_code = exit_code_of(outcomes, self.settings.fail_on)
        return report_of_run(outcomes, listing.left_alone, exit_code, self.settings.root)

    def verify(
        self,
        target: Target,
        resolution: Resolution | None = None,
        every: bool = False,
        progress: Progress | None = None,
    ) -> Verification:
        """Build one model and hold its analysis to the NaN oracle; never raises.

        The arguments are those of ``verify_model``.
        """
        try:
            _, guesses = self._guesses(target)
            return verify_model(guesses, resolution, every, progress)
        except RfaError as error:
            return Verification(target.name, error=error.message)
        except Exception as error:
            return Verification(target.name, error=internal_error(target, error).message)

    def _examined(self, target: Target, resolutions: Sequence[Resolution]) -> ModelReport:
        built, guesses = self._guesses(target)
        chosen = first_running(guesses, resolutions)
        model = examine(chosen, resolutions) if resolutions else examine_range(chosen)
        return replace(model, notes=(*built.notes, *model.notes))

    def _guesses(self, target: Target) -> tuple[Built, list[Examination]]:
        """The model, and what it may want to be fed."""
        if target.problem:
            raise TargetError(target.problem)
        built = self._built(target)
        frontend = frontend_of(built.model)
        shape = self._entry(target).input_shape
        given = "input-shape of the configuration"
        specs = frontend.guess_inputs(built.model, input_spec(shape, given) if shape else None)
        return built, [
            Examination(
                frontend,
                built.model,
                spec,
                target.name,
                built.constructed,
                self.settings.root,
                self.settings.policy,
                any(rule.reads_structure for rule in self._rules()),
            )
            for spec in specs
        ]

    def _built(self, target: Target) -> Built:
        if self._last is None or self._last[0] != target.name:
            self._last = None
            self._last = target.name, self._made(target)
        return self._last[1]

    def _made(self, target: Target) -> Built:
        if target.kind == "saved":
            framework, file = target.framework or "", target.file or ""
            return Built(open_file(framework, file), framework)
        factory = load(target, self.settings.root)
        return build(factory, target, self._entry(target).kwargs, self.settings.root)

    def _entry(self, target: Target) -> FactorySettings:
        entries = [entry for entry in self.settings.factories if entry.target == target.name]
        return entries[0] if entries else FactorySettings(target.name)

    def _rules(self) -> tuple[Rule, ...]:
        settings = self.settings
        return select_rules(settings.select, settings.ignore, settings.extend_select)


def _relative(file: str | None, root: str) -> str | None:
    if file is None:
        return None
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
