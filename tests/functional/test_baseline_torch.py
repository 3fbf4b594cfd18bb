"""A project with a history: what it has accepted, and what changes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import CHAIN

pytestmark = pytest.mark.torch

MODELS = f"""\
{CHAIN}

def one():
    return Net(17, 3, 3)


def two():
    return Net(19, 3)
"""
ACCEPTED = """\
{
  "version": 1,
  "findings": [
    {"rule": "RFA101", "model": "acme.py::one", "resolution": [16, 16], "layer": "layers.1"},
    {"rule": "RFA101", "model": "acme.py::one", "resolution": [16, 16], "layer": "layers.2"},
    {"rule": "RFA101", "model": "acme.py::two", "resolution": [16, 16], "layer": "layers.1"}
  ]
}
"""
FILE = ".rfa-baseline.json"
UNIT = " (one for each layer of a finding)"
Rfa = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.rfa]\nresolutions = [16]\nselect = ["RFA101", "RFA9"]\n', encoding="utf-8"
    )
    (tmp_path / "acme.py").write_text(MODELS, encoding="utf-8")
    (tmp_path / FILE).write_text(ACCEPTED, encoding="utf-8")
    return tmp_path


@pytest.fixture
def rfa(project: Path) -> Rfa:
    """Run the command; ``ci`` is what the environment says."""

    def rfa(*arguments: str, ci: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rfa_core", *arguments],
            cwd=project,
            env={**os.environ, "CI": ci, "RFA_OUTPUT_FORMAT": "concise"},
            capture_output=True,
            text=True,
            check=False,
        )

    return rfa


def _change(project: Path, old: str, new: str) -> None:
    text = (project / "acme.py").read_text(encoding="utf-8")
    assert old in text
    (project / "acme.py").write_text(text.replace(old, new), encoding="utf-8")


def test_what_is_written_is_accepted_and_moves_with_its_layer(project: Path, rfa: Rfa) -> None:
    (project / FILE).unlink()
    written = rfa("baseline", "write")
    _change(project, "class Net", "\n\n# a line more\nclass Net")
    checked = rfa("check", "-n", "2", "--output-format", "json", "acme.py::one", "acme:two")

    assert (written.returncode, written.stderr) == (0, "")
    assert written.stdout.splitlines() == [
        ".rfa-baseline.json: 3 entries, 3 new, 0 gone (one for each layer of a finding)",
        "+ acme.py::one at 16 px: RFA101 layers.1, layers.2",
        "+ acme.py::two at 16 px: RFA101 layers.1",
    ]
    assert (project / FILE).read_text(encoding="utf-8") == ACCEPTED
    assert (checked.returncode, checked.stderr) == (0, "")
    assert json.loads(checked.stdout)["summary"]["baselined"] == 2


def test_one_new_for_one_fixed_is_seen_and_the_fixed_one_dropped(project: Path, rfa: Rfa) -> None:
    _change(project, "Net(19, 3)", "Net(15, 3, 3)")

    in_ci = rfa("check", ci="true")
    unchanged = (project / FILE).read_text(encoding="utf-8")
    locally = rfa("check")

    stale = (
        ".rfa-baseline.json:6:5: RFA911 acme.py::two: the baseline accepts what is fixed: "
        "RFA101 at 16 px in layers.1"
    )
    new = "acme.py:18:1: RFA101 acme.py::two: layers.2 is past the border at 16 px: "
    assert in_ci.returncode == locally.returncode == 1
    assert [line for line in in_ci.stdout.splitlines() if "RFA911" in line] == [stale]
    assert unchanged == ACCEPTED
    assert [line[: len(new)] for line in locally.stdout.splitlines()[:-1]] == [new]
    assert locally.stderr == "rfa: 1 fixed entry dropped from .rfa-baseline.json\n"
    assert (project / FILE).read_text(encoding="utf-8") == "".join(
        line
        for line in ACCEPTED.replace('layers.2"},', 'layers.2"}').splitlines(keepends=True)
        if "acme.py::two" not in line
    )


def test_in_ci_a_stale_entry_alone_fails_unless_its_severity_says_otherwise(
    project: Path, rfa: Rfa
) -> None:
    _change(project, "Net(19, 3)", "Net(3, 3)")

    failing = rfa("check", ci="1")
    passing = rfa("check", "--severity", "RFA911=warning", ci="1")

    assert (failing.returncode, passing.returncode) == (1, 0)
    assert failing.stdout.splitlines()[-1] == "Checked 2 models at 16 px: 1 error"
    assert passing.stdout.splitlines()[-1] == "Checked 2 models at 16 px: 1 warning"


def test_only_what_was_run_counts_as_fixed(project: Path, rfa: Rfa) -> None:
    _change(project, "Net(19, 3)", "Net(3, 3)")
    _change(project, "Net(17, 3, 3)", "Net(3, 3)")

    other_resolution = rfa("check", "--res", "32")
    other_rule = rfa("check", "--select", "RFA102,RFA911")
    kept = (project / FILE).read_text(encoding="utf-8")
    pruned = rfa("baseline", "prune", "acme:two", ci="1")

    assert (other_resolution.stderr, other_rule.stderr, kept) == ("", "", ACCEPTED)
    assert pruned.stdout.splitlines() == [
        ".rfa-baseline.json: 2 entries, 0 new, 1 gone (one for each layer of a finding)",
        "- acme.py::two at 16 px: RFA101 layers.1",
    ]


def test_writing_for_one_model_keeps_what_others_have_and_failures_keep_theirs(
    project: Path, rfa: Rfa
) -> None:
    _change(project, "Net(17, 3, 3)", "Net(None, 3, 3)")
    _change(project, "Net(19, 3)", "Net(19, 3, 3)")

    part = rfa("baseline", "write", "acme.py::two")
    whole = rfa("baseline", "write")

    head, change = ".rfa-baseline.json: 4 entries, ", "acme.py::two at 16 px: RFA101 layers.2"
    assert (part.returncode, part.stdout) == (0, f"{head}1 new, 0 gone{UNIT}\n+ {change}\n")
    assert (whole.returncode, whole.stdout) == (2, f"{head}0 new, 0 gone{UNIT}\n")
    assert whole.stderr.startswith("rfa: acme.py::one has no verdict: ")


def test_a_conflict_is_refused_by_all_but_the_command_that_settles_it(
    project: Path, rfa: Rfa
) -> None:
    lines = ACCEPTED.splitlines(keepends=True)
    conflicted = "".join(
        [*lines[:3], "<<<<<<< HEAD\n", lines[3], "=======\n", lines[4], ">>>>>>> b\n", *lines[5:]]
    )
    (project / FILE).write_text(conflicted, encoding="utf-8")

    refused = [rfa(*command) for command in (["check"], ["baseline", "show"])]
    part = rfa("baseline", "write", "--res", "16")
    kept = (project / FILE).read_text(encoding="utf-8")
    settled = rfa("baseline", "write")

    for result in refused:
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr == (
            "rfa: error: .rfa-baseline.json:4: expected a settled merge, found conflicts in lines "
            "4 to 8\n  `rfa baseline write` settles them: it writes what it finds now\n"
        )
    assert (part.returncode, part.stdout) == (2, "")
    assert "settle them by `rfa baseline write` without a target" in part.stderr
    assert kept == conflicted
    assert settled.returncode == 0
    assert (project / FILE).read_text(encoding="utf-8") == ACCEPTED


def test_a_file_that_is_named_must_be_there_and_is_shown_without_a_model(
    project: Path, rfa: Rfa
) -> None:
    missing = rfa("check", "--baseline", "other.json")
    (project / FILE).rename(project / "other.json")
    shown = rfa("baseline", "show", "--baseline", "other.json")
    content = rfa("baseline", "show", "--baseline", "other.json", "--format", "json")

    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr == (
        "rfa: error: --baseline: there is no file other.json\n"
        "  `rfa baseline write` makes one of all findings\n"
    )
    assert shown.stdout.splitlines() == [
        "other.json: 3 entries (one for each layer of a finding)",
        "acme.py::one at 16 px: RFA101 layers.1, layers.2",
        "acme.py::two at 16 px: RFA101 layers.1",
    ]
    assert json.loads(content.stdout)["findings"] == json.loads(ACCEPTED)["findings"]
