"""Proposals as text, in every form that they can have."""

from __future__ import annotations

import pytest

from rfa_core.proposals import Figures, Proposal, Sought, Step, Suggestions
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
    run = "applied to the module and run: same layers"
    proposal = Proposal("both", (step,), AFTER, 3, 1, ("rnn",), "conv2", run)

    text = render_suggestions(
        Suggestions("m:net", (16, 32), BEFORE, (proposal,), 7, "", ("a note",)), "text"
    )

    assert text.splitlines() == [
        "m:net at 16x32 px: 8 of 20 layers unproductive, 4 M MACs, 2 M parameters, fits from 76 px",
        "note: a note",
        "",
        "both: some layers dropped, the rest made productive",
        "  1. 8 -> 0 unproductive, MACs x0.25, parameters x0.50",
        "       stride=2 -> stride=1 of conv1 (map 2x2 -> 4x4)  m.py:5",
        "     MACs 4 M -> 1 M, parameters 2 M -> 1 M, last map 2x2 -> 4x4, critical 3 -> 0, "
        "fits from 76 px -> no size",
        "     3 layers dropped, 1 of them productive, the border layer conv2 among them; without a "
        "verdict: rnn",
        "     applied to the module and run: same layers",
        "",
        "each analysed anew; 7 combinations of edits looked at",
        "What they trade: in the trainings at "
        "https://pytest-rfa.github.io/pytest-rfa/evidence.html",
        "(one small network) `both` and `performance` gained accuracy, `efficiency` lost it.",
    ]


def test_what_moves_strides_comes_before_what_only_drops_and_every_goal_has_its_reason():
    proposals = tuple(
        Proposal(goal, STEPS["a pooling"][:1], AFTER) for goal in ("efficiency", "both")
    )
    goals = (Sought("efficiency", 3, "2 stay"), Sought("performance", 4, "no stride"))

    text = render_suggestions(
        Suggestions("m:net", (16,), BEFORE, proposals, 7, goals=(*goals, Sought("both", 1))), "text"
    )

    words = [line for line in text.splitlines() if line[:1].isalpha() or "2 stay" in line]
    assert words[1:5] == [
        "both: some layers dropped, the rest made productive",
        "performance: none: no stride",
        "efficiency: layers dropped and nothing in their place, for fewer MACs",
        "     2 stay",
    ]


def test_control_characters_in_names_do_not_reach_the_terminal():
    found = Suggestions("m:\x1b[31mnet", (16,), BEFORE, why="no \x1b[0mhelp")

    text = render_suggestions(found, "text")

    assert "\x1b" not in text
