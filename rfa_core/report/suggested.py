"""``rfa suggest``: proposals, what they cost and what they bring."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from rfa_core.proposals import Figures, Proposal, Step, Suggestions
from rfa_core.receptive.layers import Sizes
from rfa_core.report.words import flat
from rfa_core.rules.wording import count, enumerate_words, named, pixels, thousands, window

VERSION = 1
_GOALS = {
    "efficiency": "efficiency: dead weight dropped",
    "performance": "performance: all layers kept and made productive",
    "both": "both: some dropped, the rest made productive",
}
_NAMED = 6
"""How many layers are named one by one."""
_GONE = {"pooling": "remove", "tail": "drop", "stage": "drop"}


def render_suggestions(found: Suggestions, output_format: str) -> str:
    """``found`` as ``text`` or ``json``."""
    return _as_json(found) if output_format == "json" else "\n".join(_lines(found))


def change_words(step: Step) -> str:
    """``stride=2 -> stride=1 of conv1``, ``drop layer4.1``."""
    layers = _layers(step.layers)
    if not step.after:
        return f"{_GONE.get(step.kind, 'remove')} {layers}"
    return f"{step.before} -> {step.after} of {layers}"


def _layers(names: Sequence[str]) -> str:
    if len(names) <= _NAMED:
        return enumerate_words(map(named, names))
    return f"{named(names[0])} to {named(names[-1])} ({len(names)} layers)"


def _lines(found: Suggestions) -> Iterator[str]:
    yield f"{flat(found.model)} at {pixels(found.resolution)} px: {_figures(found.before)}"
    for note in found.notes:
        yield f"note: {flat(note)}"
    number = 0
    for goal, words in _GOALS.items():
        own = [one for one in found.proposals if one.goal == goal]
        if own:
            yield f"\n{words}"
        for proposal in own:
            number += 1
            yield from _proposal(number, proposal, found.before)
    if found.why:
        yield f"\n{flat(found.why)}" if found.proposals else flat(found.why)
    elif found.proposals:
        yield f"\neach analysed anew; {count(found.tried, 'combination')} of edits looked at"


def _proposal(number: int, proposal: Proposal, before: Figures) -> Iterator[str]:
    after = proposal.after
    yield (
        f"{number:3}. {before.unproductive} -> {after.unproductive} unproductive, "
        f"MACs {_factor(after.macs, before.macs)}, "
        f"parameters {_factor(after.parameters, before.parameters)}"
    )
    for step in proposal.steps:
        place = f"  {flat(step.file)}:{step.line}" if step.file else ""
        yield f"       {flat(change_words(step))}{_maps(step)}{place}"
    yield (
        f"     MACs {thousands(before.macs)} -> {thousands(after.macs)}, parameters "
        f"{thousands(before.parameters)} -> {thousands(after.parameters)}, "
        f"last map {_map(before.feature_map)} -> {_map(after.feature_map)}, "
        f"critical {before.critical} -> {after.critical}, "
        f"fits from {_least(before)} -> {_least(after)}"
    )
    if proposal.dropped:
        use = f", {proposal.lost} of them productive" if proposal.lost else ""
        yield f"     {count(proposal.dropped, 'layer')} dropped{use}"
    if proposal.applied:
        yield f"     {flat(proposal.applied)}"


def _figures(figures: Figures) -> str:
    return (
        f"{figures.unproductive} of {count(figures.judged, 'layer')} unproductive, "
        f"{thousands(figures.macs)} MACs, {thousands(figures.parameters)} parameters, "
        f"fits from {_least(figures)}"
    )


def _factor(after: int, before: int) -> str:
    return f"x{after / before:.2f}" if before else "as before"


def _maps(step: Step) -> str:
    if step.maps is None or step.maps[0] == step.maps[1]:
        return ""
    return f" (map {_map(step.maps[0])} -> {_map(step.maps[1])})"


def _map(sizes: Sizes) -> str:
    return window(sizes)


def _least(figures: Figures) -> str:
    return f"{figures.min_resolution} px" if figures.min_resolution else "no size"


def _as_json(found: Suggestions) -> str:
    data = {"version": VERSION, **asdict(found)}
    return json.dumps(data, indent=2, ensure_ascii=False)
