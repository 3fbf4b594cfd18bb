"""``rfa sweep`` and ``rfa rank``: rows as tables for people, and as JSON and CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rfa_core.receptive.verdict import Verdict
from rfa_core.report.console import VERDICT_STYLES, to_text
from rfa_core.report.options import RenderOptions
from rfa_core.report.words import GLYPHS, flat, thousands
from rfa_core.rules.wording import count, percent
from rfa_core.sweeping.rows import FITS, VERDICT_COLUMNS, Row
from rfa_core.sweeping.tables import as_csv

_SHOWN = [verdict for verdict in Verdict if verdict is not Verdict.NOT_JUDGED]
_COSTS = ("wasted parameters", "wasted MACs")
_MOST = 5
"""Resolutions that are named where a model has no verdict at some."""


def render_sweep(rows: Sequence[Row], options: RenderOptions, form: str = "text") -> str:
    """``rows`` as a table, model by model and resolution by resolution; or as csv or json."""
    return _render(rows, options, form, _swept(rows))


def render_rank(rows: Sequence[Row], options: RenderOptions, form: str = "text") -> str:
    """``rows``, best first, as a table of one line for each; or as csv or json."""
    return _render(rows, options, form, _ranked(rows))


def _render(
    rows: Sequence[Row], options: RenderOptions, form: str, parts: Iterator[RenderableType]
) -> str:
    if form == "csv":
        return as_csv(rows).decode()
    if form == "json":
        said = {"version": 1, "rows": [row.values for row in rows]}
        return json.dumps(said, indent=2, ensure_ascii=False) + "\n"
    return to_text([*parts, *_unjudged(rows)], options)


def _swept(rows: Sequence[Row]) -> Iterator[RenderableType]:
    judged = [row for row in rows if row.fit]
    if not judged:
        return
    signs = [Text(GLYPHS[verdict], VERDICT_STYLES[verdict]) for verdict in _SHOWN]
    table = _table("model", "px", *signs, *_COSTS, "MACs", "")
    for name, own in groupby(judged, key=lambda row: row.model):
        for number, row in enumerate(own):
            _add(table, "" if number else name, row.resolution, *_counts(row), *_costs(row))
    yield table
    legend = ", ".join(f"{GLYPHS[verdict]} {verdict}" for verdict in _SHOWN)
    yield Text(f"layers that are {legend}{_about(judged)}", "dim")
    yield from _stopped(judged)


def _ranked(rows: Sequence[Row]) -> Iterator[RenderableType]:
    judged = [row for row in rows if row.fit]
    if not judged:
        return
    table = _table("", "model", "", "unproductive", *_COSTS, "range, px", "parameters", "MACs")
    for place, row in enumerate(judged, 1):
        wasted, macs = _costs(row)[:2], thousands(row.macs or 0)
        size = thousands(row.parameters or 0)
        words = (str(place), row.model, row.fit or "", str(row.unproductive))
        _add(table, *words, *wasted, _range(row), size, macs)
    yield table
    present = {row.fit for row in judged}
    about = "whole object" if judged[0].object_size else "whole image"
    for fit, meaning in FITS.items():
        if fit in present:
            yield Text(f"{fit}: {meaning.replace('whole image', about)}", "dim")
    yield Text(f"judged at {judged[0].resolution} px{_about(judged)}", "dim")
    yield from _stopped(judged)


def _table(*headings: str | Text) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for heading in headings:
        is_text = heading in ("model", "")
        justify = "left" if is_text else "right"
        table.add_column(heading, justify=justify, overflow="fold", no_wrap=heading != "model")  # type: ignore[arg-type]
    return table


def _add(table: Table, *cells: str) -> None:
    table.add_row(*(Text(flat(cell)) for cell in cells))


def _counts(row: Row) -> list[str]:
    numbers = [row.values[VERDICT_COLUMNS[verdict]] for verdict in _SHOWN]
    return [str(number) if number else "-" for number in numbers]


def _costs(row: Row) -> list[str]:
    """Both wastes, the multiply-accumulates, and what is odd."""
    shares = [percent(share or 0.0) for share in (row.waste_parameters, row.waste_macs)]
    return [
        *shares,
        thousands(row.macs or 0),
        "" if row.fit in ("fits", "wasteful") else str(row.fit),
    ]


def _range(row: Row) -> str:
    if row.min_resolution is None:
        return "-"
    return f"{row.min_resolution} to {row.max_resolution or 'any'}"


def _about(rows: Sequence[Row]) -> str:
    size = rows[0].object_size
    return f", for objects of {size} px" if size else ""


def _stopped(rows: Sequence[Row]) -> Iterator[Text]:
    """Why models do not run at the resolution."""
    for row in rows:
        if not row.runs:
            yield Text(f"○ {flat(row.model)} {flat(row.error or '')}; read at {row.traced_at} px")


def _unjudged(rows: Sequence[Row]) -> Iterator[Text]:
    """The models without a verdict, each with its reason once."""
    failed: dict[tuple[str, str, str], list[str]] = {}
    for row in rows:
        if not row.fit:
            key = (row.model, row.status, row.error or "")
            failed.setdefault(key, []).append(row.resolution)
    total: dict[str, int] = {}
    for row in rows:
        total[row.model] = total.get(row.model, 0) + 1
    for (model, status, error), resolutions in failed.items():
        where = "" if len(resolutions) == total[model] else f" at {_some(resolutions)}"
        yield Text(f"○ {flat(model)}: {status}{where}: {flat(error)}")


def _some(resolutions: Sequence[str]) -> str:
    more = len(resolutions) - _MOST
    rest = f" and {count(more, 'other resolution')}" if more > 0 else ""
    return f"{', '.join(resolutions[:_MOST])} px{rest}"
