"""Which of many models suit one resolution best."""

from __future__ import annotations

from collections.abc import Iterable

from rfa_core.sweeping.rows import FITS, Row

_ORDER = (*FITS, None)


def ranked(rows: Iterable[Row]) -> tuple[Row, ...]:
    """The rows, best first: by what they are (``FITS``; last what has no verdict), then by waste,
    multiply-accumulates, parameters (less is better) and name."""
    return tuple(sorted(rows, key=_key))


def _key(row: Row) -> tuple[float | str, ...]:
    return (_ORDER.index(row.fit), row.waste, row.macs or 0, row.parameters or 0, row.model)
