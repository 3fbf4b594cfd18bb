"""``rfa suggest`` on networks written by hand, which need no framework."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from rfa_core.cli import main

NETWORKS = """\
import rfa_core as rfa


def plain():
    net = rfa.Graph("plain")
    net.conv("stem", filters=8, kernel=5, stride=2)
    for number in range(3):
        net.conv(f"body.{number}", filters=8, kernel=3)
    net.global_pool("gather")
    net.dense("head", units=10)
    return net


def flat():
    net = rfa.Graph("flat")
    stem = net.conv("stem", filters=8, kernel=3, stride=2)
    net.conv("a", filters=8, kernel=3)
    net.add("sum", net.conv("b", filters=8, kernel=3), stem)
    net.dense("head", units=10)
    return net


def even():
    net = rfa.Graph("even")
    net.conv("a", filters=8, kernel=6)
    net.conv("b", filters=8, kernel=6)
    return net


def broken():
    raise ValueError("no")
"""
TEXT = """\
networks.py::plain at 8 px: 2 of 4 layers unproductive, 37.3 k MACs, 2.45 k parameters, \
fits from 14 px

performance: all layers kept and made productive, mostly for more MACs
  1. 2 -> 0 unproductive, MACs x1.85, parameters x0.84
       kernel=5 -> kernel=3 of stem  networks.py:6
       stride=2 -> stride=1 of stem (map 4x4 -> 8x8)  networks.py:6
       stride=1 -> stride=2 of body.1  networks.py:8
     MACs 37.3 k -> 69.2 k, parameters 2.45 k -> 2.07 k, last map 4x4 -> 4x4, critical 1 -> 1, \
fits from 14 px -> 8 px

efficiency: layers dropped and nothing in their place, for fewer MACs
  2. 2 -> 0 unproductive, MACs x0.26, parameters x0.28
       drop body  networks.py:8
     MACs 37.3 k -> 9.68 k, parameters 2.45 k -> 698, last map 4x4 -> 4x4, critical 1 -> 0, \
fits from 14 px -> 2 px
     3 layers dropped, 1 of them productive, the border layer body.1 among them
  3. 2 -> 0 unproductive, MACs x0.51, parameters x0.52
       drop body.1 and body.2  networks.py:8
     MACs 37.3 k -> 18.9 k, parameters 2.45 k -> 1.28 k, last map 4x4 -> 4x4, critical 1 -> 1, \
fits from 14 px -> 6 px
     2 layers dropped, the border layer body.1 among them

