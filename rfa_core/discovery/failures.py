"""Failures of user code, with the traceback kept aside for ``-v``.

Each is an error of :mod:`rfa_core.errors` that also carries ``details`` (a traceback and what
the code printed), the user's line where it happened (``file`` absolute, ``line`` from 1), and the
``missing`` module that is not installed, if that is why.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from types import TracebackType

from rfa_core.discovery.placing import own_file, relative
from rfa_core.errors import BuildError, ModuleImportError, RfaError, TraceError


class UserCodeError(RfaError):
    """The user's code is to blame, at a line of it if that is known."""

    def __init__(
        self,
        message: str,
        hint: str = "",
        details: str = "",
        file: str | None = None,
        line: int | None = None,
        missing: str = "",
    ) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, details, file, line, missing)
        self.missing = missing
        self.details = details
        self.file = file
        self.line = line


class FailedImportError(UserCodeError, ModuleImportError):
    """The module that holds a factory raised, or resolved to another file."""


class FailedBuildError(UserCodeError, BuildError):
    """The factory raised, cannot be called as asked, or returned no model."""


class FailedRunError(UserCodeError, TraceError):
    """The model ended the process that ran it, or tried to."""


def no_model(name: str, made: object, hint: str) -> FailedBuildError:
    """The failure of factory ``name`` that returned ``made``; ``hint`` says what it has to."""
    if made is None:
        return FailedBuildError(
            f"{name} returns None, not a model", f"{hint}: is a `return` missing?"
        )
    if isinstance(made, type):
        return FailedBuildError(f"{name} returns the class {made.__name__}, not an instance", hint)
    found = f"a {type(made).__name__}"
    if isinstance(made, (tuple, list)):
        found += f" of ({', '.join(type(item).__name__ for item in made)})"
    return FailedBuildError(f"{name} returns {found}, not a model", hint)


def user_line(error: BaseException, root: str) -> tuple[str | None, int | None]:
    """The deepest line of the project that ``error`` passed through (absolute file, line)."""
    if isinstance(error, SyntaxError) and error.filename and own_file(error.filename, root):
        return own_file(error.filename, root), error.lineno
    found: tuple[str | None, int | None] = (None, None)
    for file, line in _frames(error.__traceback__):
        own = own_file(file, root)
        if own is not None:
            found = own, line
    return found


def summary(error: BaseException) -> str:
    """The exception's type and the first line of its message."""
    lines = str(error).strip().splitlines()
    name = type(error).__name__
    return f"{name}: {lines[0]}" if lines else name


def full_text(error: BaseException, printed: str = "") -> str:
    """The traceback, and what the code printed before it."""
    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return f"{text}\nIt printed:\n{printed}" if printed.strip() else text


def where(file: str | None, line: int | None, root: str) -> str:
    """``" (at src/models.py:12)"``, or nothing for an unknown place."""
    if file is None:
        return ""
    return f" (at {relative(file, root)}:{line})"


def is_missing(error: BaseException) -> str | None:
    """The top-level module that is not installed, if that is what ``error`` says."""
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return None
    top = error.name.partition(".")[0]
    return top if top not in sys.modules else None


def _frames(tb: TracebackType | None) -> Iterator[tuple[str, int]]:
    for frame, line in traceback.walk_tb(tb):
        yield frame.f_code.co_filename, line
