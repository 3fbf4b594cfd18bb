"""Comments and the baseline in a pytest run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from projects import CHAIN

pytestmark = pytest.mark.torch

Write = Callable[[str, str], Path]

MODELS = f"""\
{CHAIN}

def accepted():
    return Net(17, 3)


def fixed():
    return Net(3, 3)


def silenced():  # rfa: ignore[RFA101] as published
    return Net(19, 3)
"""
ENTRY = '{{"rule": "RFA101", "model": "nets.py::{}", "resolution": [16, 16], "layer": "layers.1"}}'
HEAD, TAIL = '{\n  "version": 1,\n  "findings": [\n    ', "\n  ]\n}\n"
BOTH = HEAD + ",\n    ".join([ENTRY.format("accepted"), ENTRY.format("fixed")]) + TAIL
ONE = HEAD + ENTRY.format("accepted") + TAIL
STALE = "the baseline accepts what is fixed: RFA101 at 16 px in layers.1"


@pytest.fixture
def nets(pytester: pytest.Pytester, write: Write) -> pytest.Pytester:
    pytester.makepyprojecttoml('[tool.rfa]\nselect = ["RFA101", "RFA9"]\npaths = ["nets.py"]\n')
    write("nets.py", MODELS)
    return pytester


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "xdist"])
def test_what_is_accepted_or_silenced_passes_and_what_is_fixed_is_dropped(
    nets: pytest.Pytester, write: Write, workers: list[str]
) -> None:
    file = write(".rfa-baseline.json", BOTH)

    result = nets.runpytest_subprocess("--rfa-res=16", *workers)

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["rfa: 1 fixed entry dropped from .rfa-baseline.json"])
    assert file.read_text(encoding="utf-8") == ONE


def test_in_ci_an_entry_that_accepts_what_is_fixed_fails_its_model(
    nets: pytest.Pytester, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    file = write("accepted.json", BOTH)

    result = nets.runpytest_subprocess("--rfa-res=16", "--rfa-baseline=accepted.json")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        ["error RFA911 stale-baseline-entry  accepted.json:5:5", f"  {STALE}"]
    )
    assert file.read_text(encoding="utf-8") == BOTH


def test_only_the_checks_that_ran_say_what_is_fixed(nets: pytest.Pytester, write: Write) -> None:
    file = write(".rfa-baseline.json", BOTH)

    result = nets.runpytest_subprocess("--rfa-res=16", "-k", "accepted")

    result.assert_outcomes(passed=1, deselected=2)
    assert file.read_text(encoding="utf-8") == BOTH


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "ERROR: rfa: b.json:1:2: expected JSON, found: *"),
        (None, "ERROR: rfa: --rfa-baseline: there is no file b.json"),
    ],
)
def test_a_file_with_mistakes_stops_the_run(
    nets: pytest.Pytester, write: Write, text: str | None, said: str
) -> None:
    if text is not None:
        write("b.json", text)

    result = nets.runpytest("--rfa-res=16", "--rfa-baseline=b.json")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([said])
