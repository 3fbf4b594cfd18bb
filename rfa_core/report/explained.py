"""``rfa show --layer``: where the footprint of one layer comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from rfa_core.drawing.explaining import (
    Stairs,
    adding,
    doing_of,
    sentences,
    stairs_of,
    verdict_words,
)
from rfa_core.findings import Explanation
from rfa_core.receptive.origin import Origin, Step
from rfa_core.report.console import VERDICT_STYLES, prose, to_text
from rfa_core.report.options import RenderOptions
from rfa_core.report.words import GLYPHS, flat, model_at
from rfa_core.rules.wording import count

BAR = 32
"""Columns of the longest bar."""
_SLIM = 90
"""Columns below which a row does not say what the step is."""


def render_explanation(found: Explanation, options: RenderOptions) -> str:
    """The verdict in words, and each path as a staircase: what was seen before a step (░) and
    what it added (█), with the size of the image (│) in it.

    Steps that add nothing and keep the effective stride are left out, unless ``options.verbose``.
    """
    return to_text(_parts(found, options), options)


def explanation_document(found: Explanation) -> str:
    """As JSON: ``{"version": 1, "model", "layer", ..., "axes": [...]}``; sizes in input pixels."""
    judged = found.judged
    document = {
        "version": 1,
        "model": found.model,
        "resolution": list(found.resolution),
        "traced_at": list(found.traced_at),
        "layer": judged.layer.name,
        "type": judged.layer.type,
        "call": found.origins[0].node.call,
        "calls": judged.layer.calls,
        "verdict": str(judged.verdict),
        "explanation": verdict_words(found),
        "file": judged.file,
        "line": judged.line,
        "axes": [_axis(one) for one in found.origins],
    }
    return json.dumps(document, indent=2)


def _axis(one: Origin) -> dict[str, object]:
    return {
        "shortest": [_step(step) for step in one.shortest] or None,
        "widest": [_step(step) for step in one.widest] or None,
        "sees_everything_through": [node.layer for node in one.seers],
        "inexact": list(one.inexact),
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "layer": step.node.layer,
        "type": step.node.type,
        "operation": step.node.kind,
        "call": step.node.call,
        "kernel": step.kernel,
        "dilation": step.dilation,
        "stride": step.stride,
        "reads_stride": None if step.jump is None else float(step.jump),
        "added": step.added,
        "total": step.total,
        "cause": str(step.cause),
    }


def _parts(found: Explanation, options: RenderOptions) -> Iterator[RenderableType]:
    judged = found.judged
    glyph = (GLYPHS[judged.verdict], VERDICT_STYLES[judged.verdict])
    yield Text.assemble(
        glyph, " ", (flat(judged.layer.name), "bold"), f" ({flat(judged.layer.type)})"
    )
    where = f", {flat(judged.file)}:{judged.line}" if judged.file else ""
    yield Text(f"{model_at(found.model, found.resolution)}{where}")
    yield ""
    for sentence in sentences(found):
        yield prose(sentence)
    for stairs in stairs_of(found):
        yield ""
        yield Text(stairs.title, "bold")
        shown = stairs.steps if options.verbose else stairs.shown
        yield _staircase(stairs, shown, slim=options.width < _SLIM)
        hidden = len(stairs.steps) - len(shown)
        if hidden:
            yield Text(
                f"{count(hidden, 'more step')} on the way without effect (-v for all)", "dim"
            )


def _staircase(stairs: Stairs, shown: tuple[Step, ...], *, slim: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("step", overflow="fold")
    if not slim:
        table.add_column("", overflow="fold")
    table.add_column("adds", overflow="fold")
    table.add_column("sees", justify="right", no_wrap=True)
    if not slim:
        table.add_column("", no_wrap=True)
    most = max(stairs.size, *(step.total for step in stairs.steps))
    for step in shown:
        words = [Text(flat(step.node.layer)), Text(doing_of(step))]
        numbers = [Text(adding(step)), Text(str(step.total))]
        bar = [] if slim else [_bar(step, stairs.size, most)]
        table.add_row(*words[: 1 if slim else 2], *numbers, *bar)
    return table


def _bar(step: Step, image: int, most: int) -> Text:
    """What was seen before, what is added, and where the image ends."""
    before = (step.total - max(step.added, 0)) * BAR // most
    total, edge = -(-step.total * BAR // most), -(-image * BAR // most)
    bar = ("░" * before).ljust(total, "█" if step.added > 0 else "░")
    return Text.assemble(bar[:edge].ljust(edge), ("│", "bold"), (bar[edge:], "red"))
