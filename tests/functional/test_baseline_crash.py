"""A model that crashes its process while the findings of others are accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from projects import rfa, written

MODELS = """\
import os
import signal

import rfa_core as rfa


def crashing():
    os.kill(os.getpid(), signal.SIGKILL)


def wide():
    net = rfa.Graph("wide", channels=3)
    net.conv("a", filters=4, kernel=17)
    net.conv("b", filters=4, kernel=3)
    return net
"""
FIXED = {"rule": "RFA101", "model": "models.py::wide", "resolution": [16, 16], "layer": "gone"}


@pytest.mark.parametrize(("action", "layers"), [("write", ["b"]), ("prune", [])])
def test_a_model_that_crashes_costs_no_other_its_entries(
    action: str, layers: list[str], tmp_path: Path
) -> None:
    accepted = json.dumps({"version": 1, "findings": [FIXED]})
    settings = 'resolutions = [16]\nselect = ["RFA101"]\n'
    names = ["models.py::crashing", "models.py::wide"]
    written(
        tmp_path,
        {"models.py": MODELS, "rfa.toml": settings, ".rfa-baseline.json": accepted},
    )

    result = rfa(tmp_path, "baseline", action, *names)

    file = json.loads((tmp_path / ".rfa-baseline.json").read_text(encoding="utf-8"))
    assert result.returncode == 2
    assert "models.py::crashing has no verdict" in result.stderr
    assert [entry["layer"] for entry in file["findings"]] == layers
