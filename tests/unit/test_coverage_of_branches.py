"""The table of covered branches that ``benchmarks/coverage_of_branches.py`` makes and judges."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "coverage_of_branches.py"
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="needs the checkout")

TABLE = """\
| package | both | branches |
|---|---|---|
| `rfa_core` | 100.0 % | 100.0 % |
| `rfa_core/frontends` | 51.5 % | 25.0 % |
| `rfa_core/graph` | 90.0 % | 80.0 % |
| `all` | 67.3 % | 43.3 % |
"""


@pytest.fixture
def report(tmp_path: Path) -> str:
    """What ``coverage json`` writes: statements, those executed, branches, those taken."""
    measured = {
        "rfa_core/errors.py": (2, 2, 0, 0),
        "rfa_core/graph/lint.py": (10, 10, 6, 6),
        "rfa_core/graph/tree.py": (0, 0, 4, 2),
        "rfa_core/frontends/onnx/blocks.py": (7, 7, 4, 2),
        "rfa_core/frontends/jax/blocks.py": (1, 1, 14, 2),
        "rfa_core/frontends/kinds.py": (5, 4, 2, 1),
    }
    keys = ("num_statements", "covered_lines", "num_branches", "covered_branches")
    files = {
        path: {"summary": dict(zip(keys, counts, strict=True))} for path, counts in measured.items()
    }
    file = tmp_path / "coverage.json"
    file.write_text(json.dumps({"files": files}), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("least", "packages", "code", "verdict"),
    [
        ("0", [], 0, ""),
        ("80", ["rfa_core/graph"], 0, ""),
        ("81", ["rfa_core/graph"], 1, "rfa_core/graph: less than 81 % of the branches\n"),
        ("43", [], 0, ""),
        ("44", [], 1, "all: less than 44 % of the branches\n"),
    ],
)
def test_a_package_passes_by_its_branches_alone(
    capsys: pytest.CaptureFixture[str],
    report: str,
    least: str,
    packages: list[str],
    code: int,
    verdict: str,
):
    found = script().main(["--at-least", least, report, *packages])

    assert (found, capsys.readouterr().out) == (code, TABLE + verdict)


def test_a_package_of_which_nothing_was_measured_does_not_pass(
    capsys: pytest.CaptureFixture[str], report: str
):
    with pytest.raises(SystemExit):
        script().main([report, "rfa_core/rules"])

    assert capsys.readouterr().err.endswith("no file was measured of: rfa_core/rules\n")


def script():
    spec = importlib.util.spec_from_file_location("coverage_of_branches", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
