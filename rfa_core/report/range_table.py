"""``rfa range``: the feasible resolutions of models, and the layers that set them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rfa_core.findings import ModelReport, Range, Report, Trial
from rfa_core.receptive.feasible import End
from rfa_core.receptive.layers import Layer
from rfa_core.report.console import to_text
from rfa_core.report.options import RenderOptions
from rfa_core.report.words import clean, flat, range_words
from rfa_core.rules.blame import own_line
from rfa_core.rules.wording import axis_name, count, enumerate_words, pixels

NARROW = 100
_LEGEND = {
    "smallest": "from this square on no layer is unproductive",
    "alone": "enough on this axis, however small the others are",
    "largest": "above it no layer sees the whole image locally",
}
_MISSING = {"smallest": "none found", "alone": "none is", "largest": "no limit"}


@dataclass(frozen=True, slots=True)
class _Row:
    """One end of a range, on the axes that share it."""

    model: str
    end: str
    axes: str
    size: str
    layers: tuple[Layer, ...]
    runs: str = ""


def render_ranges(report: Report, options: RenderOptions) -> str:
    """Every model of ``report`` with both ends of its range and the layers that set them.

    ``options.verbose`` names all of these layers, the notes of each model and the tracebacks.
    """
    return to_text(_parts(report, options), options)


def _parts(report: Report, options: RenderOptions) -> Iterator[RenderableType]:
    rows = [row for model in report.models for row in _rows(model)]
    if rows and options.width >= NARROW:
        yield _table(rows, report.root, options)
    else:
        yield from (_line(row, report.root, options) for row in rows)
    kinds = {row.end for row in rows}
    for end, meaning in _LEGEND.items():
        if end in kinds:
            yield Text(f"{end}: {meaning}", "dim")
    for model in report.models:
        yield from _remarks(model, options)


def _rows(model: ModelReport) -> Iterator[_Row]:
    if model.range is None or not _is_known(model.range):
        return
    feasible = model.range
    least = End(feasible.min_resolution[0], feasible.min_layers)
    square = (least,) * len(feasible.min_resolution)
    setting = feasible.max_layers or ((),) * len(square)
    largest = tuple(map(End, feasible.max_resolution, setting))
    yield from _grouped(flat(model.name), "smallest", square, _runs(feasible.min_trial))
    if any(end.size != least.size for end in feasible.alone):
        yield from _grouped("", "alone", feasible.alone, "")
    yield from _grouped("", "largest", largest, _runs(feasible.max_trial))


def _is_known(feasible: Range) -> bool:
    """Whether there is a range, or layers because of which there is none."""
    return bool(feasible.min_layers) or any(feasible.min_resolution)


def _grouped(name: str, kind: str, ends: tuple[End, ...], runs: str) -> Iterator[_Row]:
    """One row for all axes that agree."""
    groups: dict[tuple[int | None, tuple[str, ...]], list[int]] = {}
    for axis, end in enumerate(ends):
        names = tuple(layer.name for layer in end.layers)
        groups.setdefault((end.size, names), []).append(axis)
    for place, ((size, _), axes) in enumerate(groups.items()):
        words = enumerate_words(axis_name(axis, len(ends)) for axis in axes)
        yield _Row(
            "" if place else name,
            "" if place else kind,
            "" if len(axes) == len(ends) else words,
            _MISSING[kind] if size is None else f"{size} px",
            ends[axes[0]].layers,
            "" if place else runs,
        )


def _runs(trial: Trial | None) -> str:
    """Whether the model runs at this end; nothing if nobody looked."""
    if trial is None:
        return ""
    if trial.unsupported is None:
        return "yes"
    where = "only at" if trial.unsupported.fixed else "nearest is"
    return f"no, {where} {pixels(trial.traced_at)} px"


def _table(rows: list[_Row], root: str, options: RenderOptions) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("model", overflow="fold")
    table.add_column("end", no_wrap=True)
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("axis", no_wrap=True)
    for heading in ("set by", "line", "runs there"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        first, *others = _setting(row.layers, root, options) or [("", "")]
        cells = (row.model, row.end, row.size, row.axes, *first, row.runs)
        table.add_row(*(Text(cell) for cell in cells))
        for name, line in others:
            table.add_row("", "", "", "", Text(name), Text(line))
    return table


def _line(row: _Row, root: str, options: RenderOptions) -> Text:
    """A row where there is little room."""
    axes = f" ({row.axes})" if row.axes else ""
    setting = [f"{name} {line}".strip() for name, line in _setting(row.layers, root, options)]
    by = f", set by {'; '.join(setting)}" if setting else ""
    runs = f"; runs there: {row.runs}" if row.runs else ""
    head = f"{row.model}\n" if row.model else ""
    return Text(f"{head}  {row.end or 'and'} {row.size}{axes}{by}{runs}")


def _setting(layers: tuple[Layer, ...], root: str, options: RenderOptions) -> list[tuple[str, str]]:
    """The layers and their lines: all if asked for, else the first and how many more."""
    shown = layers if options.verbose else layers[:1]
    named = [(_name(layer), _place(layer, root)) for layer in shown]
    if len(layers) > len(shown):
        name, line = named[0]
        named[0] = f"{name} and {count(len(layers) - 1, 'more layer')}", line
    return named


def _name(layer: Layer) -> str:
    return flat(layer.name) + ("" if layer.exact else " (a bound)")


def _place(layer: Layer, root: str) -> str:
    line = own_line(layer, root)
    return flat(f"{line.file}:{line.line}") if line else ""


def _remarks(model: ModelReport, options: RenderOptions) -> Iterator[Text]:
    if model.status != "analysed":
        yield Text(f"○ {flat(model.name)}: {model.status}: {clean(model.error or '')}")
        if model.hint:
            yield Text(f"  {clean(model.hint)}")
    elif model.range is None or not _is_known(model.range):
        yield Text(f"○ {flat(model.name)}: {range_words(model.range)}")
    if options.verbose:
        for note in model.notes:
            yield Text(f"note: {flat(model.name)}: {flat(note)}")
        if model.details:
            yield Text(clean(model.details))
