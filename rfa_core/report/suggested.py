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
EVIDENCE = "https://pytest-rfa.github.io/pytest-rfa/evidence.html"
_GOALS = {
    "both": "both: some layers dropped, the rest made productive",
    "performance": "performance: all layers kept and made productive, mostly for more MACs",
    "efficiency": "efficiency: layers dropped and nothing in their place, for fewer MACs",
}
_TRADES = f"""\
What they trade: in the trainings at {EVIDENCE}
(one small network) `both` and `performance` gained accuracy, `efficiency` lost it."""
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
        why = next((one.why for one in found.goals if one.goal == goal), "")
        if why:
            yield f"     {flat(why)}" if own else f"\n{goal}: none: {flat(why)}"
    if found.proposals:
        yield f"\neach analysed anew; {count(found.tried, 'combination')} of edits looked at"
        yield _TRADES
    elif not found.goals:
        yield flat(found.why)


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
        yield f"     {_dropped(proposal)}"
    if proposal.applied:
        yield f"     {flat(proposal.applied)}"


def _dropped(proposal: Proposal) -> str:
    words = f"{count(proposal.dropped, 'layer')} dropped"
    if proposal.lost:
        words += f", {proposal.lost} of them productive"
    if proposal.border:
        words += f", the border layer {flat(named(proposal.border))} among them"
    if proposal.unjudged:
        words += f"; without a verdict: {flat(_layers(proposal.unjudged))}"
    return words


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
