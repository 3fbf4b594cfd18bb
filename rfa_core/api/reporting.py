"""Outcomes put together: the report of a run, and what a failure is in it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rfa_core.baseline.values import NOTHING, Scope
from rfa_core.discovery.candidates import Target
from rfa_core.errors import (
    BuildError,
    MissingDependencyError,
    ModuleImportError,
    RfaError,
    TargetError,
    TraceError,
)
from rfa_core.findings import (
    Concern,
    Finding,
    ModelReport,
    Report,
    Severity,
    Skipped,
)
from rfa_core.ignores.matching import Use
from rfa_core.rules.wording import count, enumerate_words

_NAMED = 5
"""How many models are named at most."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One target's share of a report.

    ``suppressed`` and ``baselined`` are as in ``Report``; ``uses`` is what became of the
    comments that the model meets. ``scope`` is what was looked at, with the name of the model
    in a baseline; ``concerns`` what a baseline may accept of it, and ``fixed`` what one accepts
    and is no longer there. ``problem`` says why the cache could not keep it.
    """

    model: ModelReport
    findings: tuple[Finding, ...]
    named: bool = True
    suppressed: int = 0
    baselined: int = 0
    uses: tuple[Use, ...] = ()
    scope: Scope = NOTHING
    concerns: tuple[Concern, ...] = ()
    fixed: tuple[Concern, ...] = ()
    problem: str = ""


def report_of_run(
    outcomes: Sequence[Outcome],
    left_alone: tuple[Skipped, ...],
    exit_code: int,
    root: str,
    over_run: Sequence[Finding] = (),
    notes: tuple[str, ...] = (),
) -> Report:
    """``over_run`` are the findings about the run as a whole; they come last."""
    from rfa_core import __version__

    return Report(
        __version__,
        tuple(outcome.model for outcome in outcomes),
        (*(finding for outcome in outcomes for finding in outcome.findings), *over_run),
        left_alone,
        exit_code,
        root,
        sum(outcome.suppressed for outcome in outcomes),
        sum(outcome.baselined for outcome in outcomes),
        (*_missing(outcomes), *notes),
    )


def _missing(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """Each module that is not installed, once, with the models it costs."""
    lost: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.model.missing:
            lost.setdefault(outcome.model.missing, []).append(outcome.model.name)
    for module, models in lost.items():
        more = [f"{len(models) - _NAMED} more"] if len(models) > _NAMED else []
        names = enumerate_words([*models[:_NAMED], *more])
        yield f"{module} is not installed, which costs {count(len(models), 'model')}: {names}"


def exit_code_of(
    outcomes: Sequence[Outcome], fail_on: str, over_run: Sequence[Finding] = ()
) -> int:
    """2 when a named model or every model has no verdict, 1 for findings that matter, 2 for
    any other model without a verdict: such a run is never green."""
    failed = [outcome for outcome in outcomes if outcome.model.status != "analysed"]
    if any(outcome.named for outcome in failed) or (failed and len(failed) == len(outcomes)):
        return 2
    found = (*(finding for outcome in outcomes for finding in outcome.findings), *over_run)
    ranks = [finding.severity.rank for finding in found]
    if fail_on != "never" and any(rank <= Severity(fail_on).rank for rank in ranks):
        return 1
    return 2 if failed else 0


def internal_error(target: Target, error: Exception) -> RfaError:
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


def failed_model(target: Target, error: RfaError) -> ModelReport:
    """A model without a verdict: the error is its report."""
    status = next((name for kind, name in _STATUS if isinstance(error, kind)), "untraceable")
    details = getattr(error, "details", None) or "".join(
        traceback.format_exception(type(error), error, error.__traceback__)
    )
    return ModelReport(
        target.name,
        target.framework,
        status,
        error=_named(error.message, target),
        hint=error.hint,
        details=details,
        missing=getattr(error, "missing", ""),
    )


def _named(message: str, target: Target) -> str:
    """A message about a file calls it what the user calls it, wherever the project lies."""
    is_file = target.kind == "saved" and target.file
    return message.replace(str(target.file), target.name) if is_file else message
