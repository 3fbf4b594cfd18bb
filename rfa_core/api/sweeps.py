"""Sweeps: many models, arguments and resolutions, over the workers that there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from threading import Lock

from rfa_core.api.models import Progress
from rfa_core.api.provenance import Provenance
from rfa_core.api.runs import nothing_found
from rfa_core.api.session import Session
from rfa_core.config.load import load_settings
from rfa_core.config.settings import FactorySettings, Settings
from rfa_core.discovery.candidates import Target
from rfa_core.errors import ResolutionError, UsageError
from rfa_core.parallel import Duty, Limits, Lost, Workers, jobs_for
from rfa_core.parallel.executors import over_dask, over_executor
from rfa_core.receptive.resolution import Resolution, parse_resolution
from rfa_core.sweeping.journal import Journal
from rfa_core.sweeping.ranking import ranked
from rfa_core.sweeping.rows import Row, lost_row, row_of
from rfa_core.sweeping.steps import Grid, combinations, resolutions_of
from rfa_core.sweeping.tasks import Task, parted

Ends = Callable[[int, "tuple[Row, ...] | Lost"], None]


@dataclass(frozen=True, slots=True)
class Spread:
    """Who does the work: ``jobs`` processes of our own (a number or ``auto``), each watched by
    ``limits``; or an ``executor``; or the Dask scheduler at the address ``scheduler``."""

    jobs: str = "1"
    limits: Limits | None = None
    executor: Executor | None = None
    scheduler: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A task with what it takes to do it anywhere; it can be pickled."""

    task: Task
    target: Target
    settings: Settings