each analysed anew; 25 combinations of edits looked at
What they trade: in the trainings at https://pytest-rfa.github.io/pytest-rfa/evidence.html
(one small network) `both` and `performance` gained accuracy, `efficiency` lost it.
"""


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "networks.py").write_text(NETWORKS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["suggest", *arguments, "--isolated"])
    said = capsys.readouterr()
    return code, said.out, said.err


SCHEMA = json.loads(
    (files("rfa_core.report") / "schema" / "suggest-v1.schema.json").read_text(encoding="utf-8")
)
GOALS = ["--goal", "efficiency", "--goal", "performance"]


def test_proposals_say_what_to_change_where_what_it_costs_and_what_it_brings(capsys):
    assert run(capsys, "networks.py::plain", "--res", "8", *GOALS) == (0, TEXT, "")


def test_json_has_the_same_numbers(capsys):
    code, out, _ = run(
        capsys, "networks.py::plain", "--res", "8", "--goal", "efficiency", "--format", "json"
    )

    found = json.loads(out)

    assert (code, found["version"], found["model"]) == (0, 1, "networks.py::plain")
    assert found["before"] == {
        "judged": 4, "unproductive": 2, "critical": 1, "parameters": 2450, "macs": 37328,
        "feature_map": [4, 4], "min_resolution": 14,
    }  # fmt: skip
    assert found["proposals"][1] == {
        "goal": "efficiency",
        "steps": [
            {
                "kind": "stage", "layers": ["body.1", "body.2"], "before": "", "after": "",
                "file": "networks.py", "line": 8, "maps": None,
            }
        ],
        "after": {
            "judged": 2, "unproductive": 0, "critical": 1, "parameters": 1282, "macs": 18896,
            "feature_map": [4, 4], "min_resolution": 6,
        },
        "dropped": 2,
        "lost": 0,
        "unjudged": [],
        "border": "body.1",
        "applied": "",
    }  # fmt: skip
    assert found["goals"] == [{"goal": "efficiency", "tried": 10, "why": ""}]


@pytest.mark.parametrize(("network", "size"), [("plain", 8), ("plain", 64), ("flat", 4)])
def test_json_satisfies_the_schema_that_ships_with_it(capsys, network: str, size: int):
    _, out, _ = run(capsys, f"networks.py::{network}", "--res", str(size), "--format", "json")

    content = json.loads(out)

    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(content, SCHEMA)
    assert set(content) == set(SCHEMA["properties"])


def test_the_schema_lists_every_key_of_a_proposal_and_refuses_one_that_lacks_any(capsys):
    _, out, _ = run(capsys, "networks.py::plain", "--res", "8", "--format", "json")
    proposal = json.loads(out)["proposals"][0]
    own = {**SCHEMA["$defs"]["proposal"], "$defs": SCHEMA["$defs"]}

    lacking = [{key: proposal[key] for key in proposal if key != left} for left in proposal]

    assert set(proposal) == set(own["properties"])
    assert set(proposal["steps"][0]) == set(SCHEMA["$defs"]["step"]["properties"])
    assert set(proposal["after"]) == set(SCHEMA["$defs"]["figures"]["properties"])
    assert not any(jsonschema.Draft202012Validator(own).is_valid(one) for one in lacking)


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (
            ["networks.py::plain", "--res", "64"],
            ["no layer is unproductive: there is nothing to repair"],
        ),
        (
            ["networks.py::flat", "--res", "4", "--goal", "performance"],
            [
                "",
                "performance: none: of 1 combination of edits, 1 would break the network (head: it "
                "takes the 32 features of a map of the size it had)",
            ],
        ),
        (
            ["networks.py::even", "--res", "4"],
            [
                "",
                "both: none: no edit that drops layers goes with one that changes a stride",
                "",
                "performance: none: no layer has a stride, a pooling, a dilation or a large stem "
                "kernel that could be changed",
                "",
                "efficiency: none: there are no blocks or layers from the border on that could be "
                "dropped",
            ],
        ),
    ],
    ids=["nothing to repair", "a head for one size", "nothing to change"],
)
def test_a_model_without_proposals_says_why_for_each_goal(
    capsys, arguments: list[str], lines: list[str]
):
    code, out, err = run(capsys, *arguments)

    assert (code, out.splitlines()[1:], err) == (0, lines, "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["networks.py", "--res", "8"], "error: expected one model, found 3 in 'networks.py'"),
        (["networks.py::plain"], "error: no resolution to fit networks.py::plain to"),
        (
            ["networks.py::broken", "--res", "8"],
            "error: networks.py::broken raises ValueError: no when it is called",
        ),
        (
            ["networks.py::plain", "--res", "8", "--goal", "speed"],
            "expected one of both, performance, efficiency, found 'speed'",
        ),
    ],
    ids=["several models", "no resolution", "a broken model", "a goal that there is not"],
)
def test_what_has_no_verdict_says_so(capsys, arguments: list[str], said: str):
    code, out, err = run(capsys, *arguments)

    assert (code, out) == (2, "")
    assert said in err


def test_resolutions_of_the_configuration_are_taken(project: Path, capsys):
    (project / "rfa.toml").write_text("resolutions = [8]\n")

    code = main(["suggest", "networks.py::plain", *GOALS])

    assert (code, capsys.readouterr().out) == (0, TEXT)
