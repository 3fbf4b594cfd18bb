"""What ``rfa baseline`` says of its file."""

from __future__ import annotations

from rfa_core.findings import Concern
from rfa_core.report.accepted import render_accepted, render_rewritten

MANY = [Concern("RFA101", "acme:net", (64, 64), f"layer{number}") for number in range(9)]


def test_a_change_names_a_few_layers_and_how_many_more() -> None:
    text = render_rewritten("base.json", MANY[:3], MANY[1:], "text")

    assert text == (
        "base.json: 8 entries, 6 new, 1 gone (one for each layer of a finding)\n"
        "+ acme:net at 64 px: RFA101 layer3, layer4, layer5, layer6, layer7 and 1 more\n"
        "- acme:net at 64 px: RFA101 layer0\n"
    )


def test_what_is_accepted_is_shown_in_full() -> None:
    text = render_accepted("base.json", MANY, "text")

    assert text == (
        "base.json: 9 entries (one for each layer of a finding)\n"
        f"acme:net at 64 px: RFA101 {', '.join(f'layer{number}' for number in range(9))}\n"
    )
