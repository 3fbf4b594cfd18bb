"""The order in which models suit a resolution."""

from __future__ import annotations

from collections.abc import Callable

from rfa_core.sweeping.ranking import ranked
from rfa_core.sweeping.rows import Row


def test_models_that_fit_come_first_and_less_waste_and_cost_before_more(
    make: Callable[..., Row],
) -> None:
    none = {"waste_macs": 0.0}
    expected = [
        make("cheap", macs=1, **none),
        make("dear, few parameters", macs=9, parameters=1, **none),
        make("dear", macs=9, **none),
        make("dear, too", macs=9, **none),
        make("blind", fit="blind", macs=0, **none),
        make("some waste", fit="wasteful", waste_parameters=0.1, waste_macs=0.0),
        make("much waste", fit="wasteful", waste_parameters=0.1, waste_macs=0.5),
        make("stops", fit="does not run", **none),
        Row("k", "lost", "lost", "64", "untraceable"),
    ]

    found = ranked(reversed(expected))

    assert [row.model for row in found] == [row.model for row in expected]
