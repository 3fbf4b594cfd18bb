"""``rfa diff`` on reports that ``rfa check`` wrote, before and after an edit."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import rfa_core as rfa
from rfa_core.cli import main

Report = Callable[..., str]


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Report:
    """Write the report of networks of so many convolutions, the first with a stride, at 16 px."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rfa.toml").write_text('resolutions = [16]\nselect = ["RFA101", "RFA201"]\n')

    def check(name: str, **depths: int) -> str:
        targets = []
        for model, depth in depths.items():
            net = rfa.Graph(model)
            for number in range(depth):
                net.conv(f"conv{number}", filters=4, kernel=3, stride=2 if number == 0 else 1)
            net.save(tmp_path / f"{model}.rfa.json")
            targets.append(f"{model}.rfa.json")
        main(["check", *targets, "-q", "-n", "1", "--output-format", "json", "-o", name])
        return name

    return check


def test_the_whole_text_of_what_became_worse(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = report("old.json", net=6, other=2), report("new.json", net=8, other=2)

    code = main(["diff", old, new])

    assert code == 1
    assert capsys.readouterr().out.splitlines() == [
        "net.rfa.json at 16 px",
        "  unproductive layers: 1 -> 3",
        "  wasted parameters: 17 % -> 39 %",
        "  wasted MACs: 17 % -> 39 %",
        "  parameters: 852 -> 1,148",
        "  MACs: 53 k -> 71.4 k",
        "+ error RFA101 net.rfa.json at 16 px: conv6, conv7",
        "Findings, layer by layer: 2 new, 0 fixed, 0 not checked any more, 0 at another line, "
        "1 unchanged",
    ]


def test_what_is_fixed_is_no_failure(report: Report, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = report("old.json", net=8), report("new.json", net=4)

    code = main(["diff", old, new])

    out = capsys.readouterr().out
    assert code == 0
    assert "- error RFA101 net.rfa.json at 16 px: conv5, conv6, conv7" in out
    assert out.splitlines()[-1].startswith("Findings, layer by layer: 0 new, 3 fixed, 0 not")


def test_a_model_that_was_not_checked_again_is_not_fixed(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = report("old.json", net=8, other=2), report("new.json", other=2)

    code = main(["diff", old, new])

    assert code == 0
    assert capsys.readouterr().out.splitlines() == [
        "net.rfa.json at 16 px: not checked any more",
        "? error RFA101 net.rfa.json at 16 px: conv5, conv6, conv7",
        "Findings, layer by layer: 0 new, 0 fixed, 3 not checked any more, 0 at another line, "
        "0 unchanged",
    ]


def test_json_holds_both_states_of_a_model_and_its_layers(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = report("old.json", net=6), report("new.json", net=8)

    main(["diff", old, new, "--format", "json"])

    document = json.loads(capsys.readouterr().out)
    (model,) = document["models"]
    assert [told["layer"] for told in document["new"]] == ["conv6", "conv7"]
    assert (model["name"], model["resolution"]) == ("net.rfa.json", [16, 16])
    assert (model["before"]["unproductive"], model["after"]["unproductive"]) == (1, 3)
    assert model["fields"] == {}


def test_markdown_is_a_table_and_the_findings(
    report: Report, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = report("old.json", net=6), report("new.json", net=8)

    main(["diff", old, new, "--format", "markdown"])

    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "| model | px | ✖ | wasted parameters | wasted MACs | parameters | MACs |"
    assert lines[4] == (
        "| net.rfa.json | 16 | 1 → **3** | 17 % → **39 %** | 17 % → **39 %** "
        "| 852 → **1,148** | 53 k → **71.4 k** |"
    )
    assert lines[6:8] == ["**New**", ""]


def test_a_footprint_that_grew_is_named(
    report: Report, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old = report("old.json", net=3)
    document = json.loads((tmp_path / old).read_text())
    (layer,) = (
        one for one in document["models"][0]["resolutions"][0]["layers"] if one["name"] == "conv2"
    )
    layer["receptive_field"]["max"] = [19, 23]
    (tmp_path / "new.json").write_text(json.dumps(document))

    main(["diff", old, "new.json"])

    assert capsys.readouterr().out.splitlines()[:2] == [
        "net.rfa.json at 16 px",
        "  sees, px: conv2 11 -> 19x23",
    ]


@pytest.mark.parametrize(
    ("fail_on", "code"), [("error", 1), ("warning", 1), ("info", 1), ("never", 0)]
)
def test_fail_on_says_what_matters(report: Report, fail_on: str, code: int) -> None:
    old, new = report("old.json", net=6), report("new.json", net=8)

    assert main(["diff", old, new, "--fail-on", fail_on]) == code


BROKEN = {
    "no file": (None, "cannot read new.json: No such file or directory"),
    "no JSON": ("<html>", "new.json: expected a JSON report, found"),
    "another version": ('{"version": 2}', "new.json: expected a report of version 1, found 2"),
    "no report": ("[1]", "new.json: expected a report of version 1, found none"),
    "another tool": (
        '{"version": 1, "tool": {"name": "ruff"}, "models": [], "findings": []}',
        "new.json: expected a report of rfa, found one of 'ruff'",
    ),
    "half a report": (
        '{"version": 1, "models": [{"name": "a"}], "findings": []}',
        "new.json: not the report of `rfa check`: KeyError: 'status'",
    ),
}


@pytest.mark.parametrize(("content", "said"), BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_no_report_is_refused(
    report: Report,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    content: str | None,
    said: str,
) -> None:
    old = report("old.json", net=2)
    if content is not None:
        (tmp_path / "new.json").write_text(content)

    code = main(["diff", old, "new.json"])

    assert code == 2
    assert said in capsys.readouterr().err


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project below a repository, with a commit tagged ``shallow`` and a deeper one."""
    project = tmp_path / "models"
    project.mkdir()
    git(tmp_path, "init", "--quiet")
    (project / "rfa.toml").write_text(
        'resolutions = [16]\nselect = ["RFA101"]\nfactories = ["net.rfa.json"]\n'
    )
    for depth in (6, 8):
        net = rfa.Graph("net")
        for number in range(depth):
            net.conv(f"conv{number}", filters=4, kernel=3, stride=2 if number == 0 else 1)
        net.save(project / "net.rfa.json")
        git(tmp_path, "add", "-A")
        git(tmp_path, "commit", "--quiet", "-m", f"{depth}")
        if depth == 6:
            git(tmp_path, "tag", "shallow")
    monkeypatch.chdir(project)
    return tmp_path


def test_two_revisions_are_checked_out_and_compared(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["diff", "shallow..HEAD"])

    out = capsys.readouterr().out
    assert code == 1
    assert "+ error RFA101 net.rfa.json at 16 px: conv6, conv7" in out
    worktrees = subprocess.run(
        ["git", "worktree", "list"], cwd=repository, check=True, capture_output=True, text=True
    )
    assert len(worktrees.stdout.splitlines()) == 1


def test_the_other_way_round_nothing_is_worse(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del repository

    code = main(["diff", "HEAD..shallow", "--res", "12"])

    assert code == 0
    assert "- error RFA101 net.rfa.json at 12 px: conv6, conv7" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("revisions", "said"),
    [
        ("shallow..nowhere", "git rev-parse: no such revision: nowhere"),
        ("shallow", "expected OLD.json NEW.json or two revisions as main..HEAD, found 'shallow'"),
        ("shallow...HEAD", "expected OLD.json NEW.json or two revisions"),
    ],
)
def test_what_are_no_revisions_is_said(
    repository: Path, capsys: pytest.CaptureFixture[str], revisions: str, said: str
) -> None:
    del repository

    code = main(["diff", revisions])

    assert code == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_revision_without_a_verdict_says_why(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "models" / "rfa.toml").write_text("resolution = 3\n")
    git(repository, "commit", "--quiet", "-am", "mistake")

    code = main(["diff", "shallow..HEAD"])

    err = " ".join(capsys.readouterr().err.split())
    assert code == 2
    assert "there is no report on HEAD" in err
    assert "resolution: unknown key; did you mean 'resolutions'?" in err
