"""Accepted findings in a run: what is accepted, what is fixed, and the file they stand in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path

from rfa_core.api.reporting import Outcome
from rfa_core.baseline import NAME, Baseline, read_baseline, write_baseline
from rfa_core.config.settings import Settings
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.placing import target_name
from rfa_core.errors import UsageError
from rfa_core.findings import Concern, Finding, Severity
from rfa_core.graph.model import Location
from rfa_core.rules import RULES, Stale, Subject, find
from rfa_core.rules.stale_baseline_entry import StaleBaselineEntry
from rfa_core.rules.wording import count

RULE = RULES[StaleBaselineEntry.code]


def baseline_file(settings: Settings) -> Path:
    """Where the accepted findings stand, if there are any."""
    return Path(settings.root, settings.baseline or NAME)


def shown_file(settings: Settings) -> str:
    """The same for messages: relative to the working directory if it is below it."""
    file, here = baseline_file(settings), Path.cwd()
    return file.relative_to(here).as_posix() if file.is_relative_to(here) else file.as_posix()


def accepted_findings(settings: Settings) -> Baseline:
    """What the project has accepted; nothing if there is no file. Raises BaselineError."""
    if settings.baseline is None:
        return Baseline()
    try:
        return read_baseline(baseline_file(settings), shown_file(settings))
    except FileNotFoundError:
        return Baseline()


def lasting_name(target: Target, root: str) -> str:
    """The name of a model in the file: that of ``rfa list``, however it was typed."""
    _, mark, attribute = target.name.rpartition(":")
    return target_name(target.file, root, attribute) if mark and target.file else target.name


def is_ci() -> bool:
    """Whether nobody is there to commit a file: the variable ``CI`` is set."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def fixed(outcomes: Iterable[Outcome]) -> tuple[Concern, ...]:
    """The accepted findings that are no longer there."""
    return tuple(concern for outcome in outcomes for concern in outcome.fixed)


def stale_entries(
    outcomes: Sequence[Outcome], baseline: Baseline, settings: Settings
) -> tuple[Finding, ...]:
    """What RFA911 says of the accepted findings that are fixed: errors, unless configured."""
    severity: Mapping[str, str] = {RULE.code: Severity.ERROR, **settings.severity}
    file = str(baseline_file(settings))
    found: list[Finding] = []
    for outcome in outcomes:
        groups = groupby(outcome.fixed, key=lambda concern: (concern.rule, concern.resolution))
        stale = tuple(_stale(tuple(group), baseline, file) for _, group in groups)
        found += find(Subject(outcome.model, settings.root, stale=stale), [RULE], severity)
    return tuple(found)


def drop_fixed(outcomes: Sequence[Outcome], settings: Settings) -> str:
    """Take what is fixed out of the file, and say so; empty if nothing is."""
    gone = frozenset(fixed(outcomes))
    if not gone:
        return ""
    name = shown_file(settings)
    try:
        write_baseline(baseline_file(settings), set(accepted_findings(settings)) - gone)
    except UsageError as error:
        entries = count(len(gone), "entry of it is", "entries of it are")
        return f"{error.message}; {entries} fixed"
    return f"{count(len(gone), 'fixed entry', 'fixed entries')} dropped from {name}"


def _stale(concerns: tuple[Concern, ...], baseline: Baseline, file: str) -> Stale:
    return Stale(Location(file, min(baseline.lines.get(one, 1) for one in concerns)), concerns)
