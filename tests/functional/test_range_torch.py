"""``rfa range`` from end to end, and its agreement with ``rfa check``."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from projects import rfa, written

pytestmark = pytest.mark.torch

MODELS = """\
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 7, stride=4, padding=3)
        self.body = nn.Sequential(*[nn.Conv2d(8, 8, 3, padding=1) for _ in range(3)])
        self.head = nn.Linear(8, 10)

    def forward(self, x):
        print("noise on stdout")
        return self.head(self.body(self.stem(x)).mean((2, 3)))


class Tall(nn.Module):
    def __init__(self):
        super().__init__()
        self.tall = nn.Sequential(*[nn.Conv2d(3, 3, (5, 1)) for _ in range(4)])
        self.wide = nn.Sequential(*[nn.Conv2d(3, 3, (1, 3)) for _ in range(4)])

    def forward(self, x):
        return self.wide(self.tall(x)) if x.shape[2] > 16 else self.wide(x)


class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.Sequential(
            nn.Conv3d(3, 4, (3, 7, 7), (1, 2, 2), (1, 3, 3)),
            nn.Conv3d(4, 4, 3, 2, 1),
            nn.Conv3d(4, 4, 3, 1, 1),
        )

    def forward(self, x):
        return self.convs(x)


class Fixed(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 16, stride=16)
        self.mix = nn.Conv2d(8, 8, 1)
        self.head = nn.Linear(8 * 14 * 14, 10)

    def forward(self, x):
        return self.head(self.mix(self.conv(x)).flatten(1))


def broken():
    raise ValueError("no")
"""
TABLE = """\
model        end        size  axis              set by                    line     runs there
m.py::Net    smallest  24 px                    body.2                    m.py:8   yes
             largest   31 px                    body.2                    m.py:8   yes
m.py::Tall   smallest   1 px                                                       no, nearest is 9 px
             largest   17 px  height            tall.3 and 4 more layers  m.py:19  yes
                        9 px  width             wide.3                    m.py:20
m.py::Clip   smallest   6 px                    convs.2                   m.py:32  yes
             alone      6 px  depth             convs.2                   m.py:32
                       12 px  height and width  convs.2                   m.py:32
             largest    9 px  depth             convs.2                   m.py:32  yes
                       19 px  height and width  convs.2                   m.py:32
m.py::Fixed  smallest  16 px                    mix                       m.py:43  no, only at 224 px
             largest   16 px                    conv and 1 more layer     m.py:42  no, only at 224 px
smallest: from this square on no layer is unproductive
alone: enough on this axis, however small the others are
largest: above it no layer sees the whole image locally
"""  # noqa: E501


@pytest.fixture
def project(tmp_path: Path) -> Path:
    configuration = "[tool.rfa]\nresolutions = [32]\n"
    return written(tmp_path, {"m.py": MODELS, "pyproject.toml": configuration})


def test_the_table_names_ends_axes_layers_and_lines(project: Path) -> None:
    names = [f"m.py::{name}" for name in ("Net", "Tall", "Clip", "Fixed")]

    result = rfa(project, "range", *names)

    assert (result.returncode, set(result.stderr.splitlines())) == (0, {"noise on stdout"})
    assert result.stdout == TABLE


def test_the_range_agrees_with_the_check_at_its_end(project: Path) -> None:
    names = ("m.py::Net", "m.py::Clip", "m.py::Fixed")

    ranged = rfa(project, "range", *names, "--format", "json")
    checked = rfa(project, "check", *names, "--res", "24,23,16,15,6,5", "--output-format", "json")

    document = json.loads(ranged.stdout)
    schema = resources.files("rfa_core.report") / "schema" / "report-v1.schema.json"
    jsonschema.validate(document, json.loads(schema.read_text(encoding="utf-8")))
    found = {model["name"]: model["range"] for model in document["models"]}
    dead = {
        (model["name"], at["resolution"][0]): [
            one["name"] for one in at["layers"] if one["verdict"] == "unproductive"
        ]
        for model in json.loads(checked.stdout)["models"]
        for at in model["resolutions"]
    }
    for name, least in zip(names, (24, 6, 16), strict=True):
        assert set(found[name]["min_resolution"]) == {least}
        assert dead[name, least] == []
        assert dead[name, least - 1] == [layer["name"] for layer in found[name]["min_layers"]] != []


def test_a_model_that_cannot_be_built_makes_the_exit_code_2(project: Path) -> None:
    result = rfa(project, "range", "m.py::broken", "m.py::Net")

    assert (result.returncode, result.stderr) == (2, "noise on stdout\n" * 6)
    assert result.stdout.splitlines() == [
        "model      end        size  axis  set by  line    runs there",
        "m.py::Net  smallest  24 px        body.2  m.py:8  yes",
        "           largest   31 px        body.2  m.py:8  yes",
        "smallest: from this square on no layer is unproductive",
        "largest: above it no layer sees the whole image locally",
        "○ m.py::broken: unbuildable: m.py::broken raises ValueError: no when it is called "
        "(at m.py:51)",
        "  -v shows the traceback; arguments can be given as `kwargs` of an entry in `factories`",
    ]


def test_what_discovery_finds_is_ranged_where_nothing_is_named(project: Path) -> None:
    (project / "m.py").write_text(MODELS.partition("class Tall")[0], encoding="utf-8")

    result = rfa(project, "range", "--isolated")

    assert result.returncode == 0
    assert [line.split()[:4] for line in result.stdout.splitlines()[1:3]] == [
        ["m.py::Net", "smallest", "24", "px"],
        ["largest", "31", "px", "body.2"],
    ]


def test_a_check_without_a_resolution_lists_the_same_ranges(project: Path) -> None:
    result = rfa(project, "check", "m.py::Net", "m.py::Clip", "--isolated")

    assert result.returncode == 2
    assert result.stdout.splitlines()[:3] == [
        "Feasible resolutions:",
        "m.py::Net: 24 to 31 px",
        "m.py::Clip: 6 to 9x19x19 px",
    ]
    assert (result.stdout + result.stderr).count("--res 64") == 1
