"""Runs over all models that some names mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from rfa_core.agreement import Verification
from rfa_core.api.reporting import Outcome
from rfa_core.api.session import Progress, Session
from rfa_core.config.settings import Settings
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.errors import (
    BuildError,
    RfaError,
    TargetError,
)
from rfa_core.findings import (
    Report,
)
from rfa_core.parallel import Lost, Workers, jobs_for
from rfa_core.receptive.resolution import Resolution


def check(
    names: Sequence[str],
    settings: Settings,
    progress: Progress | None = None,
    jobs: str = "1",
) -> Report:
    """Check every model that ``names`` mean.

    ``progress(done, total, name)`` is called as models are done. ``jobs`` is a number of
    processes or ``auto``. Raises TargetError when there is nothing to check.
    """
    session = Session(settings)
    outcomes, listing = outcomes_of(session, names, progress, jobs)
    unused = session.unused_ignores(outcomes)
    return session.report(outcomes, listing, unused, session.drop_fixed(outcomes))


def outcomes_of(
    session: Session, names: Sequence[str], progress: Progress | None, jobs: str
) -> tuple[list[Outcome], Listing]:
    """Check every model that ``names`` mean, in the order of the listing.

    Raises BaselineError before anything is built; TargetError when there is nothing to check.
    """
    _ = session.baseline
    listing = session.plan(names)
    return _each(Session.check, session, names, listing, progress, jobs), listing


def ranges(
    names: Sequence[str],
    settings: Settings,
    progress: Progress | None = None,
    jobs: str = "1",
) -> Report:
    """The feasible range of every model that ``names`` mean, confirmed at both ends.

    There are no verdicts and no findings; the exit code is 2 if a model cannot be analysed.
    The arguments and TargetError are those of ``check``.
    """
    session = Session(settings)
    listing = session.plan(names)
    outcomes = _each(Session.range, session, names, listing, progress, jobs)
    return session.report([replace(outcome, findings=()) for outcome in outcomes], listing)


def verify(
    names: Sequence[str],
    settings: Settings,
    resolution: Resolution | None = None,
    every: bool = False,
    progress: Progress | None = None,
) -> tuple[Verification, ...]:
    """Hold the analysis of every model that ``names`` mean to the NaN oracle.

    The arguments are those of ``verify_model``. Raises TargetError when there is nothing to
    verify.
    """
    session = Session(settings)
    listing = session.plan(names)
    targets = (*listing.targets, *listing.broken)
    if not targets:
        raise _nothing_found(names, listing)
    return tuple(session.verify(target, resolution, every, progress) for target in targets)


def _each(
    work: Callable[[Session, Target], Outcome],
    session: Session,
    names: Sequence[str],
    listing: Listing,
    progress: Progress | None,
    jobs: str,
) -> list[Outcome]:
    targets = (*listing.targets, *listing.broken)
    if not targets:
        raise _nothing_found(names, listing)

    def done(count: int, target: Target) -> None:
        if progress is not None:
            progress(count, len(targets), target.name)

    number = jobs_for(jobs, len(targets))
    if number > 1:
        workers = Workers(partial(_in_worker, work), _start_worker, (session.settings,))
        found = workers.run(targets, number, done)
        return [
            session.failed(target, _LOST) if isinstance(outcome, Lost) else outcome
            for target, outcome in zip(targets, found, strict=True)
        ]
    outcomes = []
    for count, target in enumerate(targets):
        done(count, target)
        outcomes.append(work(session, target))
    return outcomes


_LOST = BuildError(
    "the process that built it died: it crashed, or the system ended it for want of memory",
    "run it alone, with --jobs 1, to see where",
)

_worker: Session | None = None


def _start_worker(settings: Settings) -> None:
    global _worker
    _worker = Session(settings)


def _in_worker(work: Callable[[Session, Target], Outcome], target: Target) -> Outcome:
    assert _worker is not None
    return work(_worker, target)


def _nothing_found(names: Sequence[str], listing: Listing) -> RfaError:
    where = f"in {', '.join(names)}" if names else "in the project"
    left = f"{len(listing.left_alone)} candidates were left alone" if listing.left_alone else ""
    return TargetError(
        f"no model found {where}" + (f"; {left}" if left else ""),
        "`rfa list` says what was looked at and why; name a model as package.module:factory "
        "or path/to/file.py::factory",
    )
