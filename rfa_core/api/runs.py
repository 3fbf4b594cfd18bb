"""Runs over all models that some names mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from rfa_core.agreement import Verification
from rfa_core.api.models import Progress
from rfa_core.api.reporting import Outcome
from rfa_core.api.session import Session
from rfa_core.api.sharding import Shard
from rfa_core.baseline.values import Baseline
from rfa_core.cache.dependencies import Dependencies
from rfa_core.config.settings import Settings
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.errors import (
    BuildError,
    RfaError,
    TargetError,
)
from rfa_core.findings import Report
from rfa_core.parallel import Duty, Limits, Lost, Workers, jobs_for
from rfa_core.receptive.resolution import Resolution

_SHOWN = 3


def check(
    names: Sequence[str],
    settings: Settings,
    progress: Progress | None = None,
    jobs: str = "1",
    limits: Limits | None = None,
    unfinished: Callable[[Report], None] | None = None,
    settled: Callable[[Dependencies], None] | None = None,
    shard: Shard | None = None,
) -> Report:
    """Check every model that ``names`` mean.

    ``progress(done, total, name)`` is called as models are begun. ``jobs`` is a number of
    processes or ``auto``. With ``limits``, or more than one job, models are built and analysed in
    worker processes, and one that breaks a limit, or its process, has the finding RFA902.
    ``unfinished`` is called with the report of the models that were done before an exception or an
    interrupt ends the run, if there are any. ``settled`` is called with all that the models depend
    on, if the cache knows that of every one. Of several machines that share a run each checks one
    ``shard`` of the models. Raises TargetError when there is nothing to check.
    """
    session = Session(settings)
    done: dict[int, Outcome] = {}
    _ = session.baseline
    listing = _planned(session, names)
    listing = shard.share(listing) if shard else listing
    try:
        outcomes = _each(Session.check, session, listing, progress, jobs, limits, done)
    except BaseException as cause:
        if done and unfinished is not None:
            unfinished(_report_of_done(session, listing, done, cause))
        raise
    unused = session.unused_ignores(outcomes)
    told = shard.notes(listing, unused) if shard else ()
    unused = () if shard and shard.total > 1 else unused
    notes = tuple(filter(None, (session.drop_fixed(outcomes), session.memory.problem, *told)))
    if settled is not None and not notes and not listing.broken:
        dependencies = session.dependencies(listing.targets, outcomes)
        if dependencies is not None:
            settled(dependencies)
    return session.report(outcomes, listing, unused, notes)


def _report_of_done(
    session: Session, listing: Listing, done: Mapping[int, Outcome], cause: BaseException
) -> Report:
    """The report of a run that ``cause`` ended, in the order of its models."""
    report = session.report([done[place] for place in sorted(done)], listing)
    return replace(report, exit_code=130 if isinstance(cause, KeyboardInterrupt) else 2)


def outcomes_of(
    session: Session,
    names: Sequence[str],
    progress: Progress | None,
    jobs: str,
    limits: Limits | None = None,
) -> tuple[list[Outcome], Listing]:
    """Check every model that ``names`` mean, in the order of the listing.

    Raises BaselineError before anything is built; TargetError when there is nothing to check.
    """
    _ = session.baseline
    listing = _planned(session, names)
    return _each(Session.check, session, listing, progress, jobs, limits, {}), listing


def ranges(
    names: Sequence[str],
    settings: Settings,
    progress: Progress | None = None,
    jobs: str = "1",
    limits: Limits | None = None,
) -> Report:
    """The feasible range of every model that ``names`` mean, confirmed at both ends.

    There are no verdicts and no findings; the exit code is 2 if a model cannot be analysed.
    The arguments and TargetError are those of ``check``.
    """
    session = Session(settings)
    listing = _planned(session, names)
    outcomes = _each(Session.range, session, listing, progress, jobs, limits, {})
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
    listing = _planned(session, names)
    targets = (*listing.targets, *listing.broken)
    return tuple(session.verify(target, resolution, every, progress) for target in targets)


def _planned(session: Session, names: Sequence[str]) -> Listing:
    """What ``names`` mean. Raises TargetError if that is nothing."""
    listing = session.plan(names)
    if not (listing.targets or listing.broken):
        raise nothing_found(names, listing)
    return listing


def _each(
    work: Callable[[Session, Target], Outcome],
    session: Session,
    listing: Listing,
    progress: Progress | None,
    jobs: str,
    limits: Limits | None,
    done: dict[int, Outcome],
) -> list[Outcome]:
    """The outcome of every target, in order; ``done`` has those that there are at any time."""
    targets = (*listing.targets, *listing.broken)

    recall = session.recall if work is Session.check else session.recall_range
    for place, target in enumerate(targets):
        known = recall(target)
        if known is not None:
            done[place] = known
    left = [place for place in range(len(targets)) if place not in done]
    known_before = len(done)

    def begins(count: int, target: Target) -> None:
        if progress is not None:
            progress(known_before + count, len(targets), target.name)

    def ends(at: int, found: Outcome | Lost) -> None:
        place = left[at]
        if isinstance(found, Lost):
            found = session.failed(targets[place], _lost(targets[place], found))
        done[place] = found
        session.memory.problem = session.memory.problem or found.problem

    session.memory.prepare(bool(left))
    _spread(work, session, [targets[place] for place in left], jobs, limits, begins, ends)
    session.memory.tidy(bool(left))
    return [done[place] for place in range(len(targets))]


def _spread(
    work: Callable[[Session, Target], Outcome],
    session: Session,
    targets: Sequence[Target],
    jobs: str,
    limits: Limits | None,
    begins: Callable[[int, Target], None],
    ends: Callable[[int, Outcome | Lost], None],
) -> None:
    """Do the work here, or spread it over processes."""
    if not targets:
        return
    number = jobs_for(jobs, len(targets))
    if number == 1 and limits is None:
        for place, target in enumerate(targets):
            begins(place, target)
            ends(place, work(session, target))
        return
    frameworks = sorted({target.framework for target in targets if target.framework})
    known = session.baseline if work is Session.check else Baseline()
    task, arguments = partial(_in_worker, work), (session.settings, known)
    workers = Workers(Duty(task, _start_worker, arguments, frameworks), limits or Limits())
    workers.run(targets, number, begins, ends)


def _lost(target: Target, lost: Lost) -> BuildError:
    hint = (
        "check it at a smaller resolution, raise the limit, or say what it takes, since a guess "
        'may have other dimensions: factories = [{ target = "...", input-shape = [...] }] in '
        "[tool.rfa]"
    )
    return BuildError(f"{target.name} {lost.reason}", hint if lost.limited else "")


_worker: Session | None = None


def _start_worker(settings: Settings, baseline: Baseline) -> None:
    """``baseline`` is what the run has read, whatever becomes of the file."""
    global _worker
    _worker = Session(settings)
    _worker.baseline = baseline


def _in_worker(work: Callable[[Session, Target], Outcome], target: Target) -> Outcome:
    """Nobody but the model can interrupt a worker, which hears no Ctrl-C."""
    assert _worker is not None
    try:
        return work(_worker, target)
    except KeyboardInterrupt:
        return _worker.failed(target, BuildError(f"{target.name} raises KeyboardInterrupt"))


def nothing_found(names: Sequence[str], listing: Listing) -> RfaError:
    where = f"in {', '.join(names)}" if names else "in the project"
    left = [f"{each.name}: {each.reason}" for each in listing.left_alone]
    more = [f"and {len(left) - _SHOWN} more"] if len(left) > _SHOWN else []
    return TargetError(
        "; ".join([f"no model found {where}", *left[:_SHOWN], *more]),
        f"`{' '.join(['rfa list', *names])}` says what was looked at; name a model as "
        "package.module:factory or path/to/file.py::factory",
    )
