"""Running the user's code without letting it touch our process: paths, output, exits."""

from __future__ import annotations

import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from rfa_core.discovery.failures import FailedRunError, full_text, summary, user_line, where
from rfa_core.discovery.placing import import_roots, is_foreign, own_file

_Modules = dict[str, ModuleType]
_parked: dict[str, _Modules] = {}


@contextmanager
def guarded(search: Sequence[str], root: str, argv: str) -> Iterator[io.StringIO]:
    """Run user code with ``search`` first on ``sys.path``; yields what it prints.

    Restored afterwards: ``sys.path``, ``sys.argv``, the standard streams, the warning
    filters, the working directory. ``os._exit`` raises SystemExit here; a copy of the process
    that the code forked ends where it would leave this block. Modules from an import root of
    its own (a folder of scripts) are kept apart, so that two folders may hold modules of the
    same name. Modules of the project whose package failed after it had imported them are forgotten,
    so that whoever imports them next fails as the first one did.
    """
    printed = io.StringIO()
    with ExitStack() as stack:
        stack.enter_context(_stdout_descriptor_aside())
        stack.enter_context(redirect_stdout(printed))
        stack.enter_context(redirect_stderr(printed))
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(_one_process())
        stack.enter_context(_working_directory())
        stack.enter_context(_process_state(search, argv))
        if search and search[0] not in import_roots(root):
            stack.enter_context(_own_modules(search[0], root))
        stack.enter_context(_whole_packages(root))
        yield printed


@contextmanager
def contained(name: str, root: str) -> Iterator[None]:
    """Run the model called ``name``, which may write to the descriptor of stdout, or end the
    process, in vain. Raises FailedRunError for what it raises that is no Exception."""
    with _stdout_descriptor_aside(), _one_process():
        try:
            yield
        except (KeyboardInterrupt, Exception):
            raise
        except BaseException as error:
            file, line = user_line(error, root)
            exits = isinstance(error, SystemExit)
            verb = "exits" if exits else f"raises {summary(error).rstrip('.')}"
            message = f"{name} {verb} when it is run{where(file, line, root)}"
            raise FailedRunError(message, "", full_text(error), file, line) from error


class _NoOne(io.StringIO):
    """Stands for someone to ask, and is not there."""

    def readline(self, *_: object) -> NoReturn:
        raise EOFError("it asks for input, and there is no one to answer")


@contextmanager
def _one_process() -> Iterator[None]:
    here, leave = os.getpid(), os._exit

    def stay(status: int) -> NoReturn:
        if os.getpid() != here:
            leave(status)
        raise SystemExit(status)

    os._exit = stay
    try:
        yield
    finally:
        os._exit = leave
        if os.getpid() != here:
            leave(0)


@contextmanager
def _working_directory() -> Iterator[None]:
    before = Path.cwd()
    try:
        yield
    finally:
        with suppress(OSError):
            os.chdir(before)


@contextmanager
def _process_state(search: Sequence[str], argv: str) -> Iterator[None]:
    saved_path, saved_argv, saved_stdin = list(sys.path), list(sys.argv), sys.stdin
    sys.path[:0] = search
    sys.argv[:] = [argv]
    sys.stdin = _NoOne()
    try:
        yield
    finally:
        sys.path[:], sys.argv[:], sys.stdin = saved_path, saved_argv, saved_stdin


@contextmanager
def _stdout_descriptor_aside() -> Iterator[None]:
    try:
        sys.stdout.flush()
        saved = os.dup(1)
    except (OSError, ValueError):
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)


@contextmanager
def _own_modules(folder: str, root: str) -> Iterator[None]:
    hidden = _take(_shadowed(folder, root))
    before = set(sys.modules)
    sys.modules.update(_parked.get(folder, {}))
    try:
        yield
    finally:
        new = [name for name in _living_in(folder) if name not in before]
        _parked.setdefault(folder, {}).update(_take(new))
        sys.modules.update(hidden)


@contextmanager
def _whole_packages(root: str) -> Iterator[None]:
    before = set(sys.modules)
    try:
        yield
    finally:
        for name in sorted(sys.modules.keys() - before):
            package = name.rpartition(".")[0]
            file = getattr(sys.modules[name], "__file__", None)
            if package and package not in sys.modules and file and own_file(file, root):
                del sys.modules[name]


def _shadowed(folder: str, root: str) -> list[str]:
    here = {entry.stem for entry in Path(folder).iterdir()}
    return [
        name
        for name, file in _module_files()
        if name.partition(".")[0] in here and _is_below(file, root) and not _is_below(file, folder)
    ]


def _living_in(folder: str) -> list[str]:
    return [
        name
        for name, file in _module_files()
        if _is_below(file, folder) and not name.startswith("_rfa_script_")
    ]


def _module_files() -> list[tuple[str, str]]:
    loaded = [(name, getattr(module, "__file__", None)) for name, module in sys.modules.items()]
    return [(name, file) for name, file in loaded if isinstance(file, str)]


def _is_below(file: str, folder: str) -> bool:
    path = Path(file)
    return path.is_relative_to(folder) and not is_foreign(path.relative_to(folder))


def _take(names: Sequence[str]) -> _Modules:
    return {name: sys.modules.pop(name) for name in names}
