"""DOT, through the ``graphviz`` library: a ``graphviz.Digraph`` of a view."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count

import graphviz

from rfa_core.drawing.opening import drawn, drawn_edges, key_of
from rfa_core.drawing.palette import GREY, LOOKS, REFERENCE_LOOKS, Look
from rfa_core.drawing.values import (
    Box,
    Group,
    Item,
    Stack,
    View,
    boxes_in,
    verdicts_in,
    worst,
)
from rfa_core.drawing.wording import (
    LEGEND,
    counted,
    details,
    details_of,
    doing,
    outputs,
    place,
    remarks,
    shortened,
    sight,
    title,
)
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import GLYPHS, flat

STRIP = 24
"""Cells of a strip before it goes on in the next row."""
_NODE = {"shape": "box", "fontname": "Helvetica", "fontsize": "10", "margin": "0.08,0.04"}
_CLUSTER = {"style": "rounded", "fontname": "Helvetica", "fontsize": "10", "labeljust": "l"}
_MODULE = {**_CLUSTER, "color": "#BBBBBB", "penwidth": "1"}
_STACK = {**_CLUSTER, "color": GREY, "penwidth": "2"}


@dataclass(frozen=True, slots=True)
class DotStyle:
    """What a picture shows; ``unmarked`` verdicts are drawn like productive layers.

    ``reference_colours``: those of ``rfa_toolbox`` (red, orange, yellow).
    """

    reference_colours: bool = False
    footprints: bool = True
    maps: bool = True
    unmarked: frozenset[Verdict] = frozenset()

    def look(self, verdict: Verdict) -> Look:
        looks = REFERENCE_LOOKS if self.reference_colours else LOOKS
        return looks[self.seen(verdict)]

    @property
    def faint(self) -> str:
        """The colour of small print: grey, but black where it stands on red."""
        return "black" if self.reference_colours else "#555555"

    def seen(self, verdict: Verdict) -> Verdict:
        """The verdict that is shown."""
        return Verdict.PRODUCTIVE if verdict in self.unmarked else verdict


def digraph(view: View, style: DotStyle | None = None) -> graphviz.Digraph:
    """The picture of ``view``: clusters for open modules and stacks, boxes for all else.

    Names are the user's data: they stand in labels and tooltips only, escaped; nodes and
    clusters are numbered.
    """
    return _Picture(view, style or DotStyle()).digraph()


class _Picture:
    def __init__(self, view: View, style: DotStyle) -> None:
        self._view = view
        self._style = style
        self._ids = {key_of(one): f"n{number}" for number, one in enumerate(drawn(view.root))}
        self._clusters = count()

    def digraph(self) -> graphviz.Digraph:
        name = flat(self._view.name) or "network"
        graph = graphviz.Digraph(graphviz.escape(name), filename=_file(name))
        graph.attr(rankdir="TB", nodesep="0.2", ranksep="0.3", labelloc="t", fontname="Helvetica")
        graph.attr(label=_html(_caption(self._view, self._style)), bgcolor="white", tooltip=" ")
        graph.attr("node", **_NODE)
        graph.attr("edge", color=GREY, arrowsize="0.6")
        for item in self._view.root.items if self._view.root.open else (self._view.root,):
            self._add(graph, item, item)
        for source, reader in drawn_edges(self._view):
            graph.edge(self._ids[source], self._ids[reader])
        return graph

    def _add(self, graph: graphviz.Digraph, item: Item, last: Item) -> None:
        """Draw ``item``; ``last`` is its like in the last block of the stack around it."""
        if isinstance(item, Box):
            assert isinstance(last, Box)
            self._add_box(graph, item, last)
        elif isinstance(item, Stack):
            assert isinstance(last, Stack)
            self._add_stack(graph, item, last.blocks[-1])
        elif not item.open:
            assert isinstance(last, Group)
            self._add_closed(graph, item, last)
        else:
            assert isinstance(last, Group)
            with graph.subgraph(name=f"cluster_{next(self._clusters)}") as inside:
                inside.attr(label=_html(_text(shortened(item.name))), **_MODULE)
                inside.attr(tooltip=_tip(flat(item.path)))
                for one, other in zip(item.items, last.items, strict=True):
                    self._add(inside, one, other)

    def _add_stack(self, graph: graphviz.Digraph, stack: Stack, last: Item) -> None:
        first, number = stack.blocks[0], len(stack.blocks)
        cells = [worst(verdicts_in(block)) for block in stack.blocks]
        heading = f"<B>{_text(shortened(stack.name))}</B>  x{number}"
        label = _table(_row(heading), _row(_strip(cells, self._style)))
        with graph.subgraph(name=f"cluster_{next(self._clusters)}") as inside:
            inside.attr(label=_html(label), **_STACK)
            inside.attr(tooltip=_tip(f"{flat(stack.name)}, {number} alike"))
            pairs = [(first, last)]
            if isinstance(first, Group) and isinstance(last, Group) and first.open:
                pairs = list(zip(first.items, last.items, strict=True))
            for one, other in pairs:
                self._add(inside, one, other)

    def _add_box(self, graph: graphviz.Digraph, box: Box, last: Box) -> None:
        label = _table(*_box_rows(box, last, self._style))
        self._node(graph, box, box.verdict, label, details(box))

    def _add_closed(self, graph: graphviz.Digraph, group: Group, last: Group) -> None:
        cells = verdicts_in(group)
        *_, end = boxes_in(group)
        *_, final = boxes_in(last)
        texts = [f"<B>{_text(shortened(group.name))}</B>", _strip(cells, self._style)]
        rows = _beside([text for text in texts if text], _numbers(end, final, self._style))
        label, more = _table(*rows), {"peripheries": "2"}
        self._node(graph, group, Verdict.NOT_JUDGED, label, details_of(group), **more)

    def _node(
        self,
        graph: graphviz.Digraph,
        item: Item,
        verdict: Verdict,
        label: str,
        tooltip: str,
        **more: str,
    ) -> None:
        look = self._style.look(verdict)
        graph.node(
            self._ids[key_of(item)],
            label=_html(label),
            style=f"filled,rounded,{look.stroke}",
            color=look.ink,
            fillcolor=look.fill,
            penwidth=str(look.width),
            tooltip=_tip(tooltip),
            **more,
        )


def _box_rows(box: Box, last: Box, style: DotStyle) -> Iterator[str]:
    """Words on the left, numbers on the right."""
    verdict = style.seen(box.verdict)
    glyph = _ink(GLYPHS[verdict], style.look(box.verdict).ink)
    call = f" (call {box.call + 1})" if box.calls > 1 else ""
    left = [f"{glyph} <B>{_text(shortened(box.name))}</B>{call}"]
    left += [_text(words) for words in (doing(box),) if words]
    if box.beside:
        left.append(_small(shortened("+ " + ", ".join(map(flat, box.beside)), 36), style.faint))
    right = _numbers(box, last, style)
    right += [outputs(box)] if outputs(box) else []
    return _beside(left, right)


def _numbers(box: Box, last: Box, style: DotStyle) -> list[str]:
    texts = [sight(box, last)] if style.footprints else []
    texts += [place(box)] if style.maps else []
    return [_text(text) for text in texts if text]


def _beside(left: Sequence[str], right: Sequence[str]) -> Iterator[str]:
    for number in range(max(len(left), len(right))):
        words = left[number] if number < len(left) else ""
        figures = right[number] if number < len(right) else ""
        yield _row(words, figures) if right else _row(words)


def _caption(view: View, style: DotStyle) -> str:
    counts = [
        f"{_ink(GLYPHS[style.seen(verdict)], style.look(verdict).ink)} {_text(words)}"
        for verdict, words in counted(view)
    ]
    rows = [f'<FONT POINT-SIZE="16"><B>{_text(title(view))}</B></FONT>']
    rows += ["   ".join(counts)] if counts else []
    rows += [f"<I>{_text(words)}</I>" for words in remarks(view)]
    rows += [_small(LEGEND, style.faint)] if style.footprints else []
    return _table(*(f"<TR><TD>{row}</TD></TR>" for row in rows))


def _strip(verdicts: Sequence[Verdict], style: DotStyle) -> str:
    """A glyph per verdict, in its colour."""
    cells = [_ink(GLYPHS[style.seen(one)], style.look(one).ink) for one in verdicts]
    rows = ["".join(cells[start : start + STRIP]) for start in range(0, len(cells), STRIP)]
    return "<BR/>".join(rows)


def _table(*rows: str) -> str:
    attributes = 'BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1"'
    return f"<TABLE {attributes}>{''.join(rows)}</TABLE>"


def _row(words: str, figures: str = "") -> str:
    cell = f'<TD ALIGN="LEFT">{words or " "}</TD>'
    if not figures:
        return f"<TR>{cell}</TR>"
    return f'<TR>{cell}<TD WIDTH="8"></TD><TD ALIGN="RIGHT">{figures}</TD></TR>'


def _ink(glyph: str, colour: str) -> str:
    return f'<FONT COLOR="{colour}">{glyph}</FONT>'


def _small(text: str, colour: str) -> str:
    return f'<FONT POINT-SIZE="8" COLOR="{colour}">{_text(text)}</FONT>'


def _text(text: str) -> str:
    """Text of a label: markup, and the backslashes of Graphviz's own escapes, mean nothing."""
    return escape(text).replace("\\", r"\\") or " "


def _tip(text: str) -> str:
    """Text of a tooltip; its escapes are read twice by some versions of Graphviz."""
    return escape(text).replace("\\", r"\\\\")


def _html(markup: str) -> str:
    return f"<{markup}>"


def _file(name: str) -> str:
    """A file name that stays in its folder, whatever the model is called."""
    return f"{re.sub(r'[^A-Za-z0-9_.-]+', '_', name).lstrip('._-') or 'network'}.gv"
