"""Candidates of a search are judged as ``rfa.analyse`` judges them, one by one."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_candidates import POLICIES, change, network

import rfa_core as rfa
from rfa_core.errors import InvalidGraphError, ResolutionError, TraceError
from rfa_core.receptive.policy import Policy
from rfa_core.receptive.verdict import Verdict

SIZES = (1, 2, 3, 5, 7, 8, 12, 16, 17, 24, 31, 32)


def residual() -> rfa.Graph:
    """A ResNet's first stages: eight convolutions, two of them on the skip connections."""
    net = rfa.Graph("residual")
    last = net.conv("stem", filters=8, kernel=3)
    for stage, stride in ((1, 1), (2, 2)):
        left = net.conv(f"{stage}.conv1", last, filters=8 * stage, kernel=3, stride=stride)
        left = net.conv(f"{stage}.conv2", left, filters=8 * stage, kernel=3)
        skip = net.conv(f"{stage}.skip", last, filters=8 * stage, kernel=1, stride=stride)
        last = net.add(f"{stage}.add", left, skip)
        last = net.activation(f"{stage}.act", last)
    net.conv("last", filters=16, kernel=3)
    net.global_pool("pool")
    net.dense("head", units=10)
    return net


def analysed(net: rfa.Graph, at: Any, policy: Policy | None = None) -> Mapping[str, Any]:
    """What the whole analysis says of a network."""
    model = rfa.analyse(net, at, policy=policy).model
    (report,) = model.resolutions
    return {
        "verdicts": {one.layer.name: one.verdict for one in report.layers},
        "parameters": model.parameters,
        "macs": report.macs,
        "wasted parameters": report.waste.parameters,
        "wasted macs": report.waste.macs,
    }


def surveyed(survey: rfa.Survey, place: int) -> Mapping[str, Any]:
    """The same out of a survey."""
    codes = zip(survey.layers, survey.verdicts[place], strict=True)
    return {
        "verdicts": {name: list(Verdict)[code] for name, code in codes if code >= 0},
        "parameters": survey.parameters[place],
        "macs": survey.macs[place],
        "wasted parameters": survey.wasted_parameters[place],
        "wasted macs": survey.wasted_macs[place],
    }


@pytest.mark.parametrize("seed", range(40))
def test_a_changed_network_is_judged_as_the_whole_analysis_judges_it(seed: int):
    chance = random.Random(seed)
    net, policy = network(chance), chance.choice(POLICIES)
    sizes = chance.sample(SIZES, 2)
    changed = rfa.Candidate(net, policy).changed(change(net, chance))

    try:
        survey = changed.survey(sizes)
    except TraceError:
        with pytest.raises(TraceError):
            [rfa.analyse(changed.graph, size) for size in sizes]
        return

    found = [surveyed(survey, place) for place in range(len(sizes))]
    assert found == [analysed(changed.graph, size, policy) for size in sizes]


def test_the_first_network_stays_as_it_was():
    base = rfa.Candidate(residual())

    changed = base.changed({"2.conv1": {"kernel": 1}})

    found = [one.survey([5]).with_verdict("unproductive") for one in (base, changed)]
    assert found == [("1.conv2", "2.conv2"), ("1.conv2",)]
    options = [{layer.name: layer.options for layer in one.graph.layers} for one in (base, changed)]
    assert [one["2.conv1"]["kernel"] for one in options] == [3, 1]


def test_every_axis_has_a_resolution_and_layers_of_its_own():
    net = residual()
    base = rfa.Candidate(net).changed({"2.conv2": {"kernel": (1, 9), "padding": (0, 4)}})

    survey = base.survey([(6, 40), "40x6", 12])

    assert survey.resolutions == ((6, 40), (40, 6), (12, 12))
    assert survey.short.tolist() == [True, True, True]
    assert [surveyed(survey, place) for place in range(3)] == [
        analysed(base.graph, at) for at in ((6, 40), (40, 6), (12, 12))
    ]


def test_what_is_asked_of_a_survey():
    survey = rfa.Candidate(residual()).survey([5, 64])

    assert survey.count("unproductive").tolist() == [2, 0]
    assert survey.count(Verdict.PRODUCTIVE).tolist() == [5, 8]
    assert survey.with_verdict("unproductive") == ("1.conv2", "2.conv2")
    assert survey.with_verdict("unproductive", at=1) == ()
    with pytest.raises(ValueError, match="wasteful"):
        survey.count("wasteful")


def branches_that_part(size: int) -> rfa.Graph:
    """A sum of a map rounded up and one rounded down: of odd sizes, the smaller is spread."""
    net = rfa.Graph("parting")
    left = net.max_pool("left", net.input, kernel=2, padding="same")
    net.add("sum", left, net.max_pool("right", net.input, kernel=2))
    net.conv("conv", filters=4, kernel=3)
    assert rfa.analyse(net, size)
    return net


def pooled_whole() -> rfa.Graph:
    """A pooling of one position, whose map has one at twice the size, too: a global one."""
    net = rfa.Graph("whole")
    net.conv("down", filters=4, kernel=16, stride=16)
    net.avg_pool("pool", kernel=1)
    net.conv("conv", filters=4, kernel=1)
    return net


