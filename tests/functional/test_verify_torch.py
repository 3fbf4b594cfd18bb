"""``rfa verify`` on a project: agreement, differences, models that cannot be run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from projects import rfa, written

pytest.importorskip("torch")

pytestmark = pytest.mark.torch

MODELS = """
import torch
from torch import nn

def good():
    return nn.Sequential(nn.Conv1d(1, 2, 5, stride=2, padding=2), nn.ReLU(), nn.Conv1d(2, 1, 3))

class Broken(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(1, 2, 3)

    def forward(self, x):
        return self.conv(x) + undefined
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return written(tmp_path, {"pyproject.toml": "[tool.rfa]\n", "nets.py": MODELS})


def test_a_model_that_agrees_exits_with_0(project: Path) -> None:
    result = rfa(project, "verify", "nets.py::good")

    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (
        "nets.py::good: 3 layers (2 judged) as the NaN oracle finds them, on [1, 1, 32]\n"
    )


def test_every_layer_is_listed_when_asked(project: Path) -> None:
    result = rfa(project, "verify", "nets.py::good", "-v", "--res", "48", "--every")

    assert result.stdout == (
        "nets.py::good: 3 layers (2 judged) as the NaN oracle finds them, on [1, 1, 48]\n"
        "  0: agrees\n"
        "  1: agrees\n"
        "  2: agrees\n"
    )


def test_a_model_that_cannot_run_leaves_the_others_their_verdict(project: Path) -> None:
    result = rfa(project, "verify", "nets.py::Broken", "nets.py::good")

    assert result.returncode == 2
    assert "nets.py::Broken: not verified: " in result.stdout
    assert "name 'undefined' is not defined" in result.stdout
    assert "nets.py::good: 3 layers (2 judged)" in result.stdout


def test_as_json_everything_is_a_field(project: Path) -> None:
    result = rfa(project, "verify", "nets.py::good", "--format", "json")

    document = json.loads(result.stdout)
    assert document["version"] == 1
    (model,) = document["models"]
    assert (model["name"], model["agrees"], model["error"]) == ("nets.py::good", True, None)
    assert model["inputs"] == ["[1, 1, 32]"]
    assert model["layers"][0] == {
        "name": "0", "judged": True, "outcomes": ["agrees"], "differences": [],
    }  # fmt: skip


def test_a_target_that_means_nothing_exits_with_2(project: Path) -> None:
    result = rfa(project, "verify", "nets.py::missing")

    assert (result.returncode, result.stdout) == (2, "")
    assert "missing" in result.stderr


def test_a_resolution_that_is_none_is_refused(project: Path) -> None:
    result = rfa(project, "verify", "nets.py::good", "--res", "big")

    assert (result.returncode, result.stdout) == (2, "")
    assert "'big' is not a resolution" in result.stderr
