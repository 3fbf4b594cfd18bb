"""The tutorial and the recipes: whoever types what they show sees what they show.

A page is a session in one folder. Its commands of ``rfa`` and ``pytest`` are run in order, what
stands below them is compared with what they print; a block that begins with the name of a file is
that file, and a block in ``diff`` is applied. ``RFA_UPDATE_GOLDEN=1`` writes the output into the
pages anew.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from projects import written

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork"),
]

CHECKOUT = Path(__file__).resolve().parents[2]
FOREIGN = CHECKOUT / "examples" / "pytorch_cifar"
ON_FOREIGN_MODELS = ("docs/tutorial.md", "docs/recipes/legacy-zoo.md")
RECIPES = sorted(path.relative_to(CHECKOUT) for path in CHECKOUT.glob("docs/recipes/*.md"))
ALL = ["docs/tutorial.md", *(path.as_posix() for path in RECIPES)]
NEEDS = {"docs/recipes/keras.md": "keras"}
BLOCK = re.compile(r"^```(console|diff|toml|python|ini)\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
FILE = re.compile(r"# ([\w./-]+\.\w+)\n")
BEFOREHAND = ("python -m pip ", "git ", "cd ", "pre-commit ")
"""Commands that need the network or the whole repository."""
Run = Callable[[Path, list[str]], tuple[int, str]]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    pytest.importorskip("torchvision")
    steering = ("COLUMNS", "CI", "NO_COLOR", "FORCE_COLOR", "PYTEST_ADDOPTS")
    environment = {name: value for name, value in os.environ.items() if name not in steering}
    runner = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("run_sessions.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={
            **environment,
            "PYTHONPATH": str(CHECKOUT),
            "PYTHONWARNINGS": "ignore",
            "KERAS_BACKEND": "torch",  # the process has it already
        },
    )
    assert runner.stdin is not None
    assert runner.stdout is not None
    asks, answers = runner.stdin, runner.stdout

    def run(folder: Path, words: list[str]) -> tuple[int, str]:
        asks.write(json.dumps([str(folder), words]) + "\n")
        asks.flush()
        code, text = json.loads(answers.readline())
        return code, _normal(text, folder)

    yield run
    runner.communicate()


def _normal(text: str, folder: Path) -> str:
    text = text.replace(str(folder), f"/home/you/{folder.name}")
    text = re.sub(r"\bin \d+\.\d\ds\b", "in 1.00s", text)
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


@pytest.mark.parametrize("page", ALL, ids=str)
def test_a_page_shows_what_its_commands_print(page: str, run: Run, tmp_path: Path) -> None:
    if page in NEEDS and importlib.util.find_spec(NEEDS[page]) is None:
        pytest.skip(f"needs {NEEDS[page]}")
    home = tmp_path / "project"
    if page in ON_FOREIGN_MODELS:
        home = Path(shutil.copytree(FOREIGN, tmp_path / "pytorch-cifar"))
    (home / ".git").mkdir(parents=True)
    text = (CHECKOUT / page).read_text(encoding="utf-8")

    seen = BLOCK.sub(lambda block: _played(*block.groups(), home, run), text)

    if os.environ.get("RFA_UPDATE_GOLDEN"):
        (CHECKOUT / page).write_text(seen, encoding="utf-8")
    assert seen == text


def _played(language: str, block: str, home: Path, run: Run) -> str:
    """The block as it would look, once what it says is done."""
    named = FILE.match(block)
    if language == "console":
        block = "".join(_shown(block, home, run))
    elif language == "diff":
        _apply(block, home)
    elif named:
        written(home, {named[1]: block.removeprefix(named[0])})
    return f"```{language}\n{block}```\n"


def _shown(block: str, home: Path, run: Run) -> Iterator[str]:
    code = 0
    for line in block.splitlines(keepends=True):
        if not line.startswith("$ "):
            continue
        yield line
        command, _, last = line.removeprefix("$ ").strip().partition(" | tail -n ")
        if command.startswith(BEFOREHAND):
            continue
        text = str(code)
        if command != "echo $?":
            code, text = run(home, shlex.split(command))
        yield "".join(f"{each}\n" for each in text.splitlines()[-int(last or 0) :])


def _apply(diff: str, home: Path) -> None:
    (name,) = re.findall(r"^\+\+\+ b/(\S+)$", diff, re.MULTILINE)
    text = (home / name).read_text(encoding="utf-8")
    for hunk in re.split(r"^@@.*\n", diff, flags=re.MULTILINE)[1:]:
        before, after = (_side(hunk, sign) for sign in "-+")
        assert text.count(before) == 1
        text = text.replace(before, after)
    (home / name).write_text(text, encoding="utf-8")


def _side(hunk: str, sign: str) -> str:
    lines = hunk.splitlines(keepends=True)
    return "".join(line[1:] for line in lines if line.startswith((sign, " ")))
