"""Which checks are collected, under which names. Nothing of the user's is imported for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Write = Callable[[str, str], Path]

SHALLOW = "src/acme/models.py::rfa-shallow@64"
DEEP = "src/acme/models.py::rfa-deep@64"
OTHER = "tests/test_other.py::test_other"


def collected(project: pytest.Pytester, *options: str) -> list[str]:
    """The node ids of a run, in its order."""
    result = project.runpytest("--rfa-res=64", "--collect-only", "-q", *options)
    result.stderr.no_fnmatch_line("*")
    return [line for line in result.outlines if "::" in line]


def test_models_outside_of_testpaths_follow_the_tests(project: pytest.Pytester) -> None:
    assert collected(project) == [OTHER, SHALLOW, DEEP]


def test_every_resolution_is_an_item_of_its_own(project: pytest.Pytester) -> None:
    found = collected(project, "--rfa-res=96x128", "--rfa-only")

    file = "src/acme/models.py::"
    assert found == [
        f"{file}{name}"
        for name in ("rfa-shallow@64", "rfa-shallow@96x128", "rfa-deep@64", "rfa-deep@96x128")
    ]


@pytest.mark.parametrize("path", ["src", "src/acme", "src/acme/models.py"])
def test_a_path_selects_the_models_below_it(project: pytest.Pytester, path: str) -> None:
    assert collected(project, path) == [SHALLOW, DEEP]


def test_a_path_without_models_selects_none(project: pytest.Pytester) -> None:
    assert collected(project, "tests") == [OTHER]


def test_the_root_folder_selects_everything(project: pytest.Pytester) -> None:
    assert collected(project, ".") == [OTHER, SHALLOW, DEEP]


@pytest.mark.parametrize(("folder", "expected"), [("tests", [OTHER]), ("src", [SHALLOW, DEEP])])
def test_a_run_started_in_a_folder_is_a_run_of_that_folder(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, folder: str, expected: list[str]
) -> None:
    monkeypatch.chdir(project.path / folder)

    assert collected(project) == expected


@pytest.mark.parametrize("nodeid", [SHALLOW, DEEP])
def test_a_node_id_selects_one_check(project: pytest.Pytester, nodeid: str) -> None:
    assert collected(project, nodeid) == [nodeid]


def test_a_node_id_does_not_import_the_module(project: pytest.Pytester, write: Write) -> None:
    source = (project.path / "src/acme/models.py").read_text()
    write("src/acme/models.py", f"{source}\nraise RuntimeError\n")

    assert collected(project, DEEP) == [DEEP]


def test_an_unknown_node_id_is_not_found(project: pytest.Pytester) -> None:
    result = project.runpytest("--rfa-res=32", DEEP)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: not found: *rfa-deep@64"])


def test_named_targets_run_beside_the_paths_given(project: pytest.Pytester) -> None:
    assert collected(project, "tests", "--rfa-target=acme.models:deep") == [OTHER, DEEP]


def test_a_model_of_no_file_hangs_on_the_configuration_file(project: pytest.Pytester) -> None:
    nodeid = "pyproject.toml::rfa-copy:deepcopy@64"
    target = "--rfa-target=copy:deepcopy"

    assert collected(project, target) == [OTHER, nodeid]
    assert collected(project, target, nodeid) == [nodeid]
    assert collected(project, target, "-k", "deepcopy") == [nodeid]


def test_a_model_of_no_file_hangs_on_the_root_where_nothing_is_configured(
    pytester: pytest.Pytester,
) -> None:
    found = collected(pytester, "--rfa-target=copy:deepcopy")

    assert found == [".::rfa-copy:deepcopy@64"]


def test_a_target_by_path_is_named_after_its_factory(project: pytest.Pytester) -> None:
    assert collected(project, "--rfa-target=src/acme/models.py::deep") == [OTHER, DEEP]


def test_a_wrong_name_is_a_check_of_its_own_beside_the_others(project: pytest.Pytester) -> None:
    wrong, right = "--rfa-target=acme.models:deeep", "--rfa-target=acme.models:deep"

    found = collected(project, wrong, right, "--rfa-only")

    assert found == ["pyproject.toml::rfa-acme.models:deeep@64", DEEP]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["-k", "deep"], [DEEP]),
        (["-k", "models and not deep"], [SHALLOW]),
        (["-k", "rfa and 64"], [SHALLOW, DEEP]),
        (["-m", "rfa"], [SHALLOW, DEEP]),
        (["-m", "not rfa"], [OTHER]),
        (["--deselect", DEEP], [OTHER, SHALLOW]),
        (["--ignore=src/acme"], [OTHER]),
        (["--ignore=src/acme/models.py"], [OTHER]),
        (["-p", "no:cacheprovider", "--strict-markers", "-W", "error"], [OTHER, SHALLOW, DEEP]),
    ],
)
def test_pytests_own_selection_applies(
    project: pytest.Pytester, options: list[str], expected: list[str]
) -> None:
    assert collected(project, *options) == expected


def test_a_test_file_with_models_keeps_its_tests(project: pytest.Pytester, write: Write) -> None:
    write("tests/test_models.py", "def test_it(): ...\ndef tiny(): ...\n")
    target = "--rfa-target=tests/test_models.py::tiny"
    test, check = "tests/test_models.py::test_it", "tests/test_models.py::rfa-tiny@64"

    assert collected(project, target) == [test, OTHER, check]
    assert set(collected(project, target, "tests/test_models.py")) == {test, check}
    assert collected(project, target, test) == [test]
    assert collected(project, target, check) == [check]


def test_tests_in_a_file_given_by_name_are_kept(project: pytest.Pytester, write: Write) -> None:
    write("demo.py", "def tiny(): ...\ndef test_it(): ...\n")

    found = collected(project, "--rfa-target=demo.py::tiny", "demo.py")

    assert set(found) == {"demo.py::test_it", "demo.py::rfa-tiny@64"}


def test_the_tree_shows_the_file_and_its_checks(project: pytest.Pytester) -> None:
    result = project.runpytest("--rfa-res=64", "--collect-only", "--rfa-only")

    assert "\n".join(line for line in result.outlines if "<" in line) == (
        "<ModelFile models.py>\n  <ModelItem rfa-shallow@64>\n  <ModelItem rfa-deep@64>"
    )


def test_a_file_that_does_not_parse_stops_no_other_model(
    project: pytest.Pytester, write: Write
) -> None:
    write("pyproject.toml", "[tool.rfa]\npaths = ['src']\n")
    write("src/acme/broken.py", "def broken(:\n")

    found = collected(project)

    assert DEEP in found


def test_a_project_behind_a_symbolic_link_keeps_its_names(
    project: pytest.Pytester, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(project.path, target_is_directory=True)

    found = collected(project, f"{link}/{DEEP}", f"{link}/tests")

    assert found == [DEEP, OTHER]
