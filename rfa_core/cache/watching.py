"""What the project's code reads while it is imported and built.

Noted file by file: a module is imported once in a process, for the first model that needs it, and
the others depend on it and all that it read just the same. Seen are imports (also those that fail),
files that are opened or asked for, folders that are listed and environment variables; what is done
by a library counts for the project's file that called it.
"""

from __future__ import annotations

import builtins
import importlib
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from importlib.util import resolve_name, source_from_cache
from types import FrameType, ModuleType
from typing import Any

from rfa_core.cache.dependencies import (
    Dependencies,
    Stamp,
    file_stamp,
    folder_stamp,
    installation_places,
    kind,
    status_of,
    variable,
    version,
)
from rfa_core.cache.listening import listening
from rfa_core.cache.origins import INSTALLED, OWN, SYSTEM, TOOL, distributions, needed_by, origin

FILE, FOLDER, KIND, VARIABLE, PACKAGE = "file", "folder", "kind", "variable", "package"
Read = tuple[str, str]

_FRAMEWORKS = (
    "torch", "torchvision", "timm", "tensorflow", "keras", "tf_keras", "jax", "jaxlib", "flax",
    "onnx", "numpy",
)  # fmt: skip
"""Libraries that decide what is recorded, whoever imports them."""
_HERE = os.path.dirname(__file__)
_WRITES = os.O_WRONLY | os.O_CREAT | os.O_TRUNC


