"""Beside the plugins that people have: nothing is lost, doubled or confused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[[str, str], Path]

NETS = """\
import os
from pathlib import Path

import rfa_core


def chain(depth: int) -> rfa_core.Graph:
    with Path("built.txt").open("a") as log:
        log.write(f"{depth} {os.environ.get('PYTEST_XDIST_WORKER')}\\n")
    net = rfa_core.Graph("chain", channels=3)
    for number in range(depth):
        net.conv(f"conv{number}", filters=8, kernel=3)
    return net


def shallow() -> rfa_core.Graph:
    return chain(3)


def deep() -> rfa_core.Graph:
    return chain(12)


def deeper() -> rfa_core.Graph:
    return chain(20)
"""
TEST = """\
def test_other():
    assert True
"""


@pytest.fixture
def nets(pytester: pytest.Pytester, write: Write) -> pytest.Pytester:
    """Three models: one is productive at 16 and at 20 px, two are not."""
    write(
        "pyproject.toml",
        """\
[tool.pytest.ini_options]
testpaths = ["tests"]

[tool.rfa]
resolutions = [16, 20]
factories = ["nets:shallow", "nets:deep", "nets:deeper"]
""",
    )
    write("nets.py", NETS)
    write("tests/test_other.py", TEST)
    return pytester


CHECKS = [
    f"nets.py::rfa-{name}@{resolution}"
    for name in ("shallow", "deep", "deeper")
    for resolution in (16, 20)
]


def outcomes(result: pytest.RunResult) -> dict[str, str]:
    """Which check passed and which failed; xdist says it the other way round, and the group."""
    found = {}
    for line in result.outlines:
        check, outcome = (
            re.search(form, line) for form in (r"nets\.py::[\w@-]+@\d+", "PASSED|FAILED")
        )
        if check and outcome and "%]" in line:
            found[check[0]] = outcome[0]
    return found


EXPECTED = {check: "PASSED" if "shallow" in check else "FAILED" for check in CHECKS}


def built(nets: pytest.Pytester) -> list[str]:
    return sorted((nets.path / "built.txt").read_text().splitlines())


def test_workers_judge_as_one_process_does(nets: pytest.Pytester) -> None:
    pytest.importorskip("xdist")

    result = nets.runpytest_subprocess("--rfa", "-n", "2", "-v", "--rfa-report=json:rfa.json")

    assert outcomes(result) == EXPECTED
    report = json.loads((nets.path / "rfa.json").read_text())
    assert [(model["name"], len(model["resolutions"])) for model in report["models"]] == [
        ("nets:shallow", 2),
        ("nets:deep", 2),
        ("nets:deeper", 2),
    ]


def test_a_group_builds_each_model_once(nets: pytest.Pytester) -> None:
    pytest.importorskip("xdist")

    result = nets.runpytest_subprocess("--rfa", "-n", "2", "--dist", "loadgroup", "-v")

    assert outcomes(result) == EXPECTED
    assert [line.split()[0] for line in built(nets)] == ["12", "20", "3"]


def test_the_last_failures_of_grouped_workers_run_alone(nets: pytest.Pytester) -> None:
    pytest.importorskip("xdist")
    nets.runpytest_subprocess("--rfa", "-n", "2", "--dist", "loadgroup")

    result = nets.runpytest_subprocess("--rfa", "--lf", "-v")

    assert list(outcomes(result)) == [check for check in CHECKS if "deep" in check]


def test_a_worker_that_dies_fails_the_check_and_no_other(
    nets: pytest.Pytester, write: Write
) -> None:
    pytest.importorskip("xdist")
    write("nets.py", NETS.replace("return chain(12)", "os.kill(os.getpid(), 9)"))

    result = nets.runpytest_subprocess("--rfa", "-n", "2", "-v")

    found = outcomes(result)
    assert {check: found[check] for check in CHECKS} == EXPECTED
    result.stdout.fnmatch_lines(["*worker 'gw*' crashed while running 'nets.py::rfa-deep@16'*"])


def test_coverage_sees_the_models_being_built(nets: pytest.Pytester) -> None:
    pytest.importorskip("pytest_cov")

    result = nets.runpytest_subprocess("--rfa", "--cov=nets", "--cov-report=term-missing")

    result.assert_outcomes(passed=3, failed=4)
    result.stdout.re_match_lines([r"nets\.py +\d+ +0 +100%"])


def test_a_random_order_changes_no_outcome(
    nets: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pytest_randomly")
    monkeypatch.delenv("PYTEST_ADDOPTS")

    result = nets.runpytest_subprocess("--rfa", "--randomly-seed=4", "-v")

    assert outcomes(result) == EXPECTED


def test_what_fails_again_is_reported_once(nets: pytest.Pytester) -> None:
    pytest.importorskip("pytest_rerunfailures")

    result = nets.runpytest_subprocess("--rfa", "--reruns", "1", "--rfa-report=json:rfa.json")

    result.assert_outcomes(passed=3, failed=4)
    result.stdout.fnmatch_lines(["*4 failed, 3 passed, 4 rerun*"])
    report = json.loads((nets.path / "rfa.json").read_text())
    assert [len(model["resolutions"]) for model in report["models"]] == [2, 2, 2]


def test_a_model_that_never_ends_fails_by_the_timeout(nets: pytest.Pytester, write: Write) -> None:
    pytest.importorskip("pytest_timeout")
    write("nets.py", NETS.replace("return chain(12)", "import time; time.sleep(60)"))

    checks = [f"nets.py::rfa-{check}" for check in ("shallow@16", "deep@16", "shallow@20")]
    alone = ("-p", "no:rerunfailures")  # whose thread would be printed amid the outcomes
    result = nets.runpytest_subprocess("--rfa", "--timeout=8", "-v", *alone, *checks)

    assert outcomes(result) == dict(zip(checks, ("PASSED", "FAILED", "PASSED"), strict=True))
    result.stdout.fnmatch_lines(["*Timeout*8.0s*"])


def test_the_page_of_pytest_html_has_every_check(nets: pytest.Pytester) -> None:
    pytest.importorskip("pytest_html")

    nets.runpytest_subprocess("--rfa", "--html=page.html", "--self-contained-html")

    page = (nets.path / "page.html").read_text()
    assert [check for check in CHECKS if check not in page] == []
    assert "already receives" in page


def test_an_annotation_stands_at_the_model_once(
    nets: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pytest_github_actions_annotate_failures")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(nets.path))

    result = nets.runpytest_subprocess("--rfa", "nets.py::rfa-deep@16")

    annotations = [line for line in result.outlines + result.errlines if line.startswith("::")]
    (annotation,) = annotations
    assert annotation.startswith("::error ")
    assert "file=nets.py,line=" in annotation
    assert "RFA101 unproductive-layer" in annotation


@pytest.mark.parametrize(
    "options",
    [["-p", "no:cacheprovider"], ["-W", "error"], ["--durations=3"], ["-p", "no:terminal"]],
    ids=" ".join,
)
def test_pytests_own_options_change_no_outcome(nets: pytest.Pytester, options: list[str]) -> None:
    result = nets.runpytest_subprocess("--rfa", "--junitxml=junit.xml", *options)

    junit = (nets.path / "junit.xml").read_text()
    assert (result.ret, 'failures="4"' in junit, 'tests="7"' in junit) == (1, True, True)


def test_the_ids_are_listed(nets: pytest.Pytester) -> None:
    result = nets.runpytest_subprocess("--rfa", "--collect-only", "-q")

    assert result.outlines[:7] == ["tests/test_other.py::test_other", *CHECKS]
    assert not (nets.path / "built.txt").exists()


CONFIGURATIONS = {
    "pytest.ini": "[pytest]\naddopts = --rfa-res=16 --rfa-target=nets:deep\ntestpaths = tests\n",
    "setup.cfg": "[tool:pytest]\naddopts = --rfa-res=16 --rfa-target=nets:deep\n",
    "pytest.toml": '[pytest]\naddopts = ["--rfa-res=16", "--rfa-target=nets:deep"]\n',
}


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_options_may_stand_in_any_configuration(
    pytester: pytest.Pytester, write: Write, name: str
) -> None:
    if name.endswith(".toml") and int(pytest.__version__.partition(".")[0]) < 9:
        pytest.skip("pytest reads its own TOML from version 9 on")
    write("nets.py", NETS)
    write("tests/test_other.py", TEST)
    write(name, CONFIGURATIONS[name])

    result = pytester.runpytest_subprocess("-v")

    assert outcomes(result) == {"nets.py::rfa-deep@16": "FAILED"}
    result.assert_outcomes(passed=1, failed=1)


def test_models_that_print_and_warn_are_judged_all_the_same(
    nets: pytest.Pytester, write: Write
) -> None:
    loud = "import warnings\nwarnings.warn('on import', FutureWarning)\nprint('imported')\n"
    building = "    warnings.warn('on the way', DeprecationWarning)\n    print('building', depth)\n"
    write("nets.py", f"{loud}{NETS}".replace("    with Path", f"{building}    with Path"))

    result = nets.runpytest_subprocess("--rfa", "-v", "-W", "error")

    assert outcomes(result) == EXPECTED
    result.stdout.no_fnmatch_line("building*")
    result.stdout.no_fnmatch_line("*Traceback*")


def test_another_plugin_with_our_option_is_named(pytester: pytest.Pytester, write: Write) -> None:
    write("conftest.py", "")
    write(
        "other.py",
        "def pytest_addoption(parser):\n    parser.addoption('--rfa', action='store_true')\n",
    )

    result = pytester.runpytest_subprocess("-p", "other")

    assert result.ret != 0
    assert "--rfa" in "\n".join([*result.outlines, *result.errlines])


def test_a_conftest_that_fails_is_pytests_to_report(nets: pytest.Pytester, write: Write) -> None:
    write("conftest.py", "raise RuntimeError('no setup')\n")

    result = nets.runpytest_subprocess("--rfa")

    assert result.ret == 4
    result.stderr.fnmatch_lines(["*RuntimeError: no setup*"])


@pytest.mark.parametrize("options", [[], ["-n", "1"]], ids=["alone", "xdist"])
def test_an_interrupt_leaves_the_reports_of_what_was_done(
    nets: pytest.Pytester, write: Write, options: list[str]
) -> None:
    stop = "raise KeyboardInterrupt"
    if options:
        pytest.importorskip("xdist")
        once = "once = Path('once'); once.exists() or (once.touch(), os.kill(os.getppid(), 2))"
        stop = f"{once}; return chain(20)"
    write("nets.py", NETS.replace("return chain(20)", stop))

    result = nets.runpytest_subprocess(
        "--rfa", "--rfa-report=json:rfa.json", "--rfa-report=markdown:rfa.md", *options
    )

    report = json.loads((nets.path / "rfa.json").read_text())
    assert (result.ret, report["summary"]["exit_code"]) == (2, 130)
    assert {model["name"] for model in report["models"]} <= {"nets:shallow", "nets:deep"}
    assert (nets.path / "rfa.md").stat().st_size
