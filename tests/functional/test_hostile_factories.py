"""Factories that hang, eat memory, exit, fork, ask, move, write and crash: the rest is checked."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is not watched here"),
]

MODELS = """\
import ctypes
import os
import signal
import time

from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3, padding=1)

    def forward(self, x):
        return self.conv(x)


class Ghost(Net):
    def __del__(self):
        raise ValueError("boo")


class Late(Net):
    def forward(self, x):
        os._exit(0)


def good() -> Net:
    return Net()


def never() -> Net:
    time.sleep(3600)


def eats() -> Net:
    kept = []
    while True:
        kept.append(os.urandom(1 << 20) * 8)


def exits() -> Net:
    os._exit(0)


def forks() -> Net:
    os.fork()
    return Net()


def asks() -> Net:
    input("how deep? ")
    return Net()


def moves() -> Net:
    os.chdir("/")
    return Net()


def writes() -> Net:
    open("written.txt", "w").close()
    return Net()


def ghost() -> Ghost:
    return Ghost()


def late() -> Late:
    return Late()


def crashes() -> Net:
    ctypes.string_at(0)


def fine() -> Net:
    return Net()
"""
EXITS = MODELS[: MODELS.index("def exits")].count("\n") + 2
LATE = MODELS[: MODELS.index("        os._exit(0)")].count("\n") + 1
ASKS = MODELS[: MODELS.index("def asks")].count("\n") + 2
FAILURES = {
    "never": "did not come to an end within 40 s (--timeout)",
    "eats": "took more than 2 GB of memory (--memory-limit)",
    "exits": f"exits when it is called (at models.py:{EXITS})",
    "asks": "raises EOFError: it asks for input, and there is no one to answer when it is called "
    f"(at models.py:{ASKS})",
    "late": f"exits when it is run (at models.py:{LATE})",
    "crashes": "lost the process that built it to SIGSEGV: it crashed",
}
ANALYSED = ["good", "forks", "moves", "writes", "ghost", "fine"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "models.py").write_text(MODELS)
    return tmp_path


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "rfa_core", "check", "--res=64", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def running_in(folder: Path) -> list[int]:
    """The processes whose working directory is ``folder``, but for those that only await burial."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal():
            try:
                there = (process / "cwd").readlink() == folder
            except OSError:
                continue
            if there:
                found.append(int(process.name))
    return found


def all_gone(folder: Path) -> bool:
    for _ in range(200):
        if not running_in(folder):
            return True
        time.sleep(0.05)
    return False


def test_each_gets_its_reason_and_the_rest_its_verdict(project: Path) -> None:
    run = start(project, "--timeout=40", "--memory-limit=2GB", "--output-format=json")

    out, err = run.communicate()

    report = json.loads(out)
    failed = [model for model in report["models"] if model["status"] != "analysed"]
    analysed = [model["name"] for model in report["models"] if model["status"] == "analysed"]
    assert (run.returncode, err) == (1, "")
    assert analysed == [f"models.py::{name}" for name in ANALYSED]
    assert [(model["status"], model["error"]) for model in failed] == [
        ("untraceable" if name == "late" else "unbuildable", f"models.py::{name} {reason}")
        for name, reason in FAILURES.items()
    ]
    assert [each["code"] for each in report["findings"] if each["severity"] == "error"] == [
        "RFA903" if name == "late" else "RFA902" for name in FAILURES
    ]
    limited = [each["model"] for each in report["findings"] if "raise the limit" in each["help"]]
    assert limited == ["models.py::never", "models.py::eats"]
    assert (project / "written.txt").exists()
    assert all_gone(project)


@pytest.mark.parametrize("name", ["exits", "late", "crashes"])
def test_a_named_model_that_ends_the_process_is_never_green(project: Path, name: str) -> None:
    run = start(project, f"models.py::{name}", "--output-format=concise", "--fail-on=never")

    out, _ = run.communicate()

    assert run.returncode == 2
    assert FAILURES[name] in out


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_who_ends_the_run_ends_its_workers(project: Path, end: signal.Signals) -> None:
    (project / "models.py").write_text(
        MODELS.replace(
            "    time.sleep(3600)", "    open('begun', 'w').close()\n    time.sleep(3600)"
        )
    )
    run = start(project, "models.py::never")
    while not (project / "begun").exists():
        assert run.poll() is None
        time.sleep(0.05)

    os.kill(run.pid, end)
    out, err = run.communicate()

    expected = (-end, "") if end == signal.SIGKILL else (130, "rfa: interrupted\n")
    assert (run.returncode, err, out) == (*expected, "")
    assert all_gone(project)
