"""The rows of a sweep in a file, written as they come and found again after an early end."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from rfa_core.errors import UsageError
from rfa_core.sweeping.lines import PART, as_lines, read_lines
from rfa_core.sweeping.rows import Row
from rfa_core.sweeping.tables import as_csv, as_parquet, read_csv, read_parquet, require_parquet
from rfa_core.writing import write_file


class Form(NamedTuple):
    """How rows are written to a whole file and read from it; ``require`` raises
    MissingDependencyError if that is not possible here."""

    write: Callable[[Iterable[Row]], bytes]
    read: Callable[[str, bytes], list[Row]]
    require: Callable[[], object] = tuple


FORMS: Mapping[str, Form] = {
    ".jsonl": Form(as_lines, read_lines),
    ".csv": Form(as_csv, read_csv),
    ".parquet": Form(as_parquet, read_parquet, require_parquet),
}
"""By the ends of the names of files."""


class Journal:
    """The rows of a sweep in the file ``name``, of which those with ``keys`` may be in it.

    JSON lines grow in the file itself, other forms in one beside it (``PART``) until the sweep is
    done. A line that was cut off is dropped, and so are rows without a verdict: what was in the way
    may be gone. Nothing in a file is executed, and nothing is written before ``add``. Raises
    UsageError for a file that cannot be read or written, holds no rows, or belongs to another
    sweep: has a row that is not one of ``keys``.
    """

    def __init__(self, name: str, keys: Collection[str]) -> None:
        self._name, self._form = name, form_of(name)
        self._form.require()
        is_lines = self._form is FORMS[".jsonl"]
        self._growing = name if is_lines else f"{name}{PART}"
        self.rows: dict[str, Row] = {}
        forms = {name: self._form, self._growing: FORMS[".jsonl"]}
        for file, form in forms.items():
            rows = form.read(file, _bytes(file))
            _require_same(file, rows, set(keys))
            self.rows |= {row.key: row for row in rows if row.status == "analysed"}
        self._is_whole = False

    def add(self, rows: Iterable[Row]) -> None:
        """Put ``rows`` into the file, each once, where a reader finds them from now on."""
        new = [row for row in rows if row.key not in self.rows]
        self.rows |= {row.key: row for row in new}
        if self._is_whole:
            _append(self._growing, as_lines(new))
        else:
            write_file(self._growing, as_lines(self.rows.values()))
            self._is_whole = True

    def finish(self, keys: Sequence[str]) -> tuple[Row, ...]:
        """The rows with ``keys``, in this order; they are all of the file now."""
        rows = tuple(self.rows[key] for key in keys)
        write_file(self._name, self._form.write(rows))
        if self._growing != self._name:
            with suppress(OSError):
                Path(self._growing).unlink()
        return rows


def form_of(name: str) -> Form:
    """How rows stand in the file ``name``, by its end. Raises UsageError."""
    form = FORMS.get(Path(name).suffix.lower())
    if form is None:
        raise UsageError(
            f"rows cannot be written to {name}", f"expected a file named {', '.join(FORMS)}"
        )
    return form


def _bytes(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except FileNotFoundError:
        return b""
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {name}: {getattr(error, 'strerror', error)}") from error


def _append(name: str, data: bytes) -> None:
    try:
        with Path(name).open("ab") as stream:
            stream.write(data)
    except OSError as error:
        raise UsageError(f"cannot write {name}: {error.strerror}") from error


def _require_same(name: str, rows: Iterable[Row], keys: set[str]) -> None:
    other = next((row for row in rows if row.key not in keys), None)
    if other is not None:
        raise UsageError(
            f"{name} belongs to another sweep: it has {other.model} at {other.resolution} px, of "
            "other targets, resolutions or settings, or from before the code changed",
            "write to another file, or remove this one to begin anew",
        )