def sweep(
    targets: str | Sequence[str],
    resolutions: int | str | Iterable[object],
    *,
    grid: Grid | None = None,
    object_size: int | str | Sequence[int] | None = None,
    file: str | None = None,
    settings: Settings | None = None,
    executor: Executor | None = None,
    scheduler: str | None = None,
    jobs: int | str = 1,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> tuple[Row, ...]:
    """Judge models at many resolutions: a row for each model, choice of arguments and resolution.

    ``targets`` and ``resolutions`` are as on the command line, ``"32:512:32"`` among them;
    ``grid`` names factory arguments with the values of each, all of which are combined.
    ``object_size``: footprints are judged by the size of objects inside the image. ``file``
    (``.jsonl``, ``.csv``, ``.parquet``): rows are written there as they come, and those that are
    there already are not made again. ``settings`` are the project's where none are given.

    Models are built here, in ``jobs`` processes, by the workers of any ``executor``, or by those of
    a Dask ``scheduler``. With more than one job, or with ``limits``, a model that crashes costs
    its own rows; so it does on Dask. Failures of models are rows, too. Raises TargetError,
    ResolutionError, UsageError; rows that were made until then are in ``file``.
    """
    if [str(jobs) == "1", executor is None, scheduler is None].count(False) > 1:
        raise UsageError("sweep: expected one of jobs, executor and scheduler, found several")
    spread = Spread(str(jobs), limits, executor, scheduler)
    names = [targets] if isinstance(targets, str) else targets
    several = not isinstance(resolutions, (int, str))
    wanted = resolutions_of(resolutions if several else [resolutions])  # type: ignore[arg-type]
    size = None if object_size is None else parse_resolution(object_size)
    pieces = planned(names, wanted, settings or load_settings(), grid or {}, size)
    return swept(pieces, spread, file, progress)


def rank(
    targets: str | Sequence[str],
    resolution: int | str | Sequence[int],
    **how: object,
) -> tuple[Row, ...]:
    """The rows of models at one resolution, the one that suits it best first.

    ``how`` are the arguments of ``sweep``; see ``rfa_core.sweeping.ranking`` for the order.
    """
    one = str(parse_resolution(resolution))
    return ranked(sweep(targets, [one], **how))  # type: ignore[arg-type]


def planned(
    names: Sequence[str],
    resolutions: Sequence[Resolution],
    settings: Settings,
    grid: Grid,
    object_size: Resolution | None = None,
) -> list[Piece]:
    """What there is to do, in the order of the rows.

    Raises TargetError if no model is found, ResolutionError without a resolution or for an object
    that is larger than the image, UsageError for a grid that a target cannot have.
    """
    _require_sizes(resolutions, object_size)
    session = Session(settings)
    listing = session.plan(names)
    targets = (*listing.targets, *listing.broken)
    if not targets:
        raise nothing_found(names, listing)
    saved = next((target.name for target in targets if target.kind == "saved"), None)
    if grid and saved:
        raise UsageError(f"{saved} takes no arguments: it is a saved model", "leave --grid out")
    provenance = Provenance(settings)
    found: dict[str, Piece] = {}
    for target in targets:
        entry = _entry(settings, target)
        state = provenance.of(target, entry)
        for arguments in combinations(grid):
            own = _settings_with(settings, entry, arguments)
            for number, part in enumerate(parted(resolutions)):
                task = Task(target.name, arguments, part, object_size, state)
                found.setdefault(f"{task.model} {number}", Piece(task, target, own))
    return list(found.values())


def swept(
    pieces: Sequence[Piece], spread: Spread, file: str | None, progress: Progress | None
) -> tuple[Row, ...]:
    """The rows of ``pieces``, in their order; see ``sweep``."""
    keys = [key for piece in pieces for key in piece.task.keys]
    journal = Journal(file, keys) if file else None
    rows = {} if journal is None else journal.rows
    left = [piece for piece in (_without(piece, rows) for piece in pieces) if piece]

    def ends(place: int, found: tuple[Row, ...] | Lost) -> None:
        piece = left[place]
        if isinstance(found, Lost):
            found = tuple(lost_row(piece.task, at, found.reason) for at in piece.task.resolutions)
        if journal is None:
            rows.update((row.key, row) for row in found)
        else:
            journal.add(found)
        if progress is not None:
            progress(len(rows), len(keys), piece.task.model)

    if left:
        _spread(left, spread, ends)
    return tuple(rows[key] for key in keys) if journal is None else journal.finish(keys)


def _require_sizes(resolutions: Sequence[Resolution], object_size: Resolution | None) -> None:
    if not resolutions:
        raise ResolutionError(
            "no resolution to sweep over", "give some in pixels, as --res 32:512:32 or --res 64"
        )
    if object_size is None:
        return
    for resolution in resolutions:
        axes = max(len(resolution.sizes), len(object_size.sizes))
        pairs = zip(object_size.for_axes(axes), resolution.for_axes(axes), strict=True)
        if any(inner > outer for inner, outer in pairs):
            raise ResolutionError(
                f"an object of {object_size} px does not fit into an image of {resolution} px",
                "--res is the size of the image, --object-size that of an object in it",
            )


def _entry(settings: Settings, target: Target) -> FactorySettings:
    entries = (entry for entry in settings.factories if entry.target == target.name)
    return next(entries, FactorySettings(target.name))


def _settings_with(
    settings: Settings, entry: FactorySettings, arguments: dict[str, object]
) -> Settings:
    """What a worker needs of the settings; rules have no say in rows."""
    own = replace(entry, kwargs={**entry.kwargs, **arguments})
    return replace(settings, factories=(own,), select=("RFA101",), extend_select=(), draws=False)


def _without(piece: Piece, rows: dict[str, Row]) -> Piece | None:
    """``piece`` without what there are rows of; None if nothing is left."""
    task = piece.task
    left = tuple(at for at in task.resolutions if task.key(at) not in rows)
    return replace(piece, task=replace(task, resolutions=left)) if left else None


def _spread(pieces: Sequence[Piece], spread: Spread, ends: Ends) -> None:
    """Do the work here, in processes, or wherever it is to be done."""
    if spread.scheduler is not None:
        over_dask(spread.scheduler, rows_of, pieces, ends)
    elif spread.executor is not None:
        over_executor(spread.executor, rows_of, pieces, ends)
    elif (number := jobs_for(spread.jobs, len(pieces))) == 1 and spread.limits is None:
        for place, piece in enumerate(pieces):
            ends(place, rows_of(piece))
    else:
        _over_processes(pieces, number, spread.limits or Limits(), ends)


def _over_processes(pieces: Sequence[Piece], number: int, limits: Limits, ends: Ends) -> None:
    """What the system ended in company is tried again alone: only then is it lost."""
    ended: set[int] = set()

    def heard(place: int, found: tuple[Row, ...] | Lost) -> None:
        if not (isinstance(found, Lost) and found.killed):
            ended.add(place)
            ends(place, found)

    frameworks = sorted({piece.target.framework for piece in pieces if piece.target.framework})
    workers = Workers(Duty(rows_of, libraries=frameworks), limits)
    results = workers.run(pieces, number, lambda *_: None, heard)
    for place, found in enumerate(results):
        if place not in ended:
            ends(place, found)


_one_at_a_time = Lock()
"""Building a model touches what all threads share: streams, paths, the framework's hooks."""


def rows_of(piece: Piece) -> tuple[Row, ...]:
    """Do one piece, in whatever process or thread this is; failures are rows."""
    task = piece.task
    with _one_at_a_time:
        reports = Session(piece.settings).swept(piece.target, task.resolutions, task.object_size)
        pairs = zip(task.resolutions, reports, strict=True)
        return tuple(row_of(task, at, report) for at, report in pairs)
