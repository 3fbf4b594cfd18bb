"""One run: models checked one by one, and added up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType

from rfa_core.api.accepting import (
    RULE,
    accepted_findings,
    drop_fixed,
    is_ci,
    lasting_name,
    stale_entries,
)
from rfa_core.api.carrying import packed, unpacked
from rfa_core.api.models import Models
from rfa_core.api.outcomes import outcome_of
from rfa_core.api.plugins import asked
from rfa_core.api.reporting import (
    Outcome,
    exit_code_of,
    failed_model,
    internal_error,
    report_of_run,
)
from rfa_core.api.silencing import find_unused_ignores, say
from rfa_core.baseline.values import Baseline, Scope
from rfa_core.cache.dependencies import Dependencies
from rfa_core.config.settings import Settings
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.errors import (
    ConfigurationError,
    RfaError,
)
from rfa_core.findings import Finding, ModelReport, Report, Severity
from rfa_core.ignores.comments import Ignore
from rfa_core.ignores.matching import ignores_of
from rfa_core.ignores.reading import ignores_in
from rfa_core.receptive.resolution import Resolution
from rfa_core.rules import RULES, Rule, Subject, find, without
from rfa_core.rules.untraceable_model import UntraceableModel


class Session(Models):
    """One run: it resolves targets, checks them one by one and adds up the report.

    A model is built once, however many resolutions it is checked at, as long as they are
    asked for one after the other.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._comments = cache(ignores_in if settings.ignores else _no_comments)

    @cached_property
    def baseline(self) -> Baseline:
        """What the project has accepted. Raises BaselineError if the file has mistakes."""
        return accepted_findings(self.settings)

    def join(self, modules: Iterable[ModuleType]) -> None:
        """Take modules that are imported already for plugins, too: see ``plugins.join``."""
        self.memory.join(modules)

    def check(self, target: Target, resolutions: Sequence[Resolution] = ()) -> Outcome:
        """Build, trace, analyse and judge one model; failures become findings, never raise.

        ``resolutions`` replaces ``self.resolutions(target)``. With none there are no
        verdicts, only the feasible range. Raises ConfigurationError for a plugin that fails.
        """
        self.memory.plugins()
        wanted = tuple(resolutions) or self.resolutions(target)
        known = self._recalled(target, wanted)
        outcome = self._checked(target, wanted, known or self._attempted(target, wanted))
        return replace(outcome, problem=self.memory.problem)

    def recall(self, target: Target) -> Outcome | None:
        """What ``check`` would say of a model that did not change; None if that is not known.

        Neither the model nor its framework is imported. Raises what ``check`` does.
        """
        self.memory.plugins()
        wanted = self.resolutions(target)
        known = self._recalled(target, wanted)
        return None if known is None else self._checked(target, wanted, known)

    def dependencies(
        self, targets: Sequence[Target], outcomes: Sequence[Outcome]
    ) -> Dependencies | None:
        """All that the ``outcomes`` of ``targets`` depend on, if the cache knows that."""
        models = [
            (target, outcome.model, self._facts(target, self.resolutions(target)))
            for target, outcome in zip(targets, outcomes, strict=True)
        ]
        return self.memory.dependencies(models)

    def _checked(self, target: Target, wanted: Sequence[Resolution], model: ModelReport) -> Outcome:
        return self.judged(target, model, set(self.resolutions(target)) <= set(wanted))

    def _recalled(self, target: Target, resolutions: Sequence[Resolution]) -> ModelReport | None:
        return self.memory.recall(target, *self._facts(target, resolutions))

    def _facts(self, target: Target, resolutions: Sequence[Resolution]) -> tuple[object, ...]:
        """What decides the analysis of a model, besides its sources."""
        entry = self._entry(target)
        given = sorted({**target.arguments, **entry.kwargs}.items())
        sizes = tuple(map(str, resolutions))
        return given, entry.input_shape, sizes, self.settings.policy, self._reads_structure()

    def range(self, target: Target) -> Outcome:
        """The feasible range of one model, whatever resolutions it is checked at."""
        self.memory.plugins()
        known = self._recalled(target, ()) or self._attempted(target, ())
        return self._ranged(target, known)

    def recall_range(self, target: Target) -> Outcome | None:
        """What ``range`` would say of a model that did not change; see ``recall``."""
        self.memory.plugins()
        known = self._recalled(target, ())
        return None if known is None else self._ranged(target, known)

    def _ranged(self, target: Target, model: ModelReport) -> Outcome:
        return Outcome(self._placed(target, model), (), target.named)

    def failed(self, target: Target, error: RfaError) -> Outcome:
        """The outcome of a model without a verdict: ``error`` is its report."""
        return self.judged(target, failed_model(target, error))

    def _attempted(self, target: Target, resolutions: Sequence[Resolution]) -> ModelReport:
        try:
            with self.memory.noting(target), self._contained(target):
                model = self._examined(target, resolutions)
            return self.memory.kept(target, model, *self._facts(target, resolutions))
        except RfaError as error:
            return failed_model(target, error)
        except Exception as error:
            return failed_model(target, internal_error(target, error))

    def judged(self, target: Target, model: ModelReport, whole: bool = False) -> Outcome:
        """What the rules say of a model that was looked at; ``whole``: at all its resolutions.

        A rule that raises costs the verdict, not the run.
        """
        try:
            return self._outcome(target, model, whole)
        except RfaError:
            raise
        except Exception as error:
            failed = self._placed(target, failed_model(target, internal_error(target, error)))
            told = find(Subject(failed, self.settings.root), [RULES[UntraceableModel.code]])
            return Outcome(failed, told, target.named)

    def _outcome(self, target: Target, model: ModelReport, whole: bool = False) -> Outcome:
        settings = self.settings
        model = self._placed(target, model)
        subject = Subject(model, settings.root, settings.max_unproductive_parameters)
        rules = self._rules_for(target)
        scope = Scope(
            lasting_name(target, settings.root),
            frozenset(rule.code for rule in rules),
            frozenset(at.resolution for at in model.resolutions),
            whole and bool(model.resolutions),
        )
        ignores = ignores_of(model, settings.root, self._comments)
        said = say(subject, rules, settings.severity)
        outcome = outcome_of(said, ignores, self.baseline, scope)
        findings = tuple(map(self._weighed, outcome.findings))
        asked(settings, "rfa_analysed", model=model, findings=findings)
        return replace(outcome, findings=findings, named=target.named)

    def _weighed(self, finding: Finding) -> Finding:
        """``finding`` with the severity that plugins give it."""
        said = asked(self.settings, "rfa_severity", finding=finding)
        if said is None:
            return finding
        if said not in tuple(Severity):
            raise ConfigurationError(
                f"a plugin says in rfa_severity that {finding.code} is {said!r}",
                f"expected {', '.join(Severity)} or None",
            )
        return replace(finding, severity=Severity(said))

    def _placed(self, target: Target, model: ModelReport) -> ModelReport:
        """``model`` with the line of its factory, and no word of where the project lies."""
        file, below = _relative(target.file, self.settings.root), f"{self.settings.root}{os.sep}"
        error = model.error and model.error.replace(below, "")
        return replace(model, file=file, line=target.line, error=error)

    def packed(self, outcome: Outcome) -> str:
        """``outcome`` as text, to be sent to another process of the same run."""
        return packed(outcome, self.settings.root)

    def unpacked(self, text: str) -> Outcome:
        """The outcome that another process sent."""
        return unpacked(text, self.settings.root)

    def report(
        self,
        outcomes: Sequence[Outcome],
        listing: Listing,
        over_run: Sequence[Finding] = (),
        notes: tuple[str, ...] = (),
    ) -> Report:
        """Put the outcomes together and decide the exit code.

        ``over_run`` are findings about the run as a whole, such as ``unused_ignores``; where
        nobody is there to commit the baseline, what it should have dropped is added.
        """
        settings = self.settings
        told = RULE in self._rules() and is_ci()
        stale = stale_entries(outcomes, self.baseline, settings) if told else ()
        found = (*over_run, *stale)
        exit_code = exit_code_of(outcomes, settings.fail_on, found)
        left_alone = listing.left_alone
        report = report_of_run(outcomes, left_alone, exit_code, settings.root, found, notes)
        anchor = _relative(settings.source, settings.root)
        return replace(report, anchor=anchor or report.anchor)

    def drop_fixed(self, outcomes: Sequence[Outcome]) -> str:
        """Take the accepted findings that are fixed out of the file, where somebody is there to
        commit it and RFA911 is on; returns what was done, in words."""
        on = RULE in self._rules() and not is_ci()
        return drop_fixed(outcomes, self.settings) if on else ""

    def unused_ignores(self, outcomes: Sequence[Outcome]) -> tuple[Finding, ...]:
        """What RFA910 says, if ``outcomes`` are all of the run."""
        return find_unused_ignores(outcomes, self.settings.root, self.settings.severity)

    def _rules_for(self, target: Target) -> tuple[Rule, ...]:
        """The rules that are on for one model."""
        names = {target.name, lasting_name(target, self.settings.root)}
        globs = self.settings.per_model_ignores
        listed = [globs[glob] for glob in globs if any(fnmatchcase(name, glob) for name in names)]
        ignored = (*self._entry(target).ignore, *(code for codes in listed for code in codes))
        return without(self._rules(), ignored)


def _no_comments(file: str) -> tuple[Ignore, ...]:
    del file
    return ()


def _relative(file: str | None, root: str) -> str | None:
    if file is None:
        return None
    path = Path(file)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
