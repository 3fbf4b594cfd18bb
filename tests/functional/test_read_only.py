"""In a checkout that nothing can be written to: verdicts are given, and what is lost is said."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from projects import GRAPHS, written

Run = Callable[..., subprocess.CompletedProcess[str]]

CONFIG = """\
[tool.rfa]
resolutions = [8]
factories = ["models:sound", "models:deep"]
"""
MOUNTED = 'mount --bind . . && mount -o remount,bind,ro . && cd "$PWD" && exec "$@"'
"""Permissions do not bind root; a mount does, in a namespace of its own."""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs Python in a project that is mounted to be read only."""
    written(tmp_path, {"models.py": GRAPHS, "pyproject.toml": CONFIG})
    environment = {**os.environ, "COLUMNS": "100", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment.pop("CI", None)

    def mounted(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["unshare", "-rm", "sh", "-c", MOUNTED, "sh", *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare to mount with")
    tried = mounted("touch", "new")
    if "Read-only file system" not in tried.stderr:
        pytest.skip(f"nothing can be mounted here: {tried.stderr.strip()}")
    return partial(mounted, sys.executable)


def test_a_check_gives_its_verdict(run: Run) -> None:
    result = run("-m", "rfa_core", "check", "-q", "--output-format", "concise")

    assert result.returncode == 1
    assert "models.py:10:1: RFA101" in result.stdout
    assert "Traceback" not in result.stderr
    assert "error" not in result.stderr


def test_a_check_names_the_report_that_it_could_not_write(run: Run, tmp_path: Path) -> None:
    result = run(
        *("-m", "rfa_core", "check", "-q", "--output-format", "concise"),
        *("--report", "json:out/rfa.json"),
    )

    assert result.returncode == 2
    assert "models.py:10:1: RFA101" in result.stdout
    said = "rfa: error: cannot write out/rfa.json: Read-only file system\n"
    assert said in result.stderr
    assert not (tmp_path / "out").exists()


def test_an_accepted_finding_that_is_fixed_stays_and_is_said(run: Run, tmp_path: Path) -> None:
    baseline = '{"version": 1, "findings": [{"rule": "RFA101", "model": "models.py::sound", %s}]}'
    text = baseline % '"resolution": [8, 8], "layer": "conv"'
    (tmp_path / ".rfa-baseline.json").write_text(text, encoding="utf-8")

    result = run("-m", "rfa_core", "check", "-q", "--output-format", "concise")

    assert result.returncode == 1
    file = tmp_path / ".rfa-baseline.json"
    said = f"rfa: cannot write {file}: Read-only file system; 1 entry of it is fixed\n"
    assert said in result.stderr


def test_pytest_shows_the_failure_and_names_the_report_that_it_could_not_write(run: Run) -> None:
    plugin = ("-m", "pytest", "-p", "pytest_rfa.plugin", "-q", "--rfa-only", "--rfa")

    plain = run(*plugin, "-W", "error", "-p", "no:cacheprovider")
    reporting = run(*plugin, "--rfa-report=json:rfa.json")

    assert (plain.returncode, reporting.returncode) == (1, 4)
    for result in (plain, reporting):
        assert "error RFA101 unproductive-layer  models.py:10:1" in result.stdout
        assert "1 failed, 1 passed" in result.stdout
    assert "cannot write" not in plain.stderr
    assert reporting.stderr.endswith("rfa.json: Read-only file system\n")
