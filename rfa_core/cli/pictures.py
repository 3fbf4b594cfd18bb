"""``rfa show`` as a picture: DOT, what Graphviz makes of it, and figures of our own."""

from __future__ import annotations

import re
import subprocess
import sys
from argparse import Namespace
from dataclasses import dataclass
from pathlib import Path

from rfa_core.cli.messages import say
from rfa_core.cli.output import write_file, write_stdout_bytes
from rfa_core.drawing import View
from rfa_core.errors import UsageError

TIME_LIMIT = 120
"""Seconds that ``dot`` may take for one picture."""
_INSTALL = "install it from https://graphviz.org/download (Debian: apt install graphviz)"


@dataclass(frozen=True, slots=True)
class NoPicture:
    """Why ``dot`` made none, and what to do."""

    reason: str
    advice: str


def write_picture(view: View, options: Namespace) -> None:
    """Write ``view`` as ``options.format`` to ``options.output_file``, or to stdout.

    Where ``dot`` is missing, fails or takes too long the DOT is kept in a file and stderr says
    so; that is no failure. Raises UsageError where a file or stdout cannot be written to.
    """
    if options.figure:
        from rfa_core.drawing.figure import figure

        _write(figure(view, options.figure).encode(), options.output_file)
        return
    from rfa_core.drawing.dot import digraph

    source = digraph(view).source
    if options.format == "dot":
        _write(source.encode(), options.output_file)
        return
    made = run_dot(source, options.format)
    if isinstance(made, bytes):
        _write(made, options.output_file)
        return
    kept = _beside(options.output_file, view.name)
    write_file(kept, source)
    say(f"no {options.format}: {made.reason}\n  {made.advice}; the graph is in {kept}")


def refuse_binary(options: Namespace) -> None:
    """Raise UsageError where a picture of bytes would go to a terminal."""
    if options.format == "png" and not options.output_file and sys.stdout.isatty():
        raise UsageError("a png is nothing for a terminal", "name a file with -o")


def run_dot(source: str, picture: str, limit: float = TIME_LIMIT) -> bytes | NoPicture:
    """The picture that the program ``dot`` makes of ``source`` within ``limit`` seconds."""
    try:
        done = subprocess.run(
            ["dot", f"-T{picture}"],
            input=source.encode(),
            capture_output=True,
            timeout=limit,
            check=False,
        )
    except OSError:
        return NoPicture("the program dot of Graphviz was not found", _INSTALL)
    except subprocess.TimeoutExpired:
        advice = "--depth 1 or 2 opens fewer modules"
        return NoPicture(f"dot took more than {limit:g} seconds", advice)
    if done.returncode or not done.stdout:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        return NoPicture(f"dot failed: {said[0] if said else done.returncode}", _INSTALL)
    return done.stdout


def _write(content: bytes, file: str | None) -> None:
    if file:
        write_file(file, content)
    else:
        write_stdout_bytes(content)


def _beside(file: str | None, name: str) -> str:
    """The DOT file next to the picture; named after the model where that has no file."""
    if file:
        path = Path(file)
        return str(path.with_name(f"{path.stem or path.name}.dot"))
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '_', name).lstrip('._-') or 'network'}.dot"
