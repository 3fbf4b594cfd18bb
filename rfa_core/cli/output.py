"""Where text goes: stdout, whole files, and how it is to look there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout, suppress
from io import TextIOWrapper
from typing import Any, TextIO

from rfa_core.cli import spelling
from rfa_core.errors import UsageError
from rfa_core.formats import FOR_PEOPLE
from rfa_core.writing import write_file as write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from rfa_core.report import RenderOptions

WIDTH = 100
TABLE_WIDTH = 140


def stdout_for_results() -> AbstractContextManager[TextIO]:
    """While the user's code runs, what it prints goes to stderr."""
    return redirect_stdout(sys.stderr)


def rendering(
    color: str, stream: TextIO | None, *, width: int = WIDTH, **more: Any
) -> RenderOptions:
    """How to render for ``stream`` (None: a file); ``color`` is auto, always or never.

    ``width`` holds where there is no terminal to ask.
    """
    from rfa_core.report import RenderOptions

    terminal = stream is not None and stream.isatty()
    width = shutil.get_terminal_size((width, 24)).columns if terminal else width
    return RenderOptions(color=_colored(color, stream), width=width, **more)


def is_terminal(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that understands more than text."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def write_stdout(text: str, format: str = "full") -> None:  # noqa: A002
    """Write results; a reader that went away (``| head``) is no failure.

    What programs read is UTF-8, whatever the locale; what people read is in the encoding of the
    terminal, and what that lacks is spelled out. Raises UsageError if stdout cannot be written to
    (the disk is full).
    """
    text = text if not text or text.endswith("\n") else f"{text}\n"
    _require_stdout()
    if format not in FOR_PEOPLE and hasattr(sys.stdout, "buffer"):
        write_stdout_bytes(text.encode())
        return
    if isinstance(sys.stdout, TextIOWrapper):
        spelling.register()
        sys.stdout.reconfigure(errors=spelling.ERRORS)
    with _readers_may_go():
        sys.stdout.write(text)
        sys.stdout.flush()


def write_stdout_bytes(data: bytes) -> None:
    """Write a picture; ``write_stdout`` says the rest."""
    _require_stdout()
    with _readers_may_go():
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


def _require_stdout() -> None:
    if sys.stdout is None:
        raise UsageError("cannot write to stdout: it is closed", "write to a file with -o")


@contextmanager
def _readers_may_go() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise UsageError(f"cannot write to stdout: {error.strerror}") from error


def _colored(color: str, stream: TextIO | None) -> bool:
    if color != "auto":
        return color == "always"
    if stream is None or os.environ.get("NO_COLOR"):
        return False
    return is_terminal(stream) or bool(os.environ.get("FORCE_COLOR"))
