"""What fuzzing found, said in full: where it is, what is wrong, what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

import rfa_core as rfa
from rfa_core.cli import main
from rfa_core.config.load import load_settings
from rfa_core.errors import ConfigurationError, TraceError

LONG = "x" * 5_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            "tie = 'productive'\nresolutions = [" + "9" * 4_400 + "]\n",
            "rfa.toml:2:16: expected TOML, found: a number of more than 4,300 digits",
        ),
        (
            "resolutions = " + "[" * 5_000,
            "rfa.toml:1:1: expected TOML, found: it is nested too deeply",
        ),
    ],
    ids=["a long number", "deep lists"],
)
def test_what_python_has_limits_for_is_a_mistake_in_the_file(
    content: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rfa.toml").write_text(content, encoding="utf-8")

    with pytest.raises(ConfigurationError) as raised:
        load_settings(tmp_path)

    assert raised.value.message == said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", LONG], "is no target"),
        (["check", f"{LONG}:net"], "there is no module"),
        (["list", LONG], "is no target"),
        (["check", "--baseline", LONG], "--baseline: there is no file"),
        (["check", "--config", LONG], "--config: expected a TOML file or 'key = value'"),
        (["check", "--config", "~nobody-of-that-name/rfa.toml"], "--config: expected a TOML file"),
        (["check", "--config", f"paths = ['{LONG}']"], "there is no file or folder"),
    ],
    ids=["target", "module", "folder", "baseline", "file", "user", "paths"],
)
def test_a_name_that_no_file_can_have_is_no_file(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    code = main([*arguments, "--no-cache"] if arguments[0] == "check" else arguments)

    told = capsys.readouterr().err
    assert (code, said in told, "internal error" in told) == (2, True, False), told[:200]


def test_a_graph_that_takes_more_memory_than_there_is_has_no_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("rfa_core.examination.analyse_graph", full)
    net = rfa.Graph("net")
    net.conv("stem", filters=8, kernel=3)

    with pytest.raises(TraceError) as raised:
        rfa.analyse(net, "64x32")

    assert str(raised.value) == (
        "net: at 64x32 px there is not the memory to follow its tensors\n"
        "  check it at a smaller resolution, or with more memory"
    )
