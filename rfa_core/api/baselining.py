"""The file of accepted findings, written and pruned by what a run finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rfa_core.api.accepting import accepted_findings, baseline_file, fixed, shown_file
from rfa_core.api.models import Progress
from rfa_core.api.reporting import Outcome
from rfa_core.api.runs import outcomes_of
from rfa_core.api.session import Session
from rfa_core.baseline import Baseline, write_baseline
from rfa_core.config.settings import Settings
from rfa_core.errors import BaselineError, ConflictError, UsageError
from rfa_core.findings import Concern, Report
from rfa_core.parallel import Limits


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file of accepted findings (its ``name`` in messages), and what became of it.

    ``report`` is that of the run; models in it without a verdict keep their entries.
    """

    name: str
    before: frozenset[Concern]
    after: frozenset[Concern]
    report: Report


def write(
    names: Sequence[str],
    settings: Settings,
    progress: Progress | None = None,
    jobs: str = "1",
    limits: Limits | None = None,
    *,
    everything: bool,
) -> Rewritten:
    """Accept all that a run over ``names`` finds.

    ``everything``: nothing else stays in the file; otherwise entries stay that are about
    other models, resolutions and rules than those of the run. ``jobs`` and ``limits`` are those
    of ``check``. Raises BaselineError if the file cannot be read, but for a merge that was not
    settled if it is written as a whole.
    """
    before = _known(settings, everything)
    session = Session(replace(settings, baseline=None))
    outcomes, report = _run(session, names, progress, jobs, limits)
    scopes = [outcome.scope for outcome in outcomes]
    failed = {one.scope.model for one in outcomes if one.model.status != "analysed"}
    if before is None and failed:
        raise BaselineError(
            f"{shown_file(settings)}: the merge cannot be settled while there is no verdict on "
            f"{', '.join(sorted(failed))}",
            "settle it by hand, keeping the lines of both sides, or make these models run first",
        )
    kept = {
        concern
        for concern in before or ()
        if (concern.model in failed if everything else not any(s.holds(concern) for s in scopes))
    }
    found = {concern for outcome in outcomes for concern in outcome.concerns}
    return _rewritten(settings, frozenset(before or ()), frozenset(kept | found), report)


def prune(
    names: Sequence[str],
    settings: Settings,
    progress: Progress | None = None,
    jobs: str = "1",
    limits: Limits | None = None,
) -> Rewritten:
    """Drop the accepted findings that a run over ``names`` shows to be fixed.

    ``jobs`` and ``limits`` are those of ``check``. Raises BaselineError if the file cannot be
    read.
    """
    session = Session(settings)
    before = frozenset(session.baseline)
    outcomes, report = _run(session, names, progress, jobs, limits)
    return _rewritten(settings, before, before - set(fixed(outcomes)), report)


def _known(settings: Settings, everything: bool) -> Baseline | None:
    """What is accepted so far; None if that is a merge to be settled."""
    try:
        return accepted_findings(settings)
    except ConflictError as error:
        if everything:
            return None
        raise BaselineError(
            error.message,
            "settle them by `rfa baseline write` without a target and without an option that "
            "chooses; resolutions can be given as --config 'resolutions = [64]'",
        ) from error


def _run(
    session: Session,
    names: Sequence[str],
    progress: Progress | None,
    jobs: str,
    limits: Limits | None,
) -> tuple[list[Outcome], Report]:
    outcomes, listing = outcomes_of(session, names, progress, jobs, limits)
    unjudged = [
        outcome.model.name
        for outcome in outcomes
        if outcome.model.status == "analysed" and not outcome.model.resolutions
    ]
    if unjudged:
        raise UsageError(
            f"no resolution to judge {', '.join(unjudged)} at",
            f"give one in pixels as --res 64, or as resolutions = [64] {session.settings.where}",
        )
    return outcomes, session.report(outcomes, listing)


def _rewritten(
    settings: Settings, before: frozenset[Concern], after: frozenset[Concern], report: Report
) -> Rewritten:
    write_baseline(baseline_file(settings), after)
    return Rewritten(shown_file(settings), before, after, report)
