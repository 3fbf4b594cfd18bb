"""Rows as CSV and Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any

from rfa_core.errors import MissingDependencyError, UsageError
from rfa_core.sweeping.lines import no_row
from rfa_core.sweeping.rows import COLUMNS, Row, row_from

_WORDS: Mapping[object, str] = {True: "true", False: "false"}
_READ: Mapping[type, Callable[[str], object]] = {
    str: str,
    int: int,
    float: float,
    bool: {word: value for value, word in _WORDS.items()}.__getitem__,
    dict: json.loads,
}


def as_csv(rows: Iterable[Row]) -> bytes:
    """A line of column names, and one for each row; nothing is in the place of None, arguments
    are JSON."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in row.values.values()] for row in rows)
    return text.getvalue().encode()


def read_csv(name: str, data: bytes) -> list[Row]:
    """The rows of a whole file. Raises UsageError for what is none."""
    if not data:
        return []
    try:
        head, *lines = csv.reader(io.StringIO(data.decode(), newline=""), strict=True)
    except (UnicodeDecodeError, csv.Error) as error:
        raise no_row(name, 1, str(error)) from None
    if head != list(COLUMNS):
        raise no_row(name, 1, "the first line does not name the columns of a row")
    return [_row(name, number, cells) for number, cells in enumerate(lines, 2)]


def as_parquet(rows: Iterable[Row]) -> bytes:
    """A typed column for each of a row; arguments are JSON text."""
    arrow = require_parquet()
    types = {
        str: arrow.string(),
        int: arrow.int64(),
        float: arrow.float64(),
        bool: arrow.bool_(),
        dict: arrow.string(),
    }
    schema = arrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    listed = [{**row.values, "arguments": json.dumps(row.arguments)} for row in rows]
    sink = arrow.BufferOutputStream()
    table = arrow.Table.from_pylist(listed, schema=schema)
    import_module("pyarrow.parquet").write_table(table, sink)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def read_parquet(name: str, data: bytes) -> list[Row]:
    """The rows of a whole file. Raises UsageError for what is none."""
    if not data:
        return []
    arrow = require_parquet()
    try:
        listed = import_module("pyarrow.parquet").read_table(arrow.BufferReader(data)).to_pylist()
        return [row_from({**each, "arguments": json.loads(each["arguments"])}) for each in listed]
    except (arrow.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"{name} is no file of a sweep: {error}",
            "write to another file, or remove this one to begin anew",
        ) from None


def require_parquet() -> Any:
    """The module pyarrow. Raises MissingDependencyError."""
    try:
        return import_module("pyarrow")
    except ImportError as error:
        raise MissingDependencyError(
            f"Parquet needs pyarrow: {error}",
            "install it: pip install 'pytest-rfa[sweep]', or write to .jsonl or .csv",
        ) from error


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _WORDS[value]
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)


def _row(name: str, number: int, cells: list[str]) -> Row:
    try:
        named = list(zip(COLUMNS, cells, strict=True))
        return row_from({each: _READ[COLUMNS[each]](text) for each, text in named if text})
    except (ValueError, KeyError, RecursionError) as error:
        raise no_row(name, number, str(error)) from None
