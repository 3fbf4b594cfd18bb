"""Runs that somebody ends: what was done is reported, and nothing goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MODELS = """\
import os
import time
from pathlib import Path

import rfa_core as rfa


def done():
    net = rfa.Graph("done")
    net.conv("conv", filters=4, kernel=3)
    return net


def never():
    Path("begun").write_text(str(os.getpid()))
    time.sleep(3600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of Unix")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_who_ends_a_run_gets_the_reports_of_what_was_done(
    tmp_path: Path, end: signal.Signals
) -> None:
    (tmp_path / "models.py").write_text(MODELS, encoding="utf-8")
    targets = ("models.py::done", "models.py::never")
    reports = ("--report", "json:rfa.json", "--report", "markdown:rfa.md")
    run = subprocess.Popen(
        [sys.executable, "-m", "rfa_core", "check", "--res=8", "-n1", *targets, *reports],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    begun = tmp_path / "begun"
    while not (begun.exists() and begun.read_text()):
        assert run.poll() is None
        time.sleep(0.02)

    os.kill(run.pid, end)
    out, err = run.communicate()

    assert (run.returncode, out, err) == (130, "", "rfa: interrupted\n")
    report = json.loads((tmp_path / "rfa.json").read_text(encoding="utf-8"))
    assert [model["name"] for model in report["models"]] == ["models.py::done"]
    assert report["summary"]["exit_code"] == 130
    assert (tmp_path / "rfa.md").stat().st_size
    assert not Path("/proc", begun.read_text()).exists()