@dataclass(slots=True)
class Watch:
    """Everything that was read in this process, by the file of the project that read it."""

    reads: dict[str, dict[Read, None]] = field(default_factory=dict)
    _stamps: dict[str, tuple[int, int]] = field(default_factory=dict)
    _kinds: dict[str, int] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _unseen: set[str] = field(default_factory=set)
    _on: bool = False
    _reader: str = ""
    _lists: bool = False

    @contextmanager
    def on(self, reader: str, files: Iterable[str] = (), *, lists: bool = False) -> Iterator[None]:
        """Take notes; what no file of the project asked for, and ``files``, ``reader`` reads, but
        for listings of folders unless it ``lists`` them."""
        before = self._reader, self._lists
        self._reader, self._lists = reader, lists
        if not self._on:
            self._look_around()
        own = self.reads.setdefault(reader, {})
        for file in files:
            self._note_file(own, file)
        try:
            if self._on:
                yield
            else:
                with self._listening():
                    yield
        finally:
            self._reader, self._lists = before

    @contextmanager
    def _listening(self) -> Iterator[None]:
        self._on = True
        imports = builtins.__import__, importlib.import_module
        builtins.__import__ = self._statement(builtins.__import__)
        importlib.import_module = self._call(importlib.import_module)
        try:
            with listening(self):
                yield
        finally:
            builtins.__import__, importlib.import_module = imports
            self._on = False
            self._known = set(sys.modules)

    def dependencies(self, readers: Iterable[str], root: str, now: int) -> Dependencies | None:
        """All that ``readers`` depend on; None if that is not known: a module was imported when
        nobody took notes, or a file was changed since it was read."""
        every = self._closure(readers)
        files = [path for what, path in every if what == FILE]
        stamps = {path: file_stamp(path) for path in files}
        if any(self._doubtful(path, stamp) for path, stamp in stamps.items()):
            return None
        tops = {name for what, name in every if what == PACKAGE}
        tops |= {name for name in _FRAMEWORKS if name in sys.modules}
        for path in _files_without_version(tops):
            stamps[path] = file_stamp(path)
        return Dependencies(
            {_seen_from(root, path): stamp for path, stamp in stamps.items()},
            {_seen_from(root, path): folder_stamp(path) for what, path in every if what == FOLDER},
            {_seen_from(root, path): self._kinds[path] for what, path in every if what == KIND},
            {name: variable(name) for what, name in every if what == VARIABLE},
            {name: version(name) for name in sorted(needed_by(tops))},
            installation_places(),
            now,
        )

    def _closure(self, readers: Iterable[str]) -> dict[Read, None]:
        found: dict[Read, None] = {}
        waiting = list(readers)
        while waiting:
            for read in self.reads.get(waiting.pop(), ()):
                if read not in found:
                    found[read] = None
                    if read[0] == FILE:
                        waiting.append(read[1])
        return found

    def _doubtful(self, path: str, now: Stamp) -> bool:
        if path in self._unseen:
            return True
        return self._stamps.get(path, (now.size, now.changed)) != (now.size, now.changed)

    def _look_around(self) -> None:
        """Find modules of the project that were imported when nobody took notes."""
        for name in sys.modules.keys() - self._known:
            file = _file_of(sys.modules.get(name))
            if file and origin(file) == OWN and file not in self._stamps:
                self._unseen.add(file)

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """An event of the interpreter (PEP 578)."""
        if not self._on:
            return
        if event == "open":
            path, _, flags = arguments
            if not isinstance(path, (str, bytes)) or (flags or 0) & _WRITES:
                return
            name = os.fsdecode(path)
            if origin(name) == OWN and os.path.isdir(name):
                self._listed(os.path.abspath(name))
            else:
                self._opened(name)
        elif event in ("os.listdir", "os.scandir"):
            path = arguments[0]
            if path is None or isinstance(path, (str, bytes)):
                self._listed(os.path.abspath(os.fsdecode(path or ".")))

    def _opened(self, path: str) -> None:
        if path.endswith(".pyc"):
            try:
                path = source_from_cache(path)
            except ValueError:
                return
        asking = sys._getframe(3)
        if origin(path) == OWN and os.path.dirname(asking.f_code.co_filename) != _HERE:
            reader = self._asking(asking)
            self._note_file(self.reads.setdefault(reader, {}), path)

    def _listed(self, path: str) -> None:
        asking = sys._getframe(3)
        if origin(path) == OWN and os.path.dirname(asking.f_code.co_filename) != _HERE:
            frame = _caller(asking)
            if frame is None or not frame.f_code.co_filename.startswith("<frozen importlib"):
                reader = self._asking(frame)
                if reader != self._reader or self._lists:
                    self.reads.setdefault(reader, {})[FOLDER, path] = None

    def variable(self, name: str) -> None:
        """An environment variable is asked for."""
        file = _on_behalf_of(sys._getframe(2)) if self._on else None
        if file is not None:
            self.reads.setdefault(file, {})[VARIABLE, name] = None

    def asked(self, path: str) -> None:
        """What there is at ``path`` is asked for, as by ``Path.exists``."""
        file = _on_behalf_of(sys._getframe(2)) if self._on else None
        if file is not None and origin(path) == OWN:
            whole = os.path.abspath(path)
            self.reads.setdefault(file, {})[KIND, whole] = None
            if whole not in self._kinds:
                self._kinds[whole] = kind(whole)

    def _asking(self, frame: FrameType | None) -> str:
        """The innermost file of the project on the stack, else the reader."""
        while frame is not None:
            if origin(frame.f_code.co_filename) == OWN:
                return os.path.abspath(frame.f_code.co_filename)
            frame = frame.f_back
        return self._reader

    def _note_file(self, reads: dict[Read, None], path: str) -> None:
        file = os.path.abspath(path)
        reads[FILE, file] = None
        if file not in self._stamps:
            self._stamps[file] = _size_and_time(file)

    def _statement(self, original: Any) -> Any:
        def watched(
            name: str,
            globals: Mapping[str, Any] | None = None,  # noqa: A002
            locals: Mapping[str, Any] | None = None,  # noqa: A002
            fromlist: Sequence[str] | None = (),
            level: int = 0,
        ) -> Any:
            __tracebackhide__ = True  # pytest shows the user's import alone
            file = globals.get("__file__") if globals else None
            try:
                return original(name, globals, locals, fromlist, level)
            finally:
                if isinstance(file, str) and origin(file) == OWN:
                    self._imported(file, _absolute(name, globals or {}, level), fromlist or ())
                elif not level:
                    self._fetched(name, sys._getframe(1))

        return watched

    def _call(self, original: Any) -> Any:
        def watched(name: str, package: str | None = None) -> ModuleType:
            __tracebackhide__ = True
            try:
                module: ModuleType = original(name, package)
                return module
            finally:
                frame = sys._getframe(1)
                whole = resolve_name(name, package) if name.startswith(".") else name
                if origin(frame.f_code.co_filename) == OWN:
                    self._imported(frame.f_code.co_filename, whole, ())
                else:
                    self._fetched(whole, frame)

        return watched

    def _fetched(self, name: str, library: FrameType) -> None:
        """A ``library`` asked for a module by its name, as ``pkgutil.resolve_name`` does: if it is
        one of the project, who called the library depends on it, be it imported before or not."""
        file = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(file, str) and origin(file) == OWN:
            self._imported(self._asking(library), name, ())

    def _imported(self, file: str, name: str, parts: Sequence[str]) -> None:
        """``file`` asked for the module ``name``, and for ``parts`` of it."""
        reads = self.reads.setdefault(os.path.abspath(file), {})
        parents = [name[:at] for at, letter in enumerate(name) if letter == "."]
        for each in (*parents, name):
            self._note_module(reads, each)
        module = sys.modules.get(name)
        if hasattr(module, "__path__") and origin(_file_of(module) or name) == OWN:
            for part in parts:
                inside = f"{name}.{part}"
                if inside in sys.modules or part not in vars(module):
                    self._note_module(reads, inside)

    def _note_module(self, reads: dict[Read, None], name: str) -> None:
        module = sys.modules.get(name)
        if module is None:
            for path in _places_of(name):
                self._note_file(reads, path)
            return
        file = _file_of(module)
        whose = origin(file) if file else SYSTEM
        if whose == OWN and file:
            self._note_file(reads, file)
        elif whose == INSTALLED:
            reads[PACKAGE, name.partition(".")[0]] = None


