"""Where the results of a check go, and what becomes of the others where one cannot be written."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rfa_core.cli import main
from rfa_core.findings import Finding, ModelReport, Report, ResolutionReport, Severity, Waste

AT_64 = ResolutionReport((64, 64), (64, 64), (), 0, Waste(0, 0))
MODEL = ModelReport("acme:net", "torch", "analysed", resolutions=(AT_64,))
FINDING = Finding(
    "RFA101", "unproductive-layer", Severity.ERROR, "acme:net", "dead", file="acme.py", line=3
)
REPORT = Report("0.1.0", (MODEL,), (FINDING,), (), 1)
HEADLINE = "Checked 1 model at 64 px: 1 error; 1 model has no layer to judge\n"
CONCISE = f"acme.py:3:1: RFA101 acme:net: dead\n{HEADLINE}"
ANNOTATION = "::error file=acme.py,line=3,title=RFA101 unproductive-layer::acme:net: dead\n"
CI = (
    "GITHUB_ACTIONS",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_WORKSPACE",
    "GITHUB_SERVER_URL",
    "CI_PROJECT_DIR",
    "RFA_OUTPUT_FORMAT",
)


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Report], None]:
    """Let the next check find this, in an empty project that no CI service runs."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in CI:
        monkeypatch.delenv(name, raising=False)

    def finds(report: Report) -> None:
        found = replace(report, root=str(tmp_path))
        monkeypatch.setattr("rfa_core.api.check", lambda *_, **__: found)

    finds(REPORT)
    return finds


@pytest.mark.usefixtures("checked")
def test_several_reports_are_written_in_one_run(tmp_path: Path) -> None:
    code = main(
        shlex.split(
            "check --res 64 -o main.txt --report json:a/b/rfa.json --report sarif:rfa.sarif "
            "--report junit:rfa.xml --report gitlab:gitlab.json --report json-lines:rfa.jsonl"
        )
    )

    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert code == 1
    assert names == {
        "main.txt",
        "rfa.json",
        "rfa.sarif",
        "rfa.xml",
        "gitlab.json",
        "rfa.jsonl",
    }
    assert json.loads((tmp_path / "a/b/rfa.json").read_text())["summary"]["errors"] == 1
    assert ElementTree.parse(tmp_path / "rfa.xml").getroot().get("failures") == "1"


BAD = {
    "/dev/full": "No space left on device",
    "folder": "it is a folder; name a file in it",
    "file/below.json": "file is a file, not a folder",
    "file/far/below.json": "file is a file, not a folder",
    "/proc/none/rfa.json": "No such file or directory",
    "n" * 300: "File name too long",
}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux")
@pytest.mark.parametrize(("path", "reason"), BAD.items(), ids=[name[:20] for name in BAD])
@pytest.mark.usefixtures("checked")
def test_a_file_that_cannot_be_written_costs_no_other(
    path: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept")

    options = [f"--report=json:{path}", "--report=junit:rfa.xml"]

    code = main(["check", "--res=64", "--output-format=concise", *options])

    output = capsys.readouterr()
    assert (code, output.out) == (2, CONCISE)
    assert output.err == f"rfa: error: cannot write {path}: {reason}\n"
    assert ElementTree.parse(tmp_path / "rfa.xml").getroot().get("tests") == "1"
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        ".git",
        "file",
        "folder",
        "rfa.xml",
    ]


@pytest.mark.usefixtures("checked")
def test_all_files_that_cannot_be_written_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rfa.toml").write_text('reports = ["json:.", "sarif:nul\\u0000byte", "json:ok"]\n')

    code = main(["check", "--res=64", "-o", "."])

    output = capsys.readouterr()
    assert (code, output.out) == (2, "")
    assert output.err == (
        f"rfa: error: cannot write {tmp_path}: it is a folder; name a file in it\n"
        f"cannot write {tmp_path}/nul\\x00byte: no file can have that name\n"
        "cannot write .: it is a folder; name a file in it\n"
    )
    assert (tmp_path / "ok").exists()