def shuffled() -> rfa.Graph:
    net = rfa.Graph("shuffled", channels=4)
    net.conv("down", filters=4, kernel=4, stride=4)
    net.channel_shuffle("shuffle", groups=2)
    net.conv("conv", filters=4, kernel=3)
    return net


@pytest.mark.parametrize(
    ("net", "sizes", "short"),
    [
        (branches_that_part(3), (3, 8), [False, True]),
        (pooled_whole(), (8, 16, 64), [False, True, True]),
        (shuffled(), (4, 8), [False, True]),
    ],
    ids=["parting", "whole map", "one position"],
)
def test_where_regularity_ends_the_whole_analysis_is_made(
    net: rfa.Graph, sizes: Sequence[int], short: list[bool]
):
    survey = rfa.Candidate(net).survey(sizes)

    assert survey.short.tolist() == short
    assert [surveyed(survey, place) for place in range(len(sizes))] == [
        analysed(net, size) for size in sizes
    ]


def test_where_a_network_does_not_run_it_is_judged_at_the_nearest_size():
    net = residual()
    net.conv("valid", "2.act", filters=4, kernel=7, padding="valid")
    survey = rfa.Candidate(net).survey([8, 32])

    assert survey.short.tolist() == [False, True]
    assert surveyed(survey, 0) == analysed(net, 8)


def test_networks_that_are_not_regular_are_analysed_as_a_whole():
    net = residual()
    net.upsample("up", "2.act", factor=2, mode="linear")
    net.conv("after", filters=4, kernel=3)
    base = rfa.Candidate(net)
    changed = base.changed({"after": {"kernel": 5}})

    survey = changed.survey([8, 32])

    assert (base.regular, changed.regular, survey.short.tolist()) == (False, False, [False, False])
    assert [surveyed(survey, place) for place in range(2)] == [
        analysed(changed.graph, size) for size in (8, 32)
    ]


def test_a_network_becomes_regular_with_the_change_that_makes_it_so():
    net = rfa.Graph("padded")
    net.conv("conv", filters=4, kernel=3)
    net.pad("pad", start=1, end=1, mode="circular")
    net.conv("last", filters=4, kernel=3, padding="valid")
    base = rfa.Candidate(net)

    changed = base.changed({"pad": {"mode": "replicate"}})

    assert (base.regular, changed.regular) == (False, True)
    assert surveyed(changed.survey([16]), 0) == analysed(changed.graph, 16)


def test_costs_that_fit_into_no_machine_integer_are_exact():
    net = rfa.Graph("large", channels=1)
    net.conv("conv", filters=10**6, kernel=999)
    net.conv("last", filters=10**6, kernel=999)

    survey = rfa.Candidate(net).survey([1_000_000, 64])

    assert survey.short.tolist() == [True, True]
    assert survey.macs[0] == 999**2 * 10**12 * (10**6 + 1) * 10**6
    assert surveyed(survey, 1) == analysed(net, 64)


def test_numbers_beyond_that_are_left_to_the_whole_analysis():
    net = rfa.Graph("huge", channels=10**9)
    net.conv("conv", filters=10**9, kernel=99)

    survey = rfa.Candidate(net).survey([64])

    assert not survey.short.any()
    assert surveyed(survey, 0) == analysed(net, 64)


def test_no_resolution_makes_an_empty_survey():
    survey = rfa.Candidate(residual()).survey([])

    assert (survey.resolutions, survey.count("critical").tolist()) == ((), [])
    assert survey.macs.dtype == np.int64


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lost": {"kernel": 3}}, "lost: there is no such layer"),
        ({"1.conv3": {"kernel": 3}}, "1.conv3: there is no such layer; did you mean 1.conv"),
        ({"stem": {"kernel": 0}}, "stem: conv: kernel: expected a whole number of at least 1"),
        ({"stem": {"kernels": 3}}, "stem: conv: unknown option 'kernels'; did you mean kernel?"),
        ({"1.add": {"stride": 2}}, "1.add: add: unknown option 'stride'"),
    ],
)
def test_impossible_changes_are_refused(changes: dict[str, dict[str, Any]], said: str):
    base = rfa.Candidate(residual())

    with pytest.raises(InvalidGraphError) as refused:
        base.changed(changes)

    assert said in refused.value.message


def test_a_resolution_of_other_axes_is_refused():
    base = rfa.Candidate(residual())

    with pytest.raises(ResolutionError, match="resolution 8x8x8 has 3 numbers"):
        base.survey(["8x8x8"])


def test_a_network_with_mistakes_is_no_candidate():
    net = rfa.Graph("net")
    net.conv("conv", "later", filters=4, kernel=3)

    with pytest.raises(InvalidGraphError, match="there is no layer 'later'"):
        rfa.Candidate(net)


def test_the_search_of_the_documentation_runs_as_it_stands_there(
    capsys: pytest.CaptureFixture[str],
):
    page = (Path(__file__).parents[3] / "docs" / "architecture-search.md").read_text(
        encoding="utf-8"
    )
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code is not None
    said: dict[str, Any] = {}

    exec(code[1], said)

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 16
    assert lines[-1].startswith("4 7 [")
    assert surveyed(said["survey"], 0) == analysed(
        said["base"].changed({name: {"kernel": 7} for name in said["names"]}).graph, 32
    )
