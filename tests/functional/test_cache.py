"""The cache, as its users meet it: what did not change is not built again, and all else is."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import projects
import pytest
from cached_project import COMMAND, FILES, HEAD, MODELS, Project

CHANGES: dict[str, tuple[Callable[[Project], None], list[str]]] = {
    "the model's own file": (
        lambda it: it.write("acme/alone.py", FILES["acme/alone.py"] + "\n"),
        ["alone"],
    ),
    "a file that the file of a block imports": (
        lambda it: it.write("acme/widths.py", "WIDTHS = [8, 9]\n"),
        ["block"],
    ),
    "a configuration read in the factory": (
        lambda it: it.write("acme/config.json", "[8, 9]"),
        ["config"],
    ),
    "package data read at import": (lambda it: it.write("acme/data/widths.txt", "8 9"), ["data"]),
    "a module that was not there when it was tried": (
        lambda it: it.write("acme/local.py", "WIDTHS = [9]\n"),
        ["conditional"],
    ),
    "a module that the factory imports": (
        lambda it: it.write("acme/deep.py", "WIDTHS = [9]\n"),
        ["late"],
    ),
    "a package that is upgraded": (lambda it: it.upgrade("fancy"), ["package"]),
    "a package that a package needs is upgraded": (lambda it: it.upgrade("inner"), ["setting"]),
    "an installed module without a version": (
        lambda it: it.write("site-packages/loosely.py", "WIDTH = 9\n"),
        ["loose"],
    ),
    "a module that a library gets by its name": (
        lambda it: it.write("acme/shared.py", "WIDTHS = [9]\n"),
        ["named", "renamed"],
    ),
    "a file that was looked for in vain": (
        lambda it: it.write("acme/override.json", "[8, 8]"),
        ["asked"],
    ),
    "a file opened for reading and writing": (
        lambda it: it.write("acme/override.json", "[8, 9]"),
        ["asked"],
    ),
    "an environment variable": (lambda it: it.environment.update(ACME_WIDTH="9"), ["variable"]),
    "an environment variable that a library is asked for": (
        lambda it: it.environment.update(ACME_SETTING="9"),
        ["setting"],
    ),
    "an environment variable that a library asks for by itself": (
        lambda it: it.environment.update(ACME_AT_IMPORT="9"),
        [],
    ),
    "a folder that is listed": (lambda it: it.write("acme/parts/two.part", ""), ["listing"]),
    "what all models import": (
        lambda it: it.write("acme/log.py", FILES["acme/log.py"] + "\n"),
        sorted(MODELS),
    ),
    "a package that no model needs": (Project.install_another, []),
    "a file that no model needs": (lambda it: it.write("acme/unused.py", ""), []),
    "a file written again as it was": (
        lambda it: it.write("acme/widths.py", "WIDTHS = [8, 9]\n"),
        [],
    ),
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_change_costs_the_models_that_depend_on_it_and_no_others(project: Project):
    first = project.built_by()
    again = project.built_by()

    built = {}
    for what, (change, _) in CHANGES.items():
        change(project)
        built[what] = project.built_by()

    assert (first, again) == (sorted(MODELS), [])
    assert built == {what: expected for what, (_, expected) in CHANGES.items()}


def test_other_arguments_resolutions_and_rules_are_other_results(project: Project):
    project.built_by()

    built = {
        "another resolution": project.built_by("--res", "32"),
        "the first one again": project.built_by(),
        "another policy": project.built_by("--config", "tie = 'productive'"),
        "another severity": project.built_by("--severity", "RFA103=warning"),
        "no cache": project.built_by("--no-cache"),
        "another cache": project.built_by("--cache-dir", "elsewhere"),
    }

    every = sorted(MODELS)
    assert built == {
        "another resolution": every,
        "the first one again": [],
        "another policy": every,
        "another severity": [],
        "no cache": every,
        "another cache": every,
    }
    assert (project.root / "elsewhere" / ".gitignore").read_text() == "# Made by rfa.\n*\n"


def test_what_is_said_is_the_same_with_and_without_a_cache(project: Project):
    project.write("acme/alone.py", f"{HEAD}\n\ndef alone():\n    return net('alone', [8] * 12)\n")
    arguments = ["check", "--extend-select", "RFA3", "-n", "1"]
    formats = ["full", "html"]

    without = [project.rfa(*arguments, "--no-cache", "--output-format", one) for one in formats]
    cold = project.rfa(*arguments, "--output-format", "concise")
    warm = [project.rfa(*arguments, "--output-format", one) for one in formats]
    again = [project.rfa(*arguments, "--output-format", one) for one in formats]

    expected = [(1, one.stdout, "") for one in without]
    assert cold.returncode == 1
    assert [(one.returncode, one.stdout, one.stderr) for one in warm] == expected
    assert [(one.returncode, one.stdout, one.stderr) for one in again] == expected


def test_a_check_made_before_imports_nothing_but_its_results(project: Project):
    project.rfa("check")
    project.rfa("check")
    code = (
        "import sys; from rfa_core.cli import main; status = main(['check']);"
        "print(*sorted(name for name in sys.modules if name.startswith(('rfa_core', 'acme')))); "
        "sys.exit(status)"
    )

    ran = projects.python(project.root, "-c", code, env=project.environment)

    assert ran.returncode == 0, ran.stderr
    imported = ran.stdout.splitlines()[-1].split()
    assert "rfa_core.cache.runs" in imported
    assert not {"acme", "rfa_core.api", "rfa_core.report", "rfa_core.config"} & set(imported)


def test_a_new_finding_in_a_file_that_was_not_there_is_found(project: Project):
    project.write("pyproject.toml", "[tool.rfa]\nresolutions = [16]\npaths = ['acme']\n")
    before = [project.rfa("check").returncode for _ in range(3)]
    deep = HEAD.replace("from acme.log import built\n", "")
    project.write("acme/new.py", f"{deep}\n\ndef deep():\n    return net('deep', [8] * 12)\n")

    after = project.rfa("check", "--output-format", "concise")

    assert before == [0, 0, 0]
    assert after.returncode == 1
    assert "acme.new:deep" in after.stdout


@pytest.mark.skipif(not COMMAND.exists(), reason="the command is not installed")
def test_the_command_finds_a_model_that_was_not_there_and_repeats_what_did_not_change(
    project: Project,
):
    project.write("pyproject.toml", "[tool.rfa]\nresolutions = [16]\npaths = ['acme']\n")
    project.by_command("check")
    (kept,) = (project.root / ".rfa_cache" / "runs").iterdir()
    written = kept.stat().st_ino
    again = project.by_command("check")
    repeated = kept.stat().st_ino == written
    deep = HEAD.replace("from acme.log import built\n", "")
    project.write("acme/new.py", f"{deep}\n\ndef deep():\n    return net('deep', [8] * 12)\n")

    after = project.by_command("check", "--output-format", "concise")

    assert (again.returncode, repeated, after.returncode) == (0, True, 1)
    assert "acme.new:deep" in after.stdout


def test_the_baseline_and_comments_are_heard_anew(project: Project):
    text = f"{HEAD}\n\ndef alone():\n    return net('alone', [8] * 12)\n"
    project.write("acme/alone.py", text)
    codes = [project.rfa("check").returncode for _ in range(3)]
    project.rfa("baseline", "write")
    accepted = [project.rfa("check").returncode for _ in range(2)]
    (project.root / ".rfa-baseline.json").unlink()
    found = project.rfa("check").returncode
    project.write("acme/alone.py", text.replace("alone():", "alone():  # rfa: ignore[RFA101] so"))

    assert codes == [1, 1, 1]
    assert (accepted, found) == ([0, 0], 1)
    assert project.rfa("check").returncode == 0


def test_a_model_without_a_verdict_is_tried_again(project: Project):
    project.write("acme/alone.py", "raise RuntimeError('not today')\n")
    first = project.rfa("check")
    second = project.rfa("check")
    project.write("acme/alone.py", FILES["acme/alone.py"])

    assert (first.returncode, second.returncode) == (2, 2)
    assert first.stdout == second.stdout
    assert project.rfa("check").returncode == 0


def test_a_damaged_entry_is_no_entry(project: Project):
    expected = project.rfa("check")
    for file in (project.root / ".rfa_cache").rglob("*.rfa"):
        file.write_bytes(file.read_bytes()[:-1] + b"?")

    assert project.built_by() == sorted(MODELS)
    assert project.rfa("check").stdout == expected.stdout


def test_where_the_cache_cannot_be_there_is_a_verdict_and_a_word(project: Project):
    expected = project.rfa("check", "--no-cache")
    (project.root / ".rfa_cache").write_text("in the way")

    ran = project.rfa("check")

    assert (ran.returncode, ran.stdout) == (0, expected.stdout)
    assert ran.stderr == f"rfa: {project.root}/.rfa_cache cannot hold the cache: Not a directory\n"


def test_runs_at_the_same_time_do_not_get_into_each_others_way(project: Project):
    with ThreadPoolExecutor(4) as pool:
        ran = list(pool.map(lambda _: project.rfa("check"), range(8)))

    assert {(one.returncode, one.stdout, one.stderr) for one in ran} == {(0, ran[0].stdout, "")}
    assert project.built_by() == []
    assert not list((project.root / ".rfa_cache").rglob("*.rfa.*"))


def test_a_clock_that_went_backwards_proves_nothing(project: Project):
    widths = project.root / "acme" / "widths.py"
    soon = time.time() + 3600
    os.utime(widths, (soon, soon))
    project.built_by()
    found = widths.stat()
    project.write("acme/widths.py", "WIDTHS = [9, 8]\n")
    os.utime(widths, ns=(found.st_atime_ns, found.st_mtime_ns))
    os.utime(project.root / "acme" / "deep.py", (soon, soon))

    assert project.built_by() == ["block"]


def test_info_and_clean_say_what_there_is_and_leave_nothing(project: Project):
    project.rfa("check")
    told = project.rfa("cache", "info")
    data = json.loads(project.rfa("cache", "info", "--format", "json").stdout)
    sizes = [file.stat().st_size for file in (project.root / ".rfa_cache" / "models").iterdir()]

    cleaned = project.rfa("cache", "clean")

    assert told.stdout.splitlines()[0] == f"{project.root}/.rfa_cache"
    assert told.stdout.splitlines()[1].split()[:2] == ["models", "14"]
    assert data["models"] == {"entries": 14, "bytes": sum(sizes)}
    assert data["runs"]["entries"] == 1
    assert cleaned.stderr.endswith(f"taken out of {project.root}/.rfa_cache\n")
    assert not (project.root / ".rfa_cache").exists()
    assert project.rfa("cache", "clean").returncode == 0


def test_clean_takes_nothing_that_is_not_its_own(project: Project):
    before = sorted(str(path) for path in (project.root / "acme").rglob("*.*"))
    project.rfa("check", "--cache-dir", "acme")

    project.rfa("cache", "clean", "--cache-dir", "acme")

    after = sorted(str(path) for path in (project.root / "acme").rglob("*.*"))
    assert [path for path in after if not path.endswith(".pyc")] == before
