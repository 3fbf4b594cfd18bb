"""How checks run and how they are reported, with an engine that judges by name."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rfa_core.api import Outcome, Session
from rfa_core.discovery.candidates import Target
from rfa_core.errors import RfaError

Write = Callable[[str, str], Path]
Judged = list[tuple[str, str]]

SHALLOW = "src/acme/models.py::rfa-shallow@64"
DEEP = "src/acme/models.py::rfa-deep@64"


def normalised(result: pytest.RunResult) -> str:
    """The output without durations, versions and the width of rules."""
    text = "\n".join(result.outlines)
    text = re.sub(r"in \d+\.\d+s( \([^)]*\))?", "in 0s", text)
    text = re.sub(r"([=_-])\1{3,}", r"\1\1\1", text)
    return re.sub(r"^(platform|rootdir|plugins|cachedir).*\n", "", text, flags=re.MULTILINE)


def test_the_whole_output_of_a_run(project: pytest.Pytester, judged: Judged) -> None:
    result = project.runpytest("--rfa-res=64", "-p", "no:cacheprovider")

    assert normalised(result) == (
        """\
=== test session starts ===
rfa: 2 models, 2 checks
configfile: pyproject.toml
testpaths: tests
collected 3 items

tests/test_other.py .                                                    [ 33%]
src/acme/models.py .F                                                    [100%]

=== FAILURES ===
___ rfa deep @ 64 ___
error RFA101 unproductive-layer  src/acme/models.py:7:1
  5 |     def __init__(self, depth: int) -> None:
  6 |         super().__init__()
  7 |         layers = [nn.Conv2d(3 if n == 0 else 8, 8, 3, padding=1) for n in range(depth)]
    |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  8 |         self.layers = nn.Sequential(*layers)
  acme.models:deep at 64 px
  made up for acme.models:deep at 64 px
=== receptive fields ===
model    at  wasted  findings
shallow  64    0.0%  1 warning
deep     64   25.0%  1 error
wasted: the share of the parameters that sits in unproductive layers
=== short test summary info ===
FAILED src/acme/models.py::rfa-deep@64 - RFA101 unproductive-layer: made up f...
=== 1 failed, 2 passed in 0s ===\
"""
    )
    assert judged == [("acme.models:shallow", "64"), ("acme.models:deep", "64")]


@pytest.mark.usefixtures("judged")
def test_a_quiet_run_has_no_table(project: pytest.Pytester) -> None:
    result = project.runpytest("--rfa-res=64", "-q")

    result.stdout.no_fnmatch_line("*receptive fields*")


def test_the_first_failure_stops_the_run(project: pytest.Pytester, judged: Judged) -> None:
    result = project.runpytest("--rfa-res=64,96", "--rfa-only", "-x", "-k", "deep")

    result.assert_outcomes(failed=1, deselected=2)
    assert judged == [("acme.models:deep", "64")]


def test_the_last_failures_run_alone(project: pytest.Pytester, judged: Judged) -> None:
    project.runpytest("--rfa-res=64")
    judged.clear()

    result = project.runpytest("--rfa-res=64", "--lf")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["run-last-failure: rerun previous 1 failure*"])
    assert judged == [("acme.models:deep", "64")]


def test_the_last_failure_of_a_model_without_a_file_runs_alone(
    project: pytest.Pytester, judged: Judged
) -> None:
    names = ("acme.models:shallow", "copy:deepcopy")
    options = ["--rfa-res=64", *(f"--rfa-target={name}" for name in names)]
    project.runpytest(*options)
    judged.clear()

    project.runpytest(*options, "--lf")

    assert judged == [("copy:deepcopy", "64")]


def test_failed_first_runs_the_failures_first(project: pytest.Pytester, judged: Judged) -> None:
    project.runpytest("--rfa-res=64")
    judged.clear()

    project.runpytest("--rfa-res=64", "--ff")

    assert judged == [("acme.models:deep", "64"), ("acme.models:shallow", "64")]


def test_stepwise_goes_on_at_the_failure(project: pytest.Pytester, judged: Judged) -> None:
    project.runpytest("--rfa-res=64", "--sw")
    judged.clear()

    result = project.runpytest("--rfa-res=64", "--sw")

    result.assert_outcomes(failed=1, deselected=2)
    assert judged == [("acme.models:deep", "64")]


@pytest.mark.usefixtures("judged")
def test_node_ids_are_printed_as_they_can_be_given(project: pytest.Pytester) -> None:
    result = project.runpytest("--rfa-res=64", "-v", DEEP, SHALLOW)

    result.stdout.fnmatch_lines([f"{DEEP} FAILED*", f"{SHALLOW} PASSED*"])


@pytest.mark.usefixtures("judged")
def test_a_junit_file_has_flat_properties_and_a_short_message(project: pytest.Pytester) -> None:
    project.runpytest("--rfa-res=64", "--junitxml=junit.xml", "-k", "deep")

    (case,) = ElementTree.parse(project.path / "junit.xml").iter("testcase")
    assert (case.get("classname"), case.get("name")) == ("src.acme.models", "rfa-deep@64")
    properties = {each.get("name"): each.get("value") for each in case.iter("property")}
    assert properties == {
        "rfa_model": "acme.models:deep",
        "rfa_resolution": "64",
        "rfa_status": "analysed",
        "rfa_unproductive": "0",
        "rfa_full_kernel": "0",
        "rfa_critical": "0",
        "rfa_partial": "0",
        "rfa_productive": "0",
        "rfa_not_judged": "0",
        "rfa_waste_parameters": "0.25",
        "rfa_waste_macs": "0.0",
        "rfa_errors": "1",
        "rfa_warnings": "0",
        "rfa_infos": "0",
    }
    (failure,) = case.iter("failure")
    message = "RFA101 unproductive-layer: made up for acme.models:deep at 64 px"
    assert failure.get("message") == message
    assert failure.text is not None
    assert "Traceback" not in failure.text


def test_what_a_model_warns_about_is_no_failure(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, judged: Judged
) -> None:
    quiet = Session.check

    def check(session: Session, target: Target, resolutions: object) -> Outcome:
        warnings.warn("from the user's model", UserWarning, stacklevel=1)
        return quiet(session, target, resolutions)

    monkeypatch.setattr(Session, "check", check)

    result = project.runpytest("--rfa-res=64", "-W", "error", SHALLOW)

    result.assert_outcomes(passed=1)
    assert judged == [("acme.models:shallow", "64")]


def test_an_expected_error_is_shown_without_a_traceback(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(*_: object) -> Outcome:
        raise RfaError("resolution 64x64x64 has 3 numbers", "write one")

    monkeypatch.setattr(Session, "check", check)

    result = project.runpytest("--rfa-res=64", SHALLOW)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["resolution 64x64x64 has 3 numbers", "  write one"])
    result.stdout.no_fnmatch_line("*Error*")


@pytest.mark.usefixtures("judged")
def test_the_packages_of_a_model_are_not_set_up(project: pytest.Pytester, write: Write) -> None:
    write("src/conftest.py", "")

    result = project.runpytest("--rfa-res=64", "src")

    result.assert_outcomes(passed=1, failed=1)
