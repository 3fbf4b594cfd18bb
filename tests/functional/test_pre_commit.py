"""``pre-commit try-repo`` with a clone of this project, in a scratch repository."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command in the scratch repository, where nothing of this machine is configured."""
    scripts = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **dict.fromkeys(("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"), "a tester"),
        **dict.fromkeys(("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"), "tester@example.org"),
    }

    def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=tmp_path / "scratch",
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def clone(checkout: Path, tmp_path: Path, run: Run) -> Path:
    """A clone of this project; the scratch repository holds a copy of the example."""
    scratch = tmp_path / "scratch"
    shutil.copytree(checkout / "examples/tiny_images", scratch)
    run("git", "init", "--quiet")
    run("git", "add", "--all")
    run("git", "commit", "--quiet", "--message=first")
    run("git", "clone", "--quiet", "--depth=1", checkout.as_uri(), tmp_path / "clone")
    return tmp_path / "clone"


def _repair(scratch: Path) -> None:
    """Leave only the model that passes."""
    models = scratch / "src/tiny_images/models.py"
    before, rest = models.read_text().split("def resnet18_imagenet_stem")
    models.write_text(before + rest[rest.index("def resnet18_small_stem") :])


@pytest.mark.torch
def test_the_hook_fails_on_a_finding_and_passes_after_the_repair(
    run: Run, clone: Path, tmp_path: Path
) -> None:
    hook = ["pre-commit", "try-repo", clone, "rfa", "--all-files"]

    failing = run(*hook)
    _repair(tmp_path / "scratch")
    passing = run(*hook)

    assert failing.returncode == 1
    assert "exit code: 1" in failing.stdout
    assert "RFA101" in failing.stdout
    assert "src/tiny_images/models.py" in failing.stdout
    assert passing.returncode == 0, passing.stdout
    assert "Passed" in passing.stdout


def test_the_hook_is_skipped_when_nothing_relevant_changed(
    run: Run, clone: Path, tmp_path: Path
) -> None:
    (tmp_path / "scratch/notes.txt").write_text("nothing to check\n")
    run("git", "add", "notes.txt")

    result = run("pre-commit", "try-repo", clone, "rfa", "--files", "notes.txt")

    assert result.returncode == 0
    assert "(no files to check)Skipped" in result.stdout


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        (
            "pyproject.toml",
            "[tool.rfa]\nresolution = 64\n",
            "pyproject.toml:2: resolution: unknown",
        ),
        (".rfa-baseline.json", '{"version": 1}', ".rfa-baseline.json:1: findings: expected a list"),
    ],
)
def test_the_configuration_hook_finds_mistakes_and_imports_no_framework(
    checkout: Path, tmp_path: Path, file: str, text: str, said: str
) -> None:
    hooks = yaml.safe_load((checkout / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (entry,) = (hook["entry"] for hook in hooks if hook["id"] == "rfa-config")
    program = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(['torch', 'tensorflow', 'keras', 'jax', 'onnx']))\n"
        "from rfa_core.cli import main\n"
        "sys.exit(main(sys.argv[2:]))\n"
    )
    command = [sys.executable, "-c", program, *shlex.split(entry)]
    (tmp_path / "pyproject.toml").write_text("[tool.rfa]\n", encoding="utf-8")

    clean = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    (tmp_path / file).write_text(text, encoding="utf-8")
    wrong = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (clean.returncode, clean.stdout) == (0, ".rfa-baseline.json: 0 entries\n")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert said in wrong.stderr
