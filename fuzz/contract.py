"""What must hold of every input, whatever it is: a result or one clear error of ours, in bounded
time and memory, and nothing of it executed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from rfa_core.errors import RfaError

SECONDS = 20
"""Processor time that one input may take."""
MEMORY = 2**30
"""Bytes of address space that one input may take."""
LONGEST = 100_000
"""Characters of a message that anybody would still call clear."""

Target = Callable[[bytes, Path], None]
"""Reads ``bytes`` the way the product would, in an empty folder; raises what the product does."""


class TooSlowError(BaseException):
    """An input took more than its time; no handler of ours is to catch it."""


class ExecutedError(BaseException):
    """An input made something run, open a connection, or write elsewhere."""


class BrokenContractError(Exception):
    """The product answered, but not as it must."""


def hold(target: Target, data: bytes, folder: Path) -> str:
    """Give ``data`` to ``target``: ``"result"``, or the class of the error of ours.

    Raises whatever breaks the contract: any other exception, TooSlowError, ExecutedError,
    MemoryError, BrokenContractError.
    """
    with _bounded(), _watched(folder):
        try:
            target(data, folder)
        except RfaError as error:
            _require_clear(error)
            return type(error).__name__
    return "result"


def _require_clear(error: RfaError) -> None:
    said = str(error)
    if not error.message.strip():
        raise BrokenContractError(f"{type(error).__name__} without a message")
    if len(said) > LONGEST:
        raise BrokenContractError(f"a message of {len(said)} characters: {said[:200]}")
    for word in ("Traceback", "internal error", "0x7f"):
        if word in error.message:
            raise BrokenContractError(f"a message with {word!r}: {said[:2000]}")


@contextmanager
def _bounded() -> Iterator[None]:
    """Limits of time and memory, where the system has them."""

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        raise TooSlowError(f"more than {SECONDS} s of processor time")

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with _bounded_memory():
            yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


@contextmanager
def _bounded_memory() -> Iterator[None]:
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


_REFUSED = (
    "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.kill", "pty.spawn",
    "subprocess.Popen", "socket.connect", "socket.bind", "urllib.Request", "pickle.find_class",
    "marshal.load", "os.chmod", "os.link", "os.symlink", "shutil.rmtree", "ctypes.dlopen",
)  # fmt: skip
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_HOMES = tuple(
    {str(Path(home).resolve()) + os.sep for home in (sys.prefix, sys.base_prefix, *sys.path)}
)
_STANDARD = str(Path(os.__file__).parent) + os.sep
_folder = ""
"""Where the input under watch may write; empty: nothing is watched."""
_hooked = False


@contextmanager
def _watched(folder: Path) -> Iterator[None]:
    global _folder, _hooked
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked = True
    _folder = str(folder.resolve())
    try:
        yield
    finally:
        _folder = ""


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _folder:
        return
    if event in _REFUSED and not _is_importing():
        raise ExecutedError(f"{event}{arguments!r:.200}")
    if event == "open":
        _audit_open(*arguments)
    elif event == "exec" and isinstance(arguments[0], CodeType):
        _audit_code(arguments[0])


def _audit_open(path: object, mode: object, flags: int) -> None:
    if flags & _WRITES and isinstance(path, (str, bytes)) and os.fsdecode(path) != os.devnull:
        inside = os.path.realpath(os.fsdecode(path)).startswith(_folder)
        if not inside and not _is_importing():
            raise ExecutedError(f"open{path, mode, flags!r:.200} outside of {_folder}")


def _audit_code(code: CodeType) -> None:
    """Installed modules may be imported when they are first needed, and the standard library
    reads annotations and makes classes by executing texts of its own."""
    if code.co_filename.startswith((*_HOMES, "<frozen ")) or _is_importing():
        return
    if not sys._getframe(2).f_code.co_filename.startswith(_STANDARD):
        raise ExecutedError(f"exec of {code.co_filename}: {code.co_names!r:.200}")


def _is_importing() -> bool:
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            return True
    return False
