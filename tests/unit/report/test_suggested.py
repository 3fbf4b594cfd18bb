"""Proposals as text, in every form that they can have."""

from __future__ import annotations

import pytest

from rfa_core.proposals import Figures, Proposal, Step, Suggestions
from rfa_core.report.suggested import change_words, render_suggestions

BEFORE = Figures(20, 8, 3, 2_000_000, 4_000_000, (2, 2), 76)
AFTER = Figures(18, 0, 0, 1_000_000, 1_000_000, (4, 4), None)
STEPS = {
    "an argument": (
        Step("stride", ("conv1", "short"), "stride=2", "stride=1"),
        "stride=2 -> stride=1 of conv1 and short",
    ),
    "a pooling": (Step("pooling", ("pool",)), "remove pool"),
    "a bare number": (Step("tail", ("7",)), "drop layer 7"),
    "many layers": (
        Step("stage", tuple(f"block.{number}" for number in range(9))),
        "drop block.0 to block.8 (9 layers)",
    ),
}


@pytest.mark.parametrize(("step", "words"), STEPS.values(), ids=STEPS)
def test_a_step_says_what_to_change(step: Step, words: str):
    assert change_words(step) == words


def test_a_proposal_shows_its_lines_its_maps_and_how_the_model_fared():
    step = Step("stride", ("conv1",), "stride=2", "stride=1", "m.py", 5, ((2, 2), (4, 4)))
    proposal = Proposal("both", (step,), AFTER, 2, 1, "applied to the module and run: same layers")

    text = render_suggestions(
        Suggestions("m:net", (16, 32), BEFORE, (proposal,), 7, "", ("a note",)), "text"
    )

    assert text.splitlines() == [
        "m:net at 16x32 px: 8 of 20 layers unproductive, 4 M MACs, 2 M parameters, fits from 76 px",
        "note: a note",
        "",
        "both: some dropped, the rest made productive",
        "  1. 8 -> 0 unproductive, MACs x0.25, parameters x0.50",
        "       stride=2 -> stride=1 of conv1 (map 2x2 -> 4x4)  m.py:5",
        "     MACs 4 M -> 1 M, parameters 2 M -> 1 M, last map 2x2 -> 4x4, critical 3 -> 0, "
        "fits from 76 px -> no size",
        "     2 layers dropped, 1 of them productive",
        "     applied to the module and run: same layers",
        "",
        "each analysed anew; 7 combinations of edits looked at",
    ]


def test_control_characters_in_names_do_not_reach_the_terminal():
    found = Suggestions("m:\x1b[31mnet", (16,), BEFORE, why="no \x1b[0mhelp")

    text = render_suggestions(found, "text")

    assert "\x1b" not in text