@pytest.mark.usefixtures("checked")
def test_a_format_that_cannot_be_made_costs_no_other(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> str:
        raise ZeroDivisionError("by chance")

    monkeypatch.setattr("rfa_core.report.sarif.render", fails)

    code = main(
        ["check", "--res=64", "--output-format=concise", "--report=sarif:a", "--report=json:b"]
    )

    output = capsys.readouterr()
    assert (code, output.out) == (2, CONCISE)
    assert output.err == (
        "rfa: error: cannot make a (sarif): ZeroDivisionError: by chance\n  please report it\n"
    )
    assert not (tmp_path / "a").exists()
    assert (tmp_path / "b").exists()


@pytest.mark.usefixtures("checked")
def test_an_interrupted_run_leaves_the_files_of_what_it_came_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, unfinished: Callable[[Report], None], **__: object) -> Report:
        unfinished(replace(REPORT, exit_code=130))
        raise KeyboardInterrupt

    monkeypatch.setattr("rfa_core.api.check", stopped)

    code = main(["check", "--res=64", "-o", "main.txt", "--report=json:.", "--report=json:b"])

    output = capsys.readouterr()
    assert (code, output.out) == (130, "")
    assert output.err == (
        "rfa: error: cannot write .: it is a folder; name a file in it\nrfa: interrupted\n"
    )
    assert json.loads((tmp_path / "b").read_text())["summary"]["exit_code"] == 130
    assert (tmp_path / "main.txt").read_text().endswith(HEADLINE)


@pytest.mark.parametrize(
    ("options", "annotated"),
    [
        ("", True),
        ("--report json:rfa.json", True),
        ("--output-format full", False),
        ("--output-format github", False),
    ],
)
@pytest.mark.usefixtures("checked")
def test_in_github_actions_a_plain_run_annotates_and_sums_up(
    options: str,
    annotated: bool,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    summary = _in_actions(tmp_path, monkeypatch)
    summary.write_text("before\n")

    code = main(["check", "--res=64", *options.split()])

    out = capsys.readouterr().out
    assert code == 1
    assert out.count("RFA101 unproductive-layer") == 1 + annotated
    assert out.endswith(f"{HEADLINE}{ANNOTATION}") is annotated
    assert summary.read_text().startswith("before\n")
    assert ("## Receptive fields" in summary.read_text()) is annotated


@pytest.mark.usefixtures("checked")
def test_the_environment_can_say_otherwise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = _in_actions(tmp_path, monkeypatch)
    monkeypatch.setenv("RFA_OUTPUT_FORMAT", "concise")

    main(["check", "--res=64"])

    assert capsys.readouterr().out == CONCISE
    assert not summary.exists()


@pytest.mark.usefixtures("checked")
def test_annotations_go_to_the_log_where_the_text_goes_to_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = _in_actions(tmp_path, monkeypatch)

    main(["check", "--res=64", "-o", "main.txt"])

    assert capsys.readouterr().out == ANNOTATION
    assert (tmp_path / "main.txt").read_text().endswith(HEADLINE)
    assert summary.exists()


def test_the_runner_obeys_nothing_in_the_text(
    checked: Callable[[Report], None],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _in_actions(tmp_path, monkeypatch)
    checked(replace(REPORT, findings=(replace(FINDING, message="a\n::error::forged\n##[x]"),)))

    main(["check", "--res=64"])

    lines = capsys.readouterr().out.splitlines()
    (start,) = [at for at, line in enumerate(lines) if line.startswith("::stop-commands::")]
    token = lines[start].removeprefix("::stop-commands::")
    end = lines.index(f"::{token}::")
    forged = [at for at, line in enumerate(lines) if re.search(r"^\s*::error::forged|##\[", line)]
    assert forged
    assert all(start < at < end or lines[at].startswith("::error file=") for at in forged)


@pytest.mark.usefixtures("checked")
def test_a_summary_that_is_full_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = _in_actions(tmp_path, monkeypatch)
    summary.write_text("x" * 995_000)

    code = main(["check", "--res=64"])

    assert code == 1
    assert summary.read_text() == "x" * 995_000
    assert capsys.readouterr().err == (
        "rfa: the summary of this step is full, nothing was added to it\n"
    )


@pytest.mark.usefixtures("checked")
def test_a_summary_that_cannot_be_written_costs_neither_text_nor_annotations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _in_actions(tmp_path, monkeypatch)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))

    code = main(["check", "--res=64"])

    output = capsys.readouterr()
    assert code == 2
    assert output.out.endswith(f"{HEADLINE}{ANNOTATION}")
    assert output.err == (
        f"rfa: error: cannot write the job's summary {tmp_path}: Is a directory\n"
    )


@pytest.mark.usefixtures("checked")
def test_the_summary_links_to_the_files_of_the_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    summary = _in_actions(tmp_path, monkeypatch)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(tmp_path.parent))
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.example")
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/vision")
    monkeypatch.setenv("GITHUB_SHA", "c0ffee")

    main(["check", "--res=64"])

    address = f"https://github.example/acme/vision/blob/c0ffee/{tmp_path.name}/acme.py#L3"
    assert f"[`acme.py:3`]({address})" in summary.read_text()


def _in_actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    summary = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    return summary
