"""What boxes say, in words; shared by the formats, escaped by none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from rfa_core.drawing.values import Box, Group, View, boxes_in
from rfa_core.graph.operations import Window
from rfa_core.receptive.layers import Extent
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules.wording import (
    count,
    flat,
    footprint,
    named,
    pixels,
    thousands,
    window,
)

LONGEST = 24
"""Characters of a label; tooltips have the full text."""
LEGEND = "r: input pixels seen, along the shortest path – along all local paths; ∞: everything"


def shortened(text: str, longest: int = LONGEST) -> str:
    """``text`` on one line, the middle left out where it is too long."""
    text = flat(text)
    if len(text) <= longest:
        return text
    end = longest // 2
    return f"{text[: longest - end - 1]}…{text[-end:]}"


def doing(box: Box) -> str:
    """``Conv2d 3x3 / 2``; what is folded in is not said."""
    if box.window is None:
        words = flat(box.type)
        return "" if words in (flat(box.name), "input") else shortened(words)
    return moving(box.type, box.window)


def moving(kind: str, taps: Window) -> str:
    """``Conv2d 3x3 / 2``: a window of the type ``kind``."""
    kernel, step, gap = taps.kernel, taps.stride, taps.dilation
    words = f"{shortened(kind)} {'kernel ' if len(kernel) == 1 else ''}{window(kernel)}"
    if any(size > 1 for size in step):
        words += f" {'up' if taps.transposed else '/'} {pixels(step)}"
    return words + (f", dilation {pixels(gap)}" if _dilated(kernel, gap) else "")


def outputs(box: Box) -> str:
    """``64 filters``, ``1000 units``, or nothing."""
    if box.filters:
        return count(box.filters, "filter")
    return count(box.units, "unit") if box.units else ""


def sight(box: Box, last: Box | None = None) -> str:
    """``r 35–67``: what it sees; up to that of ``last``, the same box at the end of a stack."""
    first = footprint(box.footprint)
    final = first if last is None else footprint(last.footprint)
    bound = "≤ " if box.reasons and first != "∞" else ""
    return f"r {bound}{first}" + (f" … {final}" if final != first else "")


def place(box: Box) -> str:
    """``56x56, stride 4``: the map and the effective stride; empty where there is no map."""
    if all(size is None for size in box.map):
        return ""
    return f"{window(box.map)}, stride {_stride([axis.stride for axis in box.measures])}"


def title(view: View) -> str:
    """``resnet18 at 32 px``."""
    return f"{flat(view.name)} at {pixels(view.resolution)} px".strip()


def remarks(view: View) -> Iterator[str]:
    """What must be known to read the picture rightly."""
    if view.unsupported is not None:
        why = view.unsupported
        where = f", it stops at {flat(named(why.layer))}" if why.layer else ""
        drawn = f"maps are those at {pixels(view.drawn_at)} px"
        yield f"cannot run at {pixels(view.resolution)} px{where}; {drawn}"
    if view.stopped:
        yield f"recording stopped before the end in {flat(view.stopped)}"


def counted(view: View) -> Iterator[tuple[Verdict, str]]:
    """Each verdict that occurs, with how often: ``8 unproductive``."""
    for verdict, number in view.counts:
        if verdict is not Verdict.NOT_JUDGED:
            yield verdict, f"{number} {verdict}"


def details(box: Box) -> str:
    """Everything that is known of a box, line by line."""
    return "\n".join(_details(box))


def details_of(group: Group) -> str:
    """What a closed module holds."""
    return f"{flat(group.path)}\n{count(sum(1 for _ in boxes_in(group)), 'operation')}"


def _details(box: Box) -> Iterator[str]:
    yield f"{flat(box.path)} · {flat(box.type)}"
    if box.window is not None:
        yield _taps(box.window)
    if outputs(box):
        yield outputs(box)
    if box.seen.min:
        yield f"reads what sees {_sees(box.seen)}"
    seen = _sees(box.footprint)
    yield f"sees {'at most ' if box.reasons and seen != 'everything' else ''}{seen}"
    if place(box):
        yield f"map {place(box)}"
    if box.parameters or box.macs:
        yield f"{box.parameters:,} parameters, {thousands(box.macs)} multiply-accumulates"
    yield f"verdict: {box.verdict}" + (" (a tie decides)" if box.tie else "")
    if box.calls > 1:
        yield f"call {box.call + 1} of {box.calls}; the verdict is that of the best"
    for reason in box.reasons:
        yield flat(reason)
    if box.folded:
        yield f"with {', '.join(map(flat, box.folded))}"
    if box.source:
        yield flat(box.source)


def _taps(taps: Window) -> str:
    words = f"kernel {window(taps.kernel)}, stride {pixels(taps.stride)}"
    words += f", dilation {pixels(taps.dilation)}" if _dilated(taps.kernel, taps.dilation) else ""
    words += f", {taps.groups} groups" if taps.groups > 1 else ""
    return f"{words}, transposed" if taps.transposed else words


def _dilated(kernel: Sequence[int], gaps: Sequence[int]) -> bool:
    return any(size > 1 and gap > 1 for size, gap in zip(kernel, gaps, strict=True))


def _sees(extent: Extent) -> str:
    text = footprint(extent)
    return "everything" if text == "∞" else f"{text} px"


def _stride(steps: Sequence[Fraction | None]) -> str:
    words = ["-" if step is None else str(step) for step in steps]
    return words[0] if len(set(words)) == 1 else "x".join(words)
