"""Which lines of the project constructed each layer of a model.

``__new__`` of the layers' base class runs in the frame of the constructor call, so the stack above
it is the chain of lines that asked for the layer.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import CodeType, FrameType
from typing import Any

from rfa_core.discovery.placing import own_file
from rfa_core.graph.model import Location

Stack = tuple[Location, ...]
_CONSTRUCTORS = frozenset({"__new__", "__call__", "_graph_node_meta_call"})
"""Functions of the frameworks that stand between a constructor call and ``__new__``."""


class _Recorders(threading.local):
    active: _Recorder | None = None


class _Recorder:
    def __init__(self, root: str, boundary: CodeType) -> None:
        self._root = root
        self._boundary = boundary
        self._files: dict[str, str | None] = {}
        self._shared: dict[tuple[Stack, bool], Stack] = {}
        self.stacks: dict[int, Stack] = {}

    def record(self, module: object) -> None:
        found: list[Location] = []
        frame: FrameType | None = sys._getframe(2)
        while frame is not None and frame.f_code is not self._boundary:
            location = self._location(frame.f_code.co_filename, frame.f_lineno)
            if location is not None and location not in found[-1:]:
                found.append(location)
            frame = frame.f_back
        library = bool(found) and self._is_library(sys._getframe(2))
        if library:
            found[0] = replace(found[0], library=True)
        stack = tuple(reversed(found))
        self.stacks[id(module)] = self._shared.setdefault((stack, library), stack)

    def _is_library(self, frame: FrameType | None) -> bool:
        """Whether the constructor was called outside the project."""
        while frame is not None and frame.f_code.co_name in _CONSTRUCTORS:
            frame = frame.f_back
        return frame is None or self._location(frame.f_code.co_filename, frame.f_lineno) is None

    def _location(self, file: str, line: int) -> Location | None:
        if file not in self._files:
            self._files[file] = own_file(file, self._root)
        own = self._files[file]
        return None if own is None else Location(own, line)


_recorders = _Recorders()


@contextmanager
def recording(base: type, root: str, boundary: CodeType) -> Iterator[Mapping[int, Stack]]:
    """Yield a mapping that fills, in this thread, with ``id(layer)`` to its project lines.

    Layers are instances of ``base``. Lines are outermost first and end below the frame that
    runs ``boundary``. ``root`` is the project root. A layer that died leaves its entry behind:
    read it by living layers.
    """
    if base not in _hooked:
        _hook(base)
        _hooked.add(base)
    outer, recorder = _recorders.active, _Recorder(root, boundary)
    _recorders.active = recorder
    try:
        yield recorder.stacks
    finally:
        _recorders.active = outer


_hooked: set[type] = set()


def _hook(base: Any) -> None:
    """Stays for good, passing through while nothing records: a ``__new__`` that is deleted again
    leaves ``object.__new__`` refusing the arguments of every later layer of the process."""
    own = vars(base).get("__new__")

    def new(cls: Any, *args: Any, **kwargs: Any) -> Any:
        constructor = super(base, cls).__new__ if own is None else own.__func__
        plain = constructor is object.__new__
        made = constructor(cls) if plain else constructor(cls, *args, **kwargs)
        if _recorders.active is not None:
            _recorders.active.record(made)
        return made

    base.__new__ = staticmethod(new)
