"""``@rfa_core.model``: its resolutions and arguments, at both doors."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import rfa

MODELS = """\
import rfa_core as rfa


@rfa.model(res=[8, "24x32"], kwargs={"depth": 9})
def marked(depth: int) -> rfa.Graph:
    net = rfa.Graph("marked")
    for n in range(depth):
        net.conv(f"conv{n}", filters=8, kernel=3)
    return net


@rfa.model(res="wide")
def mistaken() -> rfa.Graph:
    return rfa.Graph("mistaken")
"""


@pytest.fixture
def marked(pytester: pytest.Pytester, write: Callable[[str, str], Path]) -> pytest.Pytester:
    pytester.makepyprojecttoml("[tool.rfa]\nresolutions = [64]\n")
    write("models.py", MODELS)
    return pytester


@pytest.mark.parametrize(
    ("options", "resolutions"),
    [([], [[8, 8], [24, 32]]), (["--res=16"], [[16, 16]])],
)
def test_check_takes_both_from_the_decorator_and_resolutions_from_the_command_line_first(
    marked: pytest.Pytester, options: list[str], resolutions: list[list[int]]
) -> None:
    run = rfa(marked.path, "check", "--output-format=json", *options)

    models = {model["name"]: model for model in json.loads(run.stdout)["models"]}
    good, bad = models["models.py::marked"], models["models.py::mistaken"]
    assert [at["resolution"] for at in good["resolutions"]] == resolutions
    assert len(good["resolutions"][0]["layers"]) == 9
    assert bad["error"].startswith("@rfa_core.model in line 12: 'wide' is not a resolution")
    assert run.returncode == 1


def test_pytest_has_an_item_for_each_resolution_of_the_decorator(marked: pytest.Pytester) -> None:
    result = marked.runpytest("--rfa", "--collect-only", "-q", "-k", "marked")

    assert result.outlines[:2] == ["models.py::rfa-marked@8", "models.py::rfa-marked@24x32"]
