"""The example that probes the layers of small networks: its parts, and a run of a tiny size."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

Load = Callable[[str], ModuleType]
PARTS = ("data", "networks", "probes", "repairs", "summary", "run")


@pytest.fixture
def part(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Imports a module of the example; all of them are forgotten afterwards."""
    monkeypatch.syspath_prepend(checkout / "examples/linear_probes")
    yield importlib.import_module
    for name in PARTS:
        sys.modules.pop(name, None)


def _row(trial: str, seed: int, probes: list[float], accuracy: float) -> dict[str, object]:
    facts = [(1, 5, "productive"), (7, 15, "critical"), (15, 23, "unproductive")]
    facts += [(23, 31, "unproductive")]
    return {
        "trial": trial,
        "task": "digits",
        "network": "plain",
        "size": 12,
        "repair": trial.partition("+")[2],
        "seed": seed,
        "accuracy": accuracy,
        "macs": 100 if "+" not in trial else 50,
        "parameters": 40,
        "seconds": 2.0,
        "layers": [
            {"name": f"conv{n}", "receives": r, "sees": s, "verdict": v, "probe": p}
            for n, ((r, s, v), p) in enumerate(zip(facts, probes, strict=True))
        ],
    }


def test_the_tables_say_where_probes_stop_and_what_a_repair_brings(part: Load) -> None:
    pytest.importorskip("scipy")
    rows = [
        _row("digits:plain@12", 0, [0.2, 0.4, 0.6, 0.61], 0.60),
        _row("digits:plain@12", 1, [0.2, 0.4, 0.7, 0.69], 0.70),
        _row("digits:plain@12+both", 0, [0.2, 0.4, 0.6, 0.61], 0.62),
        _row("digits:plain@12+both", 1, [0.2, 0.4, 0.7, 0.69], 0.72),
    ]

    said = part("summary").summarise(rows)

    assert "| ✖ | conv2 | 15 | 23 | 65.0 ± 63.5 |" in said
    assert (
        "| digits:plain@12 | conv2 | 25.0 ± 63.5 | 0.0 ± 0.0 | 0.0 ± 12.7 | 0.0 ± 12.7 | [0, 0] |"
    ) in said
    assert "| digits:plain@12+both | 67.0 ± 63.5 | 2.0 ± 0.0 | 0.50 | 1.00 | 1.00 |" in said


@pytest.mark.torch
def test_the_marks_lie_as_far_apart_as_the_task_says(part: Load) -> None:
    data = part("data")
    torch = importlib.import_module("torch")
    chance = torch.Generator().manual_seed(3)

    images, classes = data.pairs(28)(40, chance, True, 0)

    found = [_corners(image[0].numpy(), data) for image in images]
    directions = [[(b - a) // 23 for a, b in zip(*pair, strict=True)] for pair in found]
    assert directions == data.DIRECTIONS[classes].tolist()
    assert {max(abs(b - a) for a, b in zip(*pair, strict=True)) + 5 for pair in found} == {28}


@pytest.mark.torch
def test_repairs_are_made_as_they_were_proposed(part: Load) -> None:
    repairs = part("repairs")

    net, steps = repairs.repaired("plain", "efficiency", 16)

    left = [
        layer.layer.name for layer in repairs.analysed(net, 16).layers if layer.layer.parameters
    ]
    assert "stem.conv" in left
    assert not any(name.startswith(("stage2", "stage3", "stage4")) for name in left)
    assert steps[-1] == "drop stage2, stage3, stage4"
    assert repairs.analysed(net, 16).unproductive == ()


@pytest.mark.torch
def test_a_repair_that_would_cost_useful_layers_is_not_taken(part: Load) -> None:
    with pytest.raises(LookupError, match="no repair of residual for efficiency at 20 px"):
        part("repairs").repaired("residual", "efficiency", 20)


@pytest.mark.torch
def test_a_small_run_trains_probes_and_judges(checkout: Path, tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    kept = tmp_path / "results.jsonl"
    size = ["--seeds", "1", "--images", "200", "--epochs", "1", "--jobs", "1"]
    command = [sys.executable, "run.py", *size, "--only", "near*", "--results", str(kept)]

    result = subprocess.run(
        command,
        cwd=checkout / "examples/linear_probes",
        env=os.environ | {"PYTHONPATH": str(checkout)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stderr
    [row] = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [layer["verdict"] for layer in row["layers"]].count("unproductive") == 4
    assert all(0 <= layer["probe"] <= 1 for layer in row["layers"])
    assert "| near pairs:plain@32 | stage3.0.conv |" in result.stdout


def _corners(image: Any, data: ModuleType) -> list[tuple[int, int]]:
    """Where the plus and the cross are: the corners of the best matches."""
    corners = []
    for mark in (data.PLUS, data.CROSS):
        scores = {
            (y, x): float(((image[y : y + 5, x : x + 5] - mark.numpy()) ** 2).sum())
            for y in range(28)
            for x in range(28)
        }
        corners.append(min(scores, key=scores.__getitem__))
    return corners
