"""Items spread over somebody else's workers: an executor, or a Dask cluster."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, as_completed
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, TypeVar

from rfa_core.errors import MissingDependencyError, UsageError
from rfa_core.parallel.workers import Lost

Item = TypeVar("Item")
Result = TypeVar("Result")
Ends = Callable[[int, Result | Lost], None]

PATIENCE = "10s"
"""How long a scheduler may take to answer, and to come back."""
BATCH = 500
"""Items that go to a scheduler in one message: Dask warns of large ones."""


def over_executor(
    executor: Executor, work: Callable[[Item], Result], items: Sequence[Item], ends: Ends[Result]
) -> None:
    """Let ``executor`` do the work; ``ends(place, result)`` as each item is done, here.

    Raises UsageError if it loses a worker, or cannot run ``work`` at all. What has not begun is
    then cancelled.
    """
    places = {executor.submit(work, item): place for place, item in enumerate(items)}
    try:
        for future in as_completed(places):
            ends(places[future], future.result())
    except (BrokenExecutor, CancelledError) as error:
        raise UsageError(
            f"the executor lost a worker: {error or type(error).__name__}",
            "jobs= runs models in processes of its own, where one that crashes costs itself alone",
        ) from error
    finally:
        for future in places:
            future.cancel()


def over_dask(
    address: str, work: Callable[[Item], Result], items: Sequence[Item], ends: Ends[Result]
) -> None:
    """Let the workers of the Dask scheduler at ``address`` do the work.

    An item whose worker dies goes to another one. After as many deaths as the cluster allows
    (``distributed.scheduler.allowed-failures``) it is tried again alone, since others that a worker
    has in hand are blamed, too; and then it is Lost. Raises UsageError for a scheduler that does
    not answer, goes away, or has workers that cannot run ``work``; MissingDependencyError.
    """
    dask = _distributed()
    with _quiet(), _client(dask, address) as client:
        futures = client.map(work, items, pure=False, batch_size=BATCH)
        places = {future.key: place for place, future in enumerate(futures)}
        suspects = []
        for future in dask.as_completed(futures, loop=client.loop):
            found = _result(dask, address, future)
            if isinstance(found, Lost):
                suspects.append(places[future.key])
            else:
                ends(places[future.key], found)
        for place in sorted(suspects):
            future = client.submit(work, items[place], pure=False)
            ends(place, _result(dask, address, future))


def _result(dask: Any, address: str, future: Any) -> Any:
    """What became of ``future``; one that its worker took with it is waited for once more."""
    try:
        return future.result()
    except dask.scheduler.KilledWorker:
        return Lost("ended every Dask worker that was to build it")
    except (CancelledError, asyncio.CancelledError, dask.comm.CommClosedError):
        raise UsageError(f"the Dask scheduler at {address} went away") from None
    except Exception as error:
        raise UsageError(
            f"the workers of {address} cannot run it: {type(error).__name__}: {error}",
            "they need what this process has: pytest-rfa, the framework, the project",
        ) from error


@contextmanager
def _client(dask: Any, address: str) -> Iterator[Any]:
    try:
        dask.comm.get_address_host_port(address, strict=True)
        client = dask.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError) as error:
        raise UsageError(
            f"there is no Dask scheduler at {address}: {error or type(error).__name__}",
            "give the address that `dask scheduler` says, as tcp://host:8786",
        ) from error
    try:
        yield client
    finally:
        with suppress(TimeoutError, OSError):
            client.close(timeout=2)


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ImportError as error:
        raise MissingDependencyError(
            f"--scheduler needs Dask: {error}", "install it: pip install 'pytest-rfa[sweep]'"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """What Dask logs of lost connections is said once, by us."""
    logger = logging.getLogger("distributed.client")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)
