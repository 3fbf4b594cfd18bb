"""The example that probes the layers of small networks: its parts, and a run of a tiny size."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from projects import python

Load = Callable[[str], ModuleType]
PARTS = ("data", "networks", "probes", "repairs", "summary", "run")


@pytest.fixture
def part(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Imports a module of the example; all of them are forgotten afterwards."""
    monkeypatch.syspath_prepend(checkout / "examples/linear_probes")
    yield importlib.import_module
    for name in PARTS:
        sys.modules.pop(name, None)


ROWS = ("| plain@", "| residual@", "| ●", "| ▲", "| ✖")


def _row(trial: str, seed: int, probes: list[float], accuracy: float) -> dict[str, object]:
    facts = [(1, 5, "productive"), (7, 15, "critical"), (15, 23, "unproductive")]
    facts += [(23, 31, "unproductive")]
    return {
        "trial": trial,
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
        _row("plain@12", 0, [0.2, 0.4, 0.6, 0.61], 0.60),
        _row("plain@12", 1, [0.2, 0.4, 0.7, 0.69], 0.70),
        _row("plain@12+both", 0, [0.2, 0.4, 0.6, 0.61], 0.62),
        _row("plain@12+both", 1, [0.2, 0.4, 0.7, 0.69], 0.72),
    ]

    said = part("summary").summarise(rows)

    assert "| ✖ | conv2 | 15 | 23 | 65.0 ± 63.5 |" in said
    gains = "25.0 ± 63.5 | 0.0 ± 12.7 | 0.0 ± 0.0 | 0.0 ± 12.7 | 0.0 ± 0.0"
    assert f"| plain@12 | conv2 | {gains} | [0, 0] |" in said
    assert "| plain@12+both | 67.0 ± 63.5 | 2.0 ± 0.0 | 0.50 | 1.00 | 1.00 |" in said


@pytest.mark.torch
def test_no_digit_is_both_trained_on_and_tested(
    part: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = part("data")
    torch = importlib.import_module("torch")
    digits = torch.rand(30, 1, 8, 8), torch.arange(30)
    monkeypatch.setattr(data, "_digits", lambda: digits)

    split, other = data.load(16, 0, 400, 400), data.load(16, 1, 400, 400)

    trained, tested = ({*part[1].tolist()} for part in (split.train, split.test))
    assert (len(trained), len(tested), trained & tested) == (20, 10, set())
    assert {*other.test[1].tolist()} != tested


@pytest.mark.torch
def test_images_of_all_sizes_are_one_drawing(part: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    data = part("data")
    torch = importlib.import_module("torch")
    digits = torch.rand(30, 1, 8, 8), torch.arange(30)
    monkeypatch.setattr(data, "_digits", lambda: digits)

    small, large = (data.load(size, 0, 50, 50).train[0] for size in (16, 32))

    shrunk = torch.nn.functional.avg_pool2d(large, 2).flatten()
    assert torch.corrcoef(torch.stack([small.flatten(), shrunk]))[0, 1] > 0.97


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
    command = ("run.py", *size, "--only", "plain@16", "--results", str(kept))
    environment = os.environ | {"PYTHONPATH": str(checkout)}

    result = python(checkout / "examples/linear_probes", *command, env=environment)

    assert result.returncode == 0, result.stderr
    [row] = [json.loads(line) for line in kept.read_text().splitlines()]
    assert [layer["verdict"] for layer in row["layers"]].count("unproductive") == 6
    assert all(0 <= layer["probe"] <= 1 for layer in row["layers"])
    assert "| plain@16 | stage2.0.conv |" in result.stdout


def test_the_tables_of_the_page_are_those_of_what_was_measured(checkout: Path, part: Load) -> None:
    pytest.importorskip("scipy")
    page = (checkout / "docs/evidence.md").read_text(encoding="utf-8").splitlines()
    measured = checkout / "examples/linear_probes/measured.jsonl"

    said = part("summary").summarise(part("run").read(measured)).splitlines()

    shown = [line for line in page if line.startswith(ROWS)]
    assert len(shown) > 20
    assert [line for line in shown if line not in said] == []
