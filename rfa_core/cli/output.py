"""Where text goes: stdout, whole files, and how it is to look there."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, redirect_stdout
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

from rfa_core.cli import spelling
from rfa_core.errors import UsageError
from rfa_core.report import RenderOptions
from rfa_core.writing import write_file as write_file

WIDTH = 100
TABLE_WIDTH = 140


def stdout_for_results() -> AbstractContextManager[TextIO]:
    """While the user's code runs, what it prints goes to stderr."""
    return redirect_stdout(sys.stderr)


def rendering(
    color: str, stream: TextIO | None, *, width: int = WIDTH, prefix: str = "", **more: bool
) -> RenderOptions:
    """How to render for ``stream`` (None: a file); ``color`` is auto, always or never.

    ``width`` holds where there is no terminal to ask.
    """
    terminal = stream is not None and stream.isatty()
    width = shutil.get_terminal_size((width, 24)).columns if terminal else width
    return RenderOptions(color=_colored(color, stream), width=width, prefix=prefix, **more)


def is_terminal(stream: TextIO) -> bool:
    """Whether ``stream`` is a terminal that understands more than text."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def repository_prefix(root: str) -> str:
    """The way from GitHub's checkout of the repository to the project root, if it is inside."""
    workspace = os.environ.get("GITHUB_WORKSPACE")
    if not workspace or not Path(root).is_relative_to(Path(workspace).resolve()):
        return ""
    way = Path(root).relative_to(Path(workspace).resolve()).as_posix()
    return "" if way == "." else f"{way}/"


def write_stdout(text: str) -> None:
    """Write results; a reader that went away (``| head``) is no failure.

    What the encoding of stdout does not have is spelled out.
    Raises UsageError if stdout cannot be written to (the disk is full).
    """
    if isinstance(sys.stdout, TextIOWrapper):
        spelling.register()
        sys.stdout.reconfigure(errors=spelling.ERRORS)
    with _readers_may_go():
        sys.stdout.write(text if not text or text.endswith("\n") else f"{text}\n")
        sys.stdout.flush()


def write_stdout_bytes(data: bytes) -> None:
    """Write a picture; ``write_stdout`` says the rest."""
    with _readers_may_go():
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


@contextmanager
def _readers_may_go() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise UsageError(f"cannot write to stdout: {error.strerror}") from error


def _colored(color: str, stream: TextIO | None) -> bool:
    if color != "auto":
        return color == "always"
    if stream is None or os.environ.get("NO_COLOR"):
        return False
    return is_terminal(stream) or bool(os.environ.get("FORCE_COLOR"))
