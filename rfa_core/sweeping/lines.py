"""Rows as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterable

from rfa_core.errors import UsageError
from rfa_core.sweeping.rows import Row, row_from

PART = ".part"
"""Behind the name of a file that is written whole: where its rows are until then."""
_BEGINNING = b'{"key": "'


def as_lines(rows: Iterable[Row]) -> bytes:
    """One JSON object a line, every column named."""
    return b"".join(f"{json.dumps(row.values, ensure_ascii=False)}\n".encode() for row in rows)


def read_lines(name: str, data: bytes) -> list[Row]:
    """The rows that ``data``, the content of ``name``, holds; a last line that was cut off is none.

    Raises UsageError for lines that are no rows.
    """
    *lines, rest = data.split(b"\n")
    if rest[: len(_BEGINNING)] != _BEGINNING[: len(rest)]:
        raise no_row(name, len(lines) + 1, "it is no JSON that a sweep wrote")
    return [_read(name, number, line) for number, line in enumerate(lines, 1)]


def no_row(name: str, number: int, reason: str) -> UsageError:
    """The error of a file that was written by something else."""
    return UsageError(
        f"{name}:{number} is no row of a sweep: {reason}",
        "write to another file, or remove this one to begin anew",
    )


def _read(name: str, number: int, line: bytes) -> Row:
    try:
        values = json.loads(line)
        if not isinstance(values, dict):
            raise ValueError("it is no JSON object")
        return row_from(values)
    except RecursionError:
        raise no_row(name, number, "it is nested too deeply") from None
    except ValueError as error:
        raise no_row(name, number, str(error)) from None
