"""``rfa diff``: what became of findings, and what models cost before and after."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from rfa_core.comparing import Change, Difference, State, Told
from rfa_core.findings import Concern, Severity
from rfa_core.receptive.verdict import Verdict
from rfa_core.report.markdown import escaped
from rfa_core.report.words import GLYPHS, flat, model_at, thousands
from rfa_core.rules.wording import percent, pixels

MOST_LAYERS = 5
"""Layers that are named of a finding or a model; JSON has them all."""
_KINDS = (("new", "+"), ("fixed", "-"), ("gone", "?"), ("moved", "~"))
_MEANINGS = {"gone": "not checked any more", "moved": "at another line"}


def render_difference(difference: Difference, output_format: str, verbose: bool = False) -> str:
    """As ``text``, ``json`` or ``markdown``; ``verbose`` lists what moved, too."""
    render: Callable[[Difference, bool], str] = _RENDERERS[output_format]
    return render(difference, verbose)


def _as_text(difference: Difference, verbose: bool) -> str:
    lines = [line for change in difference.changes for line in _change(change)]
    for kind, sign in _KINDS:
        if kind != "moved" or verbose:
            lines += [f"{sign} {line}" for line in _listed(getattr(difference, kind))]
    return "".join(f"{line}\n" for line in (*lines, _summary(difference)))


def _change(change: Change) -> Iterator[str]:
    name = model_at(change.model, change.resolution)
    if change.before is None or change.after is None:
        yield f"{name}: {'new' if change.before is None else 'not checked any more'}"
        return
    yield name
    for title, before, after in _rows(change.before, change.after):
        if before != after:
            yield f"  {title}: {before} -> {after}"
    grown = [
        f"{flat(name)} {_seen(change.before, name)} -> {_seen(change.after, name)}"
        for name in change.grown
    ]
    if grown:
        yield f"  sees, px: {', '.join(_most(grown))}"


def _rows(before: State, after: State) -> Iterator[tuple[str, str, str]]:
    for title, words in _FIGURES.items():
        yield title, words(before), words(after)


_FIGURES: dict[str, Callable[[State], str]] = {
    "unproductive layers": lambda state: str(state.unproductive),
    "wasted parameters": lambda state: percent(state.waste.parameters),
    "wasted MACs": lambda state: percent(state.waste.macs),
    "parameters": lambda state: f"{state.parameters:,}",
    "MACs": lambda state: thousands(state.macs),
}


def _seen(state: State, layer: str) -> str:
    sizes = state.fields[layer]
    return pixels(sizes, "no path") if sizes else "no path"


def _most(words: Sequence[str]) -> Iterator[str]:
    yield from words[:MOST_LAYERS]
    if words[MOST_LAYERS:]:
        yield f"{len(words) - MOST_LAYERS} more"


def _listed(told: Iterable[Told]) -> Iterator[str]:
    """``error RFA101 acme.models:net at 64 px: layer4.0.conv1 (src/models.py:12)``."""
    for (concern, severity), group in groupby(told, key=_without_layer):
        ones = list(group)
        layers = [flat(one.concern.layer) for one in ones if one.concern.layer]
        named = f": {', '.join(_most(layers))}" if layers else ""
        places = {f"{one.before} -> " * bool(one.before) + one.known.place for one in ones}
        said = f" ({flat(places.pop())})" if len(places) == 1 and any(places) else ""
        model = model_at(concern.model, concern.resolution)
        yield f"{severity} {concern.rule} {model}{named}{said}"


def _without_layer(told: Told) -> tuple[Concern, Severity]:
    return replace(told.concern, layer=None), told.known.severity


def _summary(difference: Difference) -> str:
    numbers = [
        f"{len(getattr(difference, kind))} {_MEANINGS.get(kind, kind)}" for kind, _ in _KINDS
    ]
    return f"Findings, layer by layer: {', '.join(numbers)}, {difference.unchanged} unchanged"


def _as_markdown(difference: Difference, verbose: bool) -> str:
    parts = [f"**{_summary(difference)}**", _table(difference.changes)]
    for kind, _ in _KINDS:
        lines = list(_listed(getattr(difference, kind)))
        if lines and (kind != "moved" or verbose):
            heading = f"**{_MEANINGS.get(kind, kind).capitalize()}**"
            parts.append("\n".join([heading, "", *(f"- {escaped(line)}" for line in lines)]))
    return "\n\n".join(filter(None, parts)) + "\n"


def _table(changes: Sequence[Change]) -> str:
    if not changes:
        return ""
    dead = GLYPHS[Verdict.UNPRODUCTIVE]
    heads = ["model", "px", dead, "wasted parameters", "wasted MACs", "parameters", "MACs"]
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    for change in changes:
        cells = [escaped(flat(change.model)), pixels(change.resolution)]
        cells += [_cell(words, change.before, change.after) for words in _FIGURES.values()]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(words: Callable[[State], str], before: State | None, after: State | None) -> str:
    first, last = ("–" if state is None else words(state) for state in (before, after))
    return first if first == last else f"{first} → **{last}**"


def _as_json(difference: Difference, _verbose: bool) -> str:
    document = {
        "version": 1,
        **{kind: [_told_object(told) for told in getattr(difference, kind)] for kind, _ in _KINDS},
        "unchanged": difference.unchanged,
        "models": [_change_object(change) for change in difference.changes],
    }
    return json.dumps(document, indent=2) + "\n"


def _told_object(told: Told) -> dict[str, object]:
    concern = told.concern
    return {
        "code": concern.rule,
        "severity": told.known.severity.value,
        "model": concern.model,
        "resolution": None if concern.resolution is None else list(concern.resolution),
        "layer": concern.layer,
        "place": told.known.place or None,
        **({"before": told.before} if told.before else {}),
    }


def _change_object(change: Change) -> dict[str, object]:
    return {
        "name": change.model,
        "resolution": list(change.resolution),
        "before": _state_object(change.before),
        "after": _state_object(change.after),
        "fields": {
            name: [list(state.fields[name]) or None for state in (change.before, change.after)]
            for name in change.grown
            if change.before is not None and change.after is not None
        },
    }


def _state_object(state: State | None) -> dict[str, object] | None:
    if state is None:
        return None
    return {
        "parameters": state.parameters,
        "macs": state.macs,
        "waste": {"parameters": state.waste.parameters, "macs": state.waste.macs},
        "unproductive": state.unproductive,
    }


_RENDERERS = {"text": _as_text, "json": _as_json, "markdown": _as_markdown}
