"""The file of accepted findings: one entry a line, sorted, nothing that changes by itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rfa_core.baseline.checking import Problems, checked_entries
from rfa_core.baseline.values import VERSION, Baseline
from rfa_core.errors import BaselineError, ConflictError
from rfa_core.findings import Concern
from rfa_core.writing import write_file

_MARKER = re.compile(r"^(<{7}|={7}|\|{7}|>{7})(\s|$)")
_MEND = (
    "mend the file there, or take it back from version control; `rfa baseline write` makes a new "
    "one once it is out of the way"
)


def read_baseline(path: Path, shown: str) -> Baseline:
    """The accepted findings of a file; ``shown`` is what messages call it.

    Raises BaselineError with every mistake, one a line. A file that does not exist is an
    OSError.
    """
    text = _text(path, shown)
    _refuse_conflicts(text, shown)
    try:
        document = json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        place = f"{shown}:{error.lineno}:{error.colno}"
        raise BaselineError(f"{place}: expected JSON, found: {error.msg}", _MEND) from error
    except (ValueError, RecursionError) as error:
        raise BaselineError(f"{shown}: expected JSON, found: {error}", _MEND) from error
    problems = Problems(shown, text)
    entries = checked_entries(document, problems)
    problems.raise_all(_MEND)
    return Baseline(entries)


def render_baseline(concerns: Iterable[Concern]) -> str:
    """The text of the file that holds ``concerns``: the same for the same, in any order."""
    lines = [_entry(one) for one in sorted(set(concerns), key=lambda one: one.order)]
    inside = "\n    " + ",\n    ".join(lines) + "\n  " if lines else ""
    return f'{{\n  "version": {VERSION},\n  "findings": [{inside}]\n}}\n'


def write_baseline(path: Path, concerns: Iterable[Concern]) -> None:
    """Write the file whole, or leave it as it was. Raises UsageError if that is not possible."""
    write_file(str(path), render_baseline(concerns))


def _entry(concern: Concern) -> str:
    return json.dumps(
        {
            "rule": concern.rule,
            "model": concern.model,
            "resolution": None if concern.resolution is None else list(concern.resolution),
            "layer": concern.layer,
        }
    )


def _text(path: Path, shown: str) -> str:
    try:
        return path.read_bytes().decode().replace("\r\n", "\n")
    except FileNotFoundError:
        raise
    except OSError as error:
        raise BaselineError(f"{shown}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        found = f"the byte 0x{error.object[error.start]:02x}"
        raise BaselineError(f"{shown}:{line}: expected UTF-8, found {found}", _MEND) from error


def _refuse_conflicts(text: str, shown: str) -> None:
    """A merge that was not settled is one error, with the lines of each conflict."""
    spans = list(_conflicts(text))
    if spans:
        lines = ", ".join(f"{first} to {last}" for first, last in spans)
        raise ConflictError(
            f"{shown}:{spans[0][0]}: expected a settled merge, found conflicts in lines {lines}",
            "`rfa baseline write` settles them: it writes what it finds now",
        )


def _conflicts(text: str) -> Iterator[tuple[int, int]]:
    first = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if not _MARKER.match(line):
            continue
        if line.startswith("<"):
            first = number
        elif line.startswith(">") or not first:
            yield first or number, number
            first = 0
    if first:
        yield first, text.count("\n") + 1


def _no_constant(name: str) -> None:
    raise ValueError(f"{name}, which is no JSON")
