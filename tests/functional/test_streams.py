"""Output streams that are full, closed, gone or of another encoding, as the system has them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

import rfa_core as rfa

Shell = Callable[..., subprocess.CompletedProcess[bytes]]
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
needs_shell = pytest.mark.skipif(sys.platform == "win32", reason="needs a shell")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Run a line of shell; ``check`` in it checks a model with a dead layer, saved as JSON, and
    ``rule`` lists the rules."""
    net = rfa.Graph("deep")
    for number in range(20):
        net.conv(f"conv{number}", filters=4, kernel=3)
    net.save(tmp_path / "deep.rfa.json")
    (tmp_path / ".git").mkdir()

    def run(line: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
        line = line.replace("check", "check deep.rfa.json --res 8")
        without_encoding = {k: v for k, v in os.environ.items() if k != "PYTHONIOENCODING"}
        return subprocess.run(
            ["bash", "-o", "pipefail", "-c", f"{sys.executable} -m rfa_core {line}"],
            cwd=tmp_path,
            env={**without_encoding, "FORCE_COLOR": "", **environment},
            capture_output=True,
            check=False,
        )

    return run


@needs_shell
@pytest.mark.parametrize(
    ("line", "code", "error"),
    [
        ("check | head -1", 1, b""),
        ("check 2>&1 | true", 1, b""),
        ("check --report json:. 2>&1 | true", 2, b""),
        ("check --res 0 2>&1 | true", 2, b""),
        ("rule 2>&-", 0, b""),
        (
            "rule >&-",
            2,
            b"rfa: error: cannot write to stdout: it is closed\n  write to a file with -o\n",
        ),
        pytest.param(
            "rule >/dev/full",
            2,
            b"rfa: error: cannot write to stdout: No space left on device\n",
            marks=needs_full,
        ),
        pytest.param("rule RFA999 >/dev/null 2>/dev/full", 2, b"", marks=needs_full),
    ],
)
def test_a_stream_that_cannot_be_written_to_is_no_traceback(
    shell: Shell, line: str, code: int, error: bytes
) -> None:
    done = shell(line)

    assert (done.returncode, done.stderr) == (code, error)


@needs_shell
def test_a_report_may_go_to_another_program_or_to_a_stream(shell: Shell) -> None:
    reports = "--report json-lines:/dev/stderr --report json-lines:>(cat >&2)"

    done = shell(f"check {reports} >/dev/null")

    assert done.returncode == 1
    assert set(Counter(done.stderr.splitlines()).values()) == {2}


@needs_shell
@pytest.mark.parametrize(
    "environment", [ASCII, {"PYTHONIOENCODING": "ascii"}], ids=["locale", "encoding"]
)
def test_what_a_terminal_cannot_show_is_spelled_out(
    shell: Shell, environment: dict[str, str]
) -> None:
    done = shell("check", **environment)

    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.isascii()
    assert b"x unproductive" in done.stdout


@needs_shell
def test_what_programs_read_is_utf_8_whatever_the_locale(shell: Shell) -> None:
    done = shell("check --output-format junit", **ASCII)

    assert "✖" in done.stdout.decode("utf-8")
