"""What a run has looked at: only of that can it say what is fixed."""

from __future__ import annotations

import pytest

from rfa_core.baseline.values import Scope
from rfa_core.findings import Concern


@pytest.mark.parametrize(
    ("concern", "at_all", "at_some"),
    [
        (Concern("RFA101", "m:net", (64, 64)), True, True),
        (Concern("RFA101", "m:net", (32, 32)), False, False),
        (Concern("RFA101", "m:other", (64, 64)), False, False),
        (Concern("RFA102", "m:net", (64, 64)), False, False),
        (Concern("RFA101", "m:net"), True, False),
    ],
    ids=["seen", "another resolution", "another model", "another rule", "of no resolution"],
)
def test_a_finding_was_looked_at_where_its_model_rule_and_resolution_were(
    concern: Concern, at_all: bool, at_some: bool
):
    rules, resolutions = frozenset({"RFA101"}), frozenset({(64, 64)})

    found = [Scope("m:net", rules, resolutions, whole).holds(concern) for whole in (True, False)]

    assert found == [at_all, at_some]
