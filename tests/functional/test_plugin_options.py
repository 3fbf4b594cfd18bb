"""What turns a run on and off, and what it says of impossible options."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import rfa_core

Write = Callable[[str, str], Path]
Judged = list[tuple[str, str]]


def test_nothing_is_checked_unless_asked_for(project: pytest.Pytester, judged: Judged) -> None:
    result = project.runpytest()

    result.assert_outcomes(passed=1)
    assert judged == []


def test_a_resolution_turns_the_run_on(project: pytest.Pytester, judged: Judged) -> None:
    result = project.runpytest("--rfa-res=64")

    result.assert_outcomes(passed=2, failed=1)
    assert judged == [("acme.models:shallow", "64"), ("acme.models:deep", "64")]


@pytest.mark.parametrize(
    "options", [["--rfa-res=64,96x128"], ["--rfa-res=64", "--rfa-res=96x128", "--rfa-res=64"]]
)
def test_resolutions_are_repeated_or_separated_by_commas(
    project: pytest.Pytester, judged: Judged, options: list[str]
) -> None:
    project.runpytest(*options, "-k", "shallow")

    assert judged == [("acme.models:shallow", "64"), ("acme.models:shallow", "96x128")]


def test_rfa_alone_takes_the_configured_resolutions(
    pytester: pytest.Pytester, write: Write, judged: Judged
) -> None:
    write("models.py", "def one(): ...\ndef two(): ...\n")
    write(
        "pyproject.toml",
        """\
        [tool.rfa]
        resolutions = [32]
        factories = ["models:one", { target = "models:two", resolutions = [48, 64] }]
        """,
    )

    pytester.runpytest("--rfa")

    assert judged == [("models:one", "32"), ("models:two", "48"), ("models:two", "64")]


def test_resolutions_on_the_command_line_replace_the_configured_ones(
    pytester: pytest.Pytester, write: Write, judged: Judged
) -> None:
    write("models.py", "def two(): ...\n")
    write(
        "pyproject.toml",
        """\
        [tool.rfa]
        resolutions = [32]
        factories = [{ target = "models:two", resolutions = [48, 64] }]
        """,
    )

    pytester.runpytest("--rfa-res=16")

    assert judged == [("models:two", "16")]


@pytest.mark.parametrize("on", ["--rfa", "--rfa-res=64"])
def test_no_rfa_wins(project: pytest.Pytester, judged: Judged, on: str) -> None:
    result = project.runpytest("--no-rfa", on, "--rfa-target=nonsense")

    result.assert_outcomes(passed=1)
    assert judged == []


def test_named_targets_are_all_that_is_checked(project: pytest.Pytester, judged: Judged) -> None:
    project.runpytest("--rfa-res=64", "--rfa-target=acme.models:deep", "--rfa-target=copy:deepcopy")

    assert judged == [("acme.models:deep", "64"), ("copy:deepcopy", "64")]


def test_rfa_only_collects_nothing_else(project: pytest.Pytester, judged: Judged) -> None:
    result = project.runpytest("--rfa-res=64", "--rfa-only", "--collect-only", "-q")

    assert result.outlines[:2] == [
        "src/acme/models.py::rfa-shallow@64",
        "src/acme/models.py::rfa-deep@64",
    ]
    result.stdout.fnmatch_lines(["2 tests collected in *"])
    assert judged == []


@pytest.mark.usefixtures("judged")
@pytest.mark.parametrize(
    ("level", "failed"), [("error", 1), ("warning", 2), ("info", 2), ("never", 0)]
)
def test_fail_on_sets_the_severity_that_fails(
    project: pytest.Pytester, level: str, failed: int
) -> None:
    result = project.runpytest("--rfa-res=64", "--rfa-only", f"--rfa-fail-on={level}")

    result.assert_outcomes(passed=2 - failed, failed=failed)


@pytest.mark.usefixtures("judged")
def test_a_report_holds_every_check_of_the_run(project: pytest.Pytester) -> None:
    project.runpytest("--rfa-res=64,96", "--rfa-report=json:out/rfa.json")

    report = json.loads((project.path / "out/rfa.json").read_text())
    assert report["summary"] == {
        "models": 2,
        "findings": 4,
        "errors": 2,
        "warnings": 2,
        "infos": 0,
        "suppressed": 0,
        "baselined": 0,
        "exit_code": 1,
    }
    sizes = [[at["resolution"] for at in model["resolutions"]] for model in report["models"]]
    assert sizes == [[[64, 64], [96, 96]]] * 2


@pytest.mark.usefixtures("judged")
def test_configured_reports_are_written_below_the_project_root(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.path.joinpath("rfa.toml").write_text(
        "reports = ['json:out/rfa.json']\nresolutions = [64]\nfactories = ['acme.models:shallow']\n"
    )
    monkeypatch.chdir(project.path / "tests")

    project.runpytest("--rfa", "--rootdir=..", "--rfa-report=concise:here.txt", "--rfa-only", "..")

    report = json.loads((project.path / "out/rfa.json").read_text())
    assert [model["name"] for model in report["models"]] == ["acme.models:shallow"]
    assert (project.path / "tests/here.txt").exists()


@pytest.mark.usefixtures("judged")
def test_a_report_that_cannot_be_written_costs_no_other(project: pytest.Pytester) -> None:
    result = project.runpytest(
        "--rfa-res=64", "--rfa-report=json:.", "--rfa-report=sarif:rfa.sarif"
    )

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: rfa: cannot write {project.path}: it is a folder; *"])
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*made up for acme.models:deep at 64 px*"])
    log = json.loads((project.path / "rfa.sarif").read_text())
    assert len(log["runs"][0]["results"]) == 2


def test_a_report_that_draws_has_pictures(project: pytest.Pytester) -> None:
    net = rfa_core.Graph("net")
    net.conv("conv", filters=8, kernel=3)
    net.save(project.path / "net.rfa.json")

    project.runpytest(
        "--rfa-res=64", "--rfa-target=net.rfa.json", "--rfa-report=markdown:rfa.md", "--rfa-only"
    )

    assert "```mermaid\n" in (project.path / "rfa.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("judged")
def test_nothing_is_written_when_only_collecting(project: pytest.Pytester) -> None:
    project.runpytest("--rfa-res=64", "--rfa-report=json:rfa.json", "--collect-only")

    assert not (project.path / "rfa.json").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rfa-res=abc"], "*'abc'*"),
        (["--rfa-res=0"], "*'0'*"),
        (["--rfa-res=64x"], "*'64x'*"),
        (["--rfa-res=64", "--rfa-select=RFA9999"], "*'RFA9999'*"),
        (["--rfa-res=64", "--rfa-target=acme.models:deeep"], "*did you mean*deep*"),
        (["--rfa-res=64", "--rfa-target=nowhere/"], "*nowhere*"),
        (["--rfa-res=64", "--rfa-report=yaml:x"], "*there is no format 'yaml'*"),
        (["--rfa-res=64", "--rfa-report=json"], "*expected FORMAT:PATH*'json'*"),
        (["--rfa-res=64", "--rfa-fail-on=all"], "*invalid choice: 'all'*"),
        (["--rfa"], "*no resolution to judge acme.models:shallow at*"),
    ],
)
def test_an_impossible_option_is_a_usage_error(
    project: pytest.Pytester, judged: Judged, options: list[str], message: str
) -> None:
    result = project.runpytest(*options)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])
    result.stderr.no_fnmatch_line("*Traceback*")
    assert judged == []


def test_every_mistake_in_the_configuration_is_named(
    pytester: pytest.Pytester, write: Write
) -> None:
    write("pyproject.toml", '[tool.rfa]\nresolution = [64]\nfail-on = "all"\n')

    result = pytester.runpytest("--rfa")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        ["*pyproject.toml:2: *did you mean 'resolutions'*", "*pyproject.toml:3: fail-on: *'all'*"]
    )


def test_a_project_without_models_is_a_usage_error(pytester: pytest.Pytester, write: Write) -> None:
    write("tests/test_other.py", "def test_other():\n    pass\n")

    result = pytester.runpytest("--rfa-res=64")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: rfa: no models found*", "*--rfa-target=*"])


def test_naming_a_target_turns_the_run_on(
    project: pytest.Pytester, judged: list[tuple[str, str]]
) -> None:
    project.path.joinpath("rfa.toml").write_text("resolutions = [64]\n")

    result = project.runpytest("--rfa-target=acme.models:shallow", "--rfa-only")

    result.assert_outcomes(passed=1)
    assert judged == [("acme.models:shallow", "64")]
