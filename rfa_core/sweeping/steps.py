"""What a sweep goes over: spans of resolutions, and grids of factory arguments."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from rfa_core.errors import ResolutionError, UsageError
from rfa_core.receptive.resolution import Resolution, parse_resolution

MOST_RESOLUTIONS = 100_000

Grid = Mapping[str, Sequence[object]]
"""Names of factory arguments with the values that each takes in turn."""


def resolutions_of(texts: Iterable[object]) -> tuple[Resolution, ...]:
    """The resolutions that ``64``, ``"64x96"`` and spans ``"32:512:32"`` mean, each once.

    A span ends with its last number if the steps meet it; without a step it takes every pixel.
    Raises ResolutionError.
    """
    found: dict[Resolution, None] = {}
    for text in texts:
        is_span = isinstance(text, str) and ":" in text
        found.update(dict.fromkeys(_span(str(text)) if is_span else [parse_resolution(text)]))
    return tuple(found)


def grid_of(texts: Iterable[str]) -> dict[str, tuple[object, ...]]:
    """``depth=2,4,8`` as the values of ``depth``: Python literals, strings in quotes.

    Raises UsageError for what is no name, no literal or nothing that JSON can say, and for a name
    that is given twice.
    """
    grid: dict[str, tuple[object, ...]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        name = name.strip()
        if not (equals and name.isidentifier()):
            raise UsageError(f"--grid {text}: expected NAME=VALUE,VALUE as depth=2,4,8")
        if name in grid:
            raise UsageError(f"--grid {text}: {name} is given twice", "list all values in one")
        grid[name] = _values(text, values)
    return grid


def combinations(grid: Grid) -> Iterator[dict[str, object]]:
    """Every choice of one value for each argument; one without arguments for an empty grid.

    Raises UsageError for an argument without values or with one that JSON cannot say.
    """
    for name, values in grid.items():
        if isinstance(values, str) or not len(values):
            raise UsageError(f"the grid has no values for {name}: expected a list of them")
        for value in values:
            _require_plain(f"the grid: {name}={value!r}", value)
    for chosen in product(*grid.values()):
        yield dict(zip(grid, chosen, strict=True))


def called(arguments: Mapping[str, object]) -> str:
    """``(depth=2)``, as it stands behind the name of a factory; empty without arguments."""
    words = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f"({words})" if words else ""


def _span(text: str) -> Iterator[Resolution]:
    parts = text.split(":")
    numbers = [int(part) for part in parts if part.strip().isdecimal() and len(part) < 10]
    if len(numbers) != len(parts) or len(parts) not in (2, 3) or not all(numbers):
        raise ResolutionError(
            f"{text!r:.60} is no span of resolutions",
            "write first:last:step in pixels, as 32:512:32",
        )
    first, last, step = (*numbers, 1)[:3]
    if first > last or (last - first) // step >= MOST_RESOLUTIONS:
        reason = "ends before it begins" if first > last else "has more than 100,000 resolutions"
        raise ResolutionError(f"the span of resolutions {text!r} {reason}")
    return (parse_resolution(size) for size in range(first, last + 1, step))


def _values(text: str, values: str) -> tuple[object, ...]:
    try:
        found = ast.literal_eval(f"({values},)")
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        raise UsageError(
            f"--grid {text}: {values!r} are no Python literals",
            "numbers, True, None, tuples, and strings in quotes: \"act='relu','gelu'\"",
        ) from None
    if not isinstance(found, tuple) or not found:
        raise UsageError(f"--grid {text}: no values")
    for value in found:
        _require_plain(f"--grid {text}", value)
    return found


def _require_plain(where: str, value: object) -> None:
    """Rows say the arguments in JSON."""
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise UsageError(
            f"{where}: {value!r:.60} cannot be written to a row",
            "numbers, strings, True, False, None, lists and dictionaries of them can",
        ) from None
