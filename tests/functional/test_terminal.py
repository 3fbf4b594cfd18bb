"""The command in a real terminal, in pipes, and where there are only some characters."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from rfa_core.cli import spelling

NETS = """\
import time

import rfa_core as rfa


def net(layers: int) -> rfa.Graph:
    made = rfa.Graph("net", channels=3)
    for number in range(layers):
        made.conv(f"conv{number}", filters=8, kernel=3)
    made.global_pool("pool")
    return made


def deep() -> rfa.Graph:
    return net(9)


def slow() -> rfa.Graph:
    time.sleep(1.2)
    return net(2)


def last() -> rfa.Graph:
    time.sleep(0.3)
    return net(2)
"""
SETTINGS = '[tool.rfa]\nresolutions = [16]\nfactories = ["nets:deep", "nets:slow", "nets:last"]\n'
STEERING = (
    "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CI", "GITHUB_ACTIONS", "RFA_OUTPUT_FORMAT"
)  # fmt: skip
Run = Callable[..., tuple[int, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "nets.py").write_text(NETS, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    return tmp_path


@pytest.fixture
def terminal(project: Path) -> Iterator[Run]:
    """Runs ``rfa`` with stderr, and stdout unless it is given, in a pseudo-terminal."""
    pty = pytest.importorskip("pty", reason="needs pseudo-terminals")
    import fcntl
    import struct
    import termios

    def run(*arguments: str, columns: int = 80, **environment: str) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = start(project, arguments, environment, stdout=theirs, stderr=theirs)
        os.close(theirs)
        text = b"".join(_read(ours)).decode("utf-8")
        os.close(ours)
        return process.wait(), text.replace("\r\n", "\n")

    yield run


def test_in_a_terminal_there_are_colours_and_the_progress_of_what_lasts(terminal: Run) -> None:
    code, text = terminal("check", columns=70)

    assert code == 1
    assert "\x1b[1;31merror RFA101" in text
    assert re.search(r"nets:last .* 2/3 .* \d:\d\d left", _without_colour(text))
    plain = _without_colour(text.rpartition("\x1b[2K")[2])
    assert max(map(len, plain.splitlines())) == 70
    assert plain.endswith("\n\nChecked 3 models at 16 px: 1 error, 3 infos\n")


def test_in_a_narrow_terminal_without_colour_all_is_there(terminal: Run) -> None:
    code, text = terminal("check", "nets:deep", columns=20, NO_COLOR="1")

    assert code == 1
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) == 20
    assert "error RFA101" in text
    assert "Checked 1 model at" in text


def test_a_dumb_terminal_gets_text_alone(terminal: Run) -> None:
    code, text = terminal("check", TERM="dumb")

    assert code == 1
    assert "\x1b" not in text
    assert "2/3" not in text


def test_pipes_get_text_alone_unless_colour_is_forced(project: Path) -> None:
    plain = finished(project, "check", "nets:deep")
    forced = finished(project, "check", "nets:deep", FORCE_COLOR="1")

    assert (plain.returncode, plain.stderr) == (1, b"")
    assert b"\x1b" not in plain.stdout
    assert b"\x1b[1;31merror" in forced.stdout
    assert _without_colour(forced.stdout.decode()) == plain.stdout.decode()


@pytest.mark.parametrize("arguments", [("check", "nets:deep"), ("rule",)], ids="-".join)
def test_a_reader_that_goes_away_leaves_no_trace(arguments: tuple[str, ...], project: Path) -> None:
    process = start(project, arguments, {}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()

    code = process.wait()

    assert process.stderr is not None
    assert (code, process.stderr.read()) == (1 if arguments[0] == "check" else 0, b"")
    process.stderr.close()


ENCODED = {
    "ascii": [
        ". input                           1  16x16",
        "o conv0...6 - x7  conv 3x3     3 ... 15  16x16      3.73 k",
        "^ conv7         conv 3x3         17  16x16         584",
        "x conv8         conv 3x3         19  16x16         584",
        ". pool          global_pool       inf",
    ],
    "cp1252": [
        ". input                           1  16x16",
        "o conv0…6 · x7  conv 3x3     3 … 15  16x16      3.73 k",
        "^ conv7         conv 3x3         17  16x16         584",
        "x conv8         conv 3x3         19  16x16         584",
        ". pool          global_pool       inf",
    ],
}


@pytest.mark.parametrize("encoding", ENCODED)
def test_what_an_encoding_lacks_is_spelled_out(encoding: str, project: Path) -> None:
    done = finished(project, "show", "nets:deep", PYTHONIOENCODING=encoding)

    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(encoding).splitlines()[2:7] == ENCODED[encoding]


def test_every_sign_of_ours_is_spelled_and_others_are_escaped() -> None:
    spelling.register()

    text = "●▲◆✖■○ ├─│└ · – … ∞ ≤ é 😀".encode("ascii", spelling.ERRORS)

    assert text == rb"o^+x#. |-|` - - ... inf <= \xe9 \U0001f600"


def start(
    project: Path,
    arguments: tuple[str, ...],
    environment: Mapping[str, str],
    **streams: int,
) -> subprocess.Popen[bytes]:
    usual = {"TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8"}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name
        not in (
            "COLUMNS",
            "LINES",
            "NO_COLOR",
            "FORCE_COLOR",
            "CI",
            "GITHUB_ACTIONS",
            "RFA_OUTPUT_FORMAT",
        )
    }
    return subprocess.Popen(
        [sys.executable, "-m", "rfa_core", *arguments],
        cwd=project,
        env={**inherited, **usual, **environment},
        stdin=subprocess.DEVNULL,
        **streams,  # type: ignore[call-overload]
    )


def finished(
    project: Path, *arguments: str, **environment: str
) -> subprocess.CompletedProcess[bytes]:
    process = start(project, arguments, environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate()
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)


def _read(descriptor: int) -> Iterator[bytes]:
    """What is written until the last writer is gone."""
    while True:
        try:
            chunk = os.read(descriptor, 65_536)
        except OSError:
            return
        if not chunk:
            return
        yield chunk


def _without_colour(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text)
