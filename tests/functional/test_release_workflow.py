"""The workflow that releases: who may do what in it, and what its scripts do."""

from __future__ import annotations

import re
import shutil
import subprocess
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

import rfa_core

Job = dict[str, Any]


@pytest.fixture
def jobs(checkout: Path) -> dict[str, Job]:
    text = (checkout / ".github/workflows/release.yml").read_text(encoding="utf-8")
    found: dict[str, Job] = yaml.safe_load(text)["jobs"]
    return found


@pytest.mark.parametrize(("tag", "releases"), [("v1.2.0", True), ("v0", False), ("v1", False)])
def test_tags_of_versions_release_and_the_one_of_the_action_does_not(
    tag: str, releases: bool, checkout: Path
) -> None:
    text = (checkout / ".github/workflows/release.yml").read_text(encoding="utf-8")

    patterns = yaml.safe_load(text)[True]["push"]["tags"]  # YAML takes `on` for a truth value

    assert any(fnmatch(tag, pattern) for pattern in patterns) is releases


def test_the_package_says_the_version_that_is_released(checkout: Path) -> None:
    text = (checkout / "pyproject.toml").read_text(encoding="utf-8")

    assert re.findall(r'^version = "(.*)"$', text, re.MULTILINE) == [rfa_core.__version__]


def test_a_job_may_do_what_it_is_for_and_no_more(jobs: dict[str, Job]) -> None:
    found = {name: job.get("permissions", {}) for name, job in jobs.items()}

    assert found == {
        "build": {},
        "test": {},
        "attest": {"attestations": "write", "contents": "read", "id-token": "write"},
        "publish": {"id-token": "write"},
        "release": {"contents": "write"},
    }


def test_nothing_is_published_that_was_not_tested(jobs: dict[str, Job]) -> None:
    order = {name: job.get("needs") for name, job in jobs.items()}

    assert order == {
        "build": None, "test": "build", "attest": "test", "publish": "attest",
        "release": "publish",
    }  # fmt: skip


def test_actions_are_named_by_commit_but_for_the_one_that_moves(jobs: dict[str, Job]) -> None:
    used = {step["uses"] for job in jobs.values() for step in job["steps"] if "uses" in step}

    moving = {name for name in used if not re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", name)}
    assert moving == {"pypa/gh-action-pypi-publish@release/v1"}


def test_no_script_of_a_release_has_an_expression_pasted_into_it(jobs: dict[str, Job]) -> None:
    scripts = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]

    assert len(scripts) == 6
    assert [script for script in scripts if "${{" in script] == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize(
    ("tag", "changes", "code", "said"),
    [
        ("v1.2.0", "## 1.2.0\n\n### Added\n\n- This.\n\n## 1.1.0\n\n- That.\n", 0, ""),
        ("v1.2.0", "## [1.2.0] - some day\n\n### Added\n\n- This.\n", 0, ""),
        ("v1.2.1", "## 1.2.1\n\n- This.\n", 1, "pyproject.toml has 1.2.0, the tag is v1.2.1\n"),
        ("v1.2.0", "## Unreleased\n\n- This.\n", 1, "CHANGELOG.md says nothing of 1.2.0\n"),
        ("v1.2.0", "## 1.2.0\n\n## 1.1.0\n\n- That.\n", 1, "CHANGELOG.md says nothing of 1.2.0\n"),
    ],
    ids=["plain", "dated", "another version", "not named", "nothing said"],
)
def test_a_release_says_what_the_changelog_says_of_its_version(
    jobs: dict[str, Job], tmp_path: Path, tag: str, changes: str, code: int, said: str
) -> None:
    (script,) = (step["run"] for step in jobs["build"]["steps"] if "tag" in step.get("name", ""))
    (tmp_path / "pyproject.toml").write_text('[project]\nversion = "1.2.0"\n', encoding="utf-8")
    (tmp_path / "CHANGELOG.md").write_text(f"# Changelog\n\n{changes}", encoding="utf-8")

    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"GITHUB_REF_NAME": tag, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (code, said)
    if code == 0:
        notes = (tmp_path / "notes.md").read_text(encoding="utf-8")
        assert notes.strip() == "### Added\n\n- This."


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_links_of_the_readme_lead_somewhere_on_the_page_of_the_package(
    jobs: dict[str, Job], checkout: Path, tmp_path: Path
) -> None:
    (script,) = (step["run"] for step in jobs["build"]["steps"] if "links" in step.get("name", ""))
    shutil.copy(checkout / "README.md", tmp_path)
    (tmp_path / "notes.md").write_text("- See [here](docs/a.md#b), [there](https://c.d/e).\n")

    subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=tmp_path,
        env={
            "GITHUB_REF_NAME": "v1.2.0",
            "GITHUB_REPOSITORY": "acme/rfa",
            "PATH": "/usr/bin:/bin",
        },
        check=True,
    )

    base = "https://github.com/acme/rfa"
    before, after = (
        re.findall(r"(!?)\[[^]]*\]\((.*?)\)", (folder / "README.md").read_text(encoding="utf-8"))
        for folder in (checkout, tmp_path)
    )
    assert after == [
        (mark, target if ":" in target else f"{base}/{'raw' if mark else 'blob'}/v1.2.0/{target}")
        for mark, target in before
    ]
    assert (tmp_path / "notes.md").read_text() == (
        f"- See [here]({base}/blob/v1.2.0/docs/a.md#b), [there](https://c.d/e).\n"
    )
