"""What became of each model at each resolution: a table where there is room, else lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from rfa_core.findings import ModelReport, Report, ResolutionReport
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.console import VERDICT_STYLES, fits, prose
from rfa_core.report.options import RenderOptions
from rfa_core.report.words import GLYPHS, flat, model_at, range_words, verdict_counts, worst
from rfa_core.rules.wording import percent, pixels, shares

Row = tuple[ModelReport, ResolutionReport]


def tally(report: Report, options: RenderOptions) -> Iterator[RenderableType]:
    """One row for each model and resolution, then the models without a verdict."""
    rows = [(model, at) for model in report.models for at in model.resolutions]
    if rows:
        yield from _rows(rows, options)
    for model in report.models:
        if model.status != "analysed":
            yield Text(f"{GLYPHS[Verdict.NOT_JUDGED]} {flat(model.name)}: {model.status}")
        elif not model.resolutions:
            words = range_words(model.range)
            yield prose(f"{GLYPHS[Verdict.NOT_JUDGED]} {flat(model.name)}: {words}")


def _rows(rows: Sequence[Row], options: RenderOptions) -> Iterator[RenderableType]:
    found = {judged.verdict for _, at in rows for judged in at.layers}
    verdicts = [one for one in Verdict if one in found and one is not Verdict.NOT_JUDGED]
    table = _table(rows, verdicts)
    if not fits(table, options):
        yield from (_line(model, at) for model, at in rows)
        return
    yield table
    if not verdicts:
        return
    legend = ["layers:", *(f"{GLYPHS[verdict]} {verdict}" for verdict in verdicts)]
    if _wasteful(rows):
        legend.append(" wasted: of parameters, of MACs")
    yield Padding(prose("  ".join(legend), "dim"), (0, 0, 0, 2))


def _wasteful(rows: Sequence[Row]) -> bool:
    return any(at.waste.parameters or at.waste.macs for _, at in rows)


def _table(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    table.add_column("model")
    table.add_column("px", justify="right")
    for verdict in verdicts:
        table.add_column(Text(GLYPHS[verdict], VERDICT_STYLES[verdict]), justify="right")
    for heading in ("wasted", "MACs") if _wasteful(rows) else ():
        table.add_column(heading, justify="right")
    table.add_column("feasible")
    previous = None
    for model, at in rows:
        table.add_row(*_cells(model, at, verdicts, _wasteful(rows), model is not previous))
        previous = model
    return table


def _cells(
    model: ModelReport,
    at: ResolutionReport,
    verdicts: Sequence[Verdict],
    wasteful: bool,
    named: bool,
) -> Iterator[RenderableType]:
    verdict, counts = worst(at), at.counts()
    yield Text(GLYPHS[verdict], VERDICT_STYLES[verdict])
    yield Text(flat(model.name) if named else "")
    yield pixels(at.resolution)
    for one in verdicts:
        yield Text(str(counts[one] or ""), VERDICT_STYLES[one])
    for share in (at.waste.parameters, at.waste.macs) if wasteful else ():
        yield percent(share) if share else ""
    yield range_words(model.range) if named and model.range is not None else ""


def _line(model: ModelReport, at: ResolutionReport) -> Text:
    verdict = worst(at)
    line = f"{model_at(model.name, at.resolution)}: {verdict_counts(at)}"
    if at.waste.parameters or at.waste.macs:
        line += f"; {shares(at.waste)} wasted"
    if model.range is not None:
        line += f"; feasible: {range_words(model.range)}"
    glyph = (GLYPHS[verdict], VERDICT_STYLES[verdict])
    return Text.assemble(glyph, prose(f" {line}"))
