"""Findings as blocks of text: header, source frame, sentence, layers, help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from rfa_core.findings import Finding, JudgedLayer, Report
from rfa_core.report.console import (
    NARROWEST,
    SEVERITY_STYLES,
    VERDICT_STYLES,
    aligned,
    prose,
    to_text,
)
from rfa_core.report.frames import source_frame
from rfa_core.report.lookup import Lookup
from rfa_core.report.options import RenderOptions
from rfa_core.report.sources import Sources
from rfa_core.report.words import GLYPHS, clean, flat, footprint, model_at, place
from rfa_core.rules.wording import pixels, window

MOST_LAYERS = 8
_INDENT = 2


class Blocks:
    """Makes the blocks of one report."""

    def __init__(self, report: Report, options: RenderOptions) -> None:
        self._lookup = Lookup(report)
        self._sources = Sources(report.root)
        self._options = options

    def text(self, findings: Iterable[Finding]) -> str:
        """The whole blocks of ``findings`` as text."""
        return to_text(self.blocks(findings), self._options)

    def blocks(self, findings: Iterable[Finding]) -> Iterator[RenderableType]:
        """The whole blocks of ``findings``, with an empty line after each."""
        for finding in findings:
            yield from self._block(finding)
            yield ""

    def brief(self, finding: Finding) -> Iterator[RenderableType]:
        """A finding in two (wrapped) lines."""
        yield _header(finding)
        model = "" if finding.file is None else f"{model_at(finding.model, finding.resolution)}: "
        yield _indented(f"{model}{flat(finding.message)}")

    def _block(self, finding: Finding) -> Iterator[RenderableType]:
        yield _header(finding)
        lines = self._sources.frame(finding.file, finding.line, finding.column)
        for row in source_frame(lines, SEVERITY_STYLES[finding.severity]):
            yield Padding(row, (0, 0, 0, _INDENT))
        yield _indented(model_at(finding.model, finding.resolution))
        yield _indented(clean(finding.message))
        layers = self._lookup.layers(finding)
        if layers:
            width = max(self._options.width, NARROWEST) - _INDENT
            yield Padding(layer_table(layers[:MOST_LAYERS], width), (0, 0, 0, _INDENT))
        if len(finding.layers) > MOST_LAYERS and layers:
            yield _indented(f"and {len(finding.layers) - MOST_LAYERS} more")
        if finding.help:
            yield _indented(f"= help: {clean(finding.help)}")
        if finding.url:
            yield _indented(_rule(finding, self._options.width))


def layer_table(layers: list[JudgedLayer], width: int) -> RenderableType:
    """What decided about ``layers``; where ``width`` is too little for it, one line each."""
    header = [Text(heading, "dim") for heading in _HEADINGS]
    rows = aligned([header, *map(_cells, layers)], from_right=_NUMBERS)
    if max(row.cell_len for row in rows) > width:
        rows = [layer_line(judged) for judged in layers]
    return Text("\n").join(rows)


_HEADINGS = ("", "layer", "type", "kernel", "receives", "sees", "map", "parameters")
_NUMBERS = range(3, len(_HEADINGS))


def _cells(judged: JudgedLayer) -> list[Text]:
    layer = judged.layer
    words = (
        flat(layer.name),
        flat(layer.type),
        window(layer.kernel),
        footprint(layer.input),
        footprint(layer.output),
        window(layer.input_feature_map),
        f"{layer.parameters:,}",
    )
    return [Text(GLYPHS[judged.verdict], VERDICT_STYLES[judged.verdict]), *map(Text, words)]


def layer_line(judged: JudgedLayer) -> Text:
    """``✖ layer4.1.conv2 (Conv2d, unproductive): receives 75 px, sees 139 px``."""
    layer = judged.layer
    name = f"{flat(layer.name)} ({flat(layer.type)}, {judged.verdict})"
    seen = f"receives {pixels(layer.input.min)} px, sees {pixels(layer.output.min)} px"
    glyph = (GLYPHS[judged.verdict], VERDICT_STYLES[judged.verdict])
    return Text.assemble(glyph, f" {name}: {seen}")


def _header(finding: Finding) -> Text:
    text = Text()
    text.append(f"{finding.severity} {finding.code}", SEVERITY_STYLES[finding.severity])
    return text.append(f" {finding.name}  ").append(place(finding), "bold")


def _rule(finding: Finding, width: int) -> str:
    line = f"= rule: {finding.url}"
    fits = len(line) + _INDENT <= max(width, NARROWEST)
    return line if fits else f"= rule: rfa rule {finding.code}"


def _indented(text: str) -> Padding:
    return Padding(prose(text), (0, 0, 0, _INDENT))