def _file_of(module: ModuleType | None) -> str | None:
    file = getattr(module, "__file__", None)
    return os.path.abspath(file) if isinstance(file, str) else None


def _places_of(name: str) -> Iterator[str]:
    """Where a module that is not there would be found, if it came to be."""
    parent, _, last = name.rpartition(".")
    package = sys.modules.get(parent) if parent else None
    if parent and package is None:
        return
    folders = getattr(package, "__path__", ()) if parent else sys.path
    for folder in folders:
        if isinstance(folder, str) and os.path.isdir(folder or "."):
            yield os.path.join(folder, f"{last}.py")
            yield os.path.join(folder, last, "__init__.py")


def _absolute(name: str, given: Mapping[str, Any], level: int) -> str:
    if not level:
        return name
    package = given.get("__package__") or str(given.get("__name__", "")).rpartition(".")[0]
    base = package.rsplit(".", level - 1)[0] if level > 1 else package
    return f"{base}.{name}" if name else str(base)


def _size_and_time(file: str) -> tuple[int, int]:
    try:
        found = status_of(file)
    except (OSError, ValueError):
        return -1, 0
    return found.st_size if stat.S_ISREG(found.st_mode) else 0, found.st_mtime_ns


def _files_without_version(tops: Iterable[str]) -> Iterator[str]:
    """The files of installed modules that no distribution stands for."""
    loose = {top for top in tops if not any(map(version, distributions(top)))}
    for name, module in list(sys.modules.items()) if loose else ():
        file = _file_of(module)
        if file and name.partition(".")[0] in loose:
            yield file


def _on_behalf_of(frame: FrameType | None) -> str | None:
    """The file of the project that asks for something, itself or through a library; None where this
    tool asks, or a library while it is imported: that is their own business."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(("<frozen importlib", TOOL)):
            return None
        if origin(name) == OWN:
            return os.path.abspath(name)
        frame = frame.f_back
    return None


def _caller(frame: FrameType | None) -> FrameType | None:
    """The innermost frame outside of Python's library and of this tool."""
    while frame is not None:
        name = frame.f_code.co_filename
        if origin(name) != SYSTEM or name.startswith("<frozen importlib"):
            return frame
        frame = frame.f_back
    return None


def _seen_from(root: str, path: str) -> str:
    below = root.rstrip(os.sep) + os.sep
    return path.removeprefix(below).replace(os.sep, "/") if path.startswith(below) else path


WATCH = Watch()
"""The notes of this process."""


def watch_imports() -> AbstractContextManager[None]:
    """Take notes for as long as this lasts: who imports a project before its models are checked
    does it here, or the cache would not know what they depend on."""
    return WATCH.on("")
