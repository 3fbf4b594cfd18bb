"""One worker process: it serves items one after the other, and ends with everything it started."""

from __future__ import annotations

import gc
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Generic, TypeVar

from rfa_core.libraries.quiet import imported_quietly
from rfa_core.parallel.limits import resident
from rfa_core.parallel.replies import ForeignBytesError, Replies, sealed

Item = TypeVar("Item")
Result = TypeVar("Result")
Reply = tuple[str, Any]
NOTHING, READY, DONE, RAISED, GONE = "", "ready", "done", "raised", "gone"

_THREADED = frozenset({"tensorflow", "jax", "keras", "tf_keras"})
"""Libraries with threads of their own, which a forked process would wait for in vain."""

_ours: set[Connection[Any, Any]] = set()
"""The ends of pipes to workers that are this process's own: no worker may have them."""

_LAST_BREATH = 2.0
_LOOK_FOR_PARENT = 0.5


@dataclass(frozen=True, slots=True)
class Duty(Generic[Item, Result]):
    """What a worker does: it imports ``libraries``, runs ``start(*arguments)``, both once, and
    then ``work`` on each item.

    Both are functions of modules, and all that passes between processes can be pickled.
    """

    work: Callable[[Item], Result]
    start: Callable[..., object] | None = None
    arguments: tuple[object, ...] = ()
    libraries: Sequence[str] = ()


class Worker:
    """A process that does its duty.

    It leads a process group, so that Ctrl-C is for its parent alone and ``end`` reaches what
    the work started. It ends itself when its parent is gone. What it leaves among the temporary
    files goes with it. ``inherited`` are the bytes in its memory that were its parent's when it
    began, and still are.
    """

    def __init__(self, duty: Duty[Any, Any]) -> None:
        forks = begin_with()
        context = multiprocessing.get_context("fork" if forks else "spawn")
        self.pipe, theirs = context.Pipe()
        _ours.add(self.pipe)
        self._replies = Replies(self.pipe)
        self._temporary = _temporary()
        self._process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, self._replies.seal, duty, self._temporary)
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            self._process.start()
        self.inherited = resident(self.pid) if forks else 0
        theirs.close()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    def give(self, item: object) -> None:
        """Hand over one item; a worker that is dead already is found out by its reply."""
        with suppress(OSError):
            self.pipe.send(item)

    def reply(self) -> Reply:
        """What it says; ``NOTHING`` if it does not, ``GONE`` if it cannot any more, or something
        else was written to its pipe."""
        try:
            reply: Reply = self._replies.read() or (NOTHING, None)
            return reply
        except ForeignBytesError:
            return GONE, None
        except (EOFError, OSError):
            self._await_end()
            return GONE, None

    def exit_code(self) -> int | None:
        """Its exit code once it is dead, negative for a signal; None while it lives."""
        return self._process.exitcode

    def end(self) -> None:
        """Kill it and what it started, and wait until it is gone."""
        with suppress(OSError, AttributeError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.kill()
        self._process.join()
        self._process.close()
        _remove(self._temporary)
        _ours.discard(self.pipe)
        self.pipe.close()

    def _await_end(self) -> None:
        """Not with ``join``, which trusts a descriptor that the work may have closed."""
        until = monotonic() + _LAST_BREATH
        while self.exit_code() is None and monotonic() < until:
            sleep(0.01)


def begin_with(libraries: Iterable[str] = ()) -> bool:
    """Whether workers begin with what this process has imported, were it ``libraries``, too.

    ``fork`` costs nothing, but is safe only in a process without threads, and on Linux. PyTorch
    takes it, as its DataLoader shows, if the child keeps to one thread and the parent does not
    hold a GPU.
    """
    alone = threading.active_count() == 1 and _THREADED.isdisjoint((*sys.modules, *libraries))
    gpu = "torch" in sys.modules and sys.modules["torch"].cuda.is_initialized()
    return alone and not gpu and sys.platform == "linux"


def import_all(libraries: Iterable[str]) -> None:
    """Before the time of an item counts; what fails is said of the items that need it."""
    for library in libraries:
        with suppress(Exception):
            imported_quietly(library)


def _temporary() -> str | None:
    """A directory for the temporary files of a worker, which is killed and removes none itself
    (TensorFlow writes one for every function that it rewrites); None: there can be none."""
    with suppress(OSError):
        return tempfile.mkdtemp(prefix="rfa-")
    return None


def _remove(temporary: str | None) -> None:
    if temporary is not None:
        try:
            Path(temporary).rmdir()  # as a rule there is nothing in it to look for
        except OSError:
            shutil.rmtree(temporary, ignore_errors=True)


def _serve(
    pipe: Connection[Any, Any], seal: bytes, duty: Duty[Any, Any], temporary: str | None
) -> None:
    pid = os.getpid()
    while _ours:  # of a forked process: the work must not reach other workers
        _ours.pop().close()
    tempfile.tempdir = temporary
    _stand_alone(temporary)
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    import_all(duty.libraries)
    if duty.start is not None:
        duty.start(*duty.arguments)
    gc.freeze()
    _send(pipe, seal, (READY, None))
    while True:
        try:
            item = pipe.recv()
        except EOFError:
            return
        reply = _tried(duty.work, item)
        if os.getpid() != pid:
            os._exit(0)
        _send(pipe, seal, reply)


def _tried(work: Callable[[Any], object], item: object) -> Reply:
    try:
        return DONE, work(item)
    except Exception as error:
        return RAISED, error


def _send(pipe: Connection[Any, Any], seal: bytes, reply: Reply) -> None:
    try:
        data = sealed(seal, reply)
    except Exception as error:
        data = sealed(seal, (RAISED, RuntimeError(f"{reply[1]!r:.200} cannot be sent: {error}")))
    try:
        pipe.send_bytes(data)
    except OSError:  # the work has closed it, and has to be found out by that
        os._exit(1)


def _stand_alone(temporary: str | None) -> None:
    sys.stdout = sys.stderr
    sys.unraisablehook = lambda _: None
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(os, "setpgid"):
        with suppress(OSError):
            os.setpgid(0, 0)
    threading.Thread(target=_follow_parent, args=(temporary,), daemon=True).start()


def _follow_parent(temporary: str | None) -> None:
    """End with the parent, also where the work has closed the descriptor that tells of its end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        while hasattr(os, "setpgid") and os.getppid() == parent.pid:
            sleep(_LOOK_FOR_PARENT)
        _remove(temporary)
        with suppress(OSError, AttributeError):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)
