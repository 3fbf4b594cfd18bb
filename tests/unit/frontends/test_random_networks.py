"""Random networks from the whole set of operations, held to the NaN oracle.

400 of them, or as many as the variable ``RFA_RANDOM_NETWORKS`` says: 2,000 take five minutes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import cast

import pytest

pytest.importorskip("torch")

from hypothesis import HealthCheck, given, settings
from network_steps import STEPS
from random_networks import Drawn, Step, networks

from rfa_core.agreement import Difference, Outcome
from rfa_core.examination import Examination
from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import OracleFrontend, input_spec
from rfa_core.receptive.policy import Policy
from rfa_core.verification import along

pytestmark = [pytest.mark.torch, pytest.mark.filterwarnings("ignore::UserWarning")]

COUNT = int(os.environ.get("RFA_RANDOM_NETWORKS", "400"))
AXES = {1: ("T",), 2: ("H", "W"), 3: ("D", "H", "W")}
always = settings(
    deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)


def compared(drawn: Drawn) -> Iterator[tuple[Outcome, list[Difference]]]:
    """What came of comparing each layer along the axis that was drawn."""
    model = drawn.build()
    spec = input_spec((1, drawn.channels, *AXES[len(drawn.sizes)]), "as drawn")
    frontend = cast(OracleFrontend, frontend_of(model))
    examination = Examination(frontend, model, spec, "network", {}, "/", Policy())
    found = along(frontend, examination, drawn.sizes, drawn.axis, False, None)
    for _, outcome, differences in found:
        yield outcome, differences


def differences(drawn: Drawn) -> list[str]:
    return [str(one) for _, found in compared(drawn) for one in found]


@settings(always, max_examples=COUNT * 3 // 10)
@given(networks(1, STEPS))
def test_random_networks_on_sequences_agree_with_the_oracle(drawn: Drawn):
    assert differences(drawn) == []


@settings(always, max_examples=COUNT * 9 // 20)
@given(networks(2, STEPS))
def test_random_networks_on_images_agree_with_the_oracle(drawn: Drawn):
    assert differences(drawn) == []


@settings(always, max_examples=COUNT // 4)
@given(networks(3, STEPS))
def test_random_networks_on_volumes_agree_with_the_oracle(drawn: Drawn):
    assert differences(drawn) == []


@pytest.mark.parametrize("step", dict.fromkeys(STEPS), ids=lambda step: step.__name__)
def test_every_step_leads_to_layers_that_can_be_compared(step: Step):
    seen: set[Outcome] = set()

    @settings(always, max_examples=10)
    @given(networks(2, (step,), most=2))
    def collect(drawn: Drawn) -> None:
        seen.update(outcome for outcome, _ in compared(drawn) if drawn.lines)

    collect()

    assert Outcome.AGREES in seen and Outcome.DIFFERS not in seen
