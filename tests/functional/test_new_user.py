"""What a new user does, from an empty environment to a green run, with the built wheel.

The framework is that of the environment around; all else comes from the wheel.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(sys.platform == "win32", reason="folders of environments are those of Unix"),
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
]

CHECKOUT = Path(__file__).parents[2]
FOREIGN = CHECKOUT / "tests" / "cases" / "foreign"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SOURCES = ("rfa_core", "pytest_rfa", "pyproject.toml", "README.md", "LICENSE")


class User:
    """Somebody with a repository, and an environment with nothing of ours but the wheel."""

    def __init__(self, folder: Path) -> None:
        self.repository, self.environment = folder / "leaves", folder / "environment"
        shutil.copytree(FOREIGN, self.repository, ignore=shutil.ignore_patterns("__pycache__"))
        self.git("init", "--quiet")
        self.commit("Classify leaves")
        venv.create(self.environment, symlinks=True)
        self._install(wheel(folder))
        self._see_the_framework()

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment in the repository, with nothing of ours on the path."""
        variables = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTEST", "RFA", "COV_")) and name not in ("PYTHONPATH", "CI")
        }
        return subprocess.run(
            [self.environment / "bin" / program, *arguments],
            cwd=self.repository,
            env=variables,
            capture_output=True,
            text=True,
            check=False,
        )

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=A User", "-c", "user.email=user@example.com")
        run = subprocess.run(
            ["git", *who, *arguments],
            cwd=self.repository,
            capture_output=True,
            text=True,
            check=True,
        )
        return run.stdout

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def _install(self, file: Path) -> None:
        python = str(self.environment / "bin" / "python")
        pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index"]
        subprocess.run([*pip, "--no-deps", str(file)], check=True)

    def _see_the_framework(self) -> None:
        """The environment around comes after the user's own."""
        purelib = sysconfig.get_path("purelib", vars={"base": str(self.environment)})
        around = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
        (Path(purelib) / "around.pth").write_text("\n".join(around), encoding="utf-8")


def wheel(folder: Path) -> Path:
    """The wheel of this checkout, built from a copy of its sources."""
    sources, made = folder / "sources", folder / "wheels"
    sources.mkdir()
    for name in SOURCES:
        copy = shutil.copytree if (CHECKOUT / name).is_dir() else shutil.copy
        copy(CHECKOUT / name, sources / name)
    alone = ["--no-build-isolation"] if int(version("setuptools").split(".")[0]) >= 77 else []
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", *alone]
    subprocess.run([*pip, "--wheel-dir", str(made), str(sources)], check=True)
    (file,) = made.iterdir()
    return file


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> User:
    return User(tmp_path_factory.mktemp("user"))


@pytest.fixture
def browser() -> Iterator[Any]:
    pytest.importorskip("playwright", reason="needs playwright; the page was NOT opened")
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip("needs Chromium (Debian: apt install chromium); the page was NOT opened")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--headless", "--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


IN_TABLE = """() => Object.fromEntries([...document.querySelectorAll('#layers tbody tr')].map(
    row => [row.querySelector('button').title, row.dataset.verdict]))"""
NETWORK = "leaves/network.py"
TARGET = "leaves.network:leaf_net"
DEAD = "late.2.pointwise"


def test_from_an_empty_environment_to_a_green_run(user: User, browser: Any) -> None:
    of_the_wheel(user)
    set_up(user)
    page = finding_and_page(user)
    opened(browser, page)
    repaired(user)
    green(user)


def of_the_wheel(user: User) -> None:
    """What is imported is what was installed, and knows its entry points."""
    code = "import pytest_rfa, rfa_core; print(rfa_core.__file__, pytest_rfa.__file__, sep='\\n')"

    imported = user.run("python", "-c", code).stdout.splitlines()

    assert len(imported) == 2
    assert all(Path(file).is_relative_to(user.environment) for file in imported)
    assert user.run("rfa", "--version").stdout == f"rfa {version('pytest-rfa')}\n"


def set_up(user: User) -> None:
    """``rfa init``, and the one thing that it leaves to the user: the resolution."""
    said = user.run("rfa", "init")
    file = user.repository / "pyproject.toml"
    settings = file.read_text(encoding="utf-8")
    file.write_text(settings.replace("# resolutions = [64]", "resolutions = [32]"), "utf-8")

    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.splitlines()[0] == "pyproject.toml: [tool.rfa] added"
    assert "\nresolutions = [32]\n" in file.read_text(encoding="utf-8")
    user.commit("Check receptive fields")


def finding_and_page(user: User) -> Path:
    """A first check finds the dead layer, and makes the page."""
    page = user.repository.parent / "page.html"

    found = user.run("rfa", "check", "--output-format", "json", f"--report=html:{page}")

    errors = [one for one in json.loads(found.stdout)["findings"] if one["severity"] == "error"]
    assert (found.returncode, found.stderr) == (1, "")
    assert [(one["code"], one["model"], one["layers"], one["file"]) for one in errors] == [
        ("RFA101", TARGET, [DEAD], NETWORK)
    ]
    return page


def opened(browser: Any, file: Path) -> None:
    """The page says the same, and another verdict where its slider stands elsewhere."""
    page = browser.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri())

    at_32 = page.evaluate(IN_TABLE)
    page.focus("#slider")
    page.keyboard.press("End")
    pixels = page.input_value("#pixels")
    page.locator("#chart .threshold text", has_text=f"image: {pixels} px").wait_for()
    at_most = page.evaluate(IN_TABLE)

    assert [name for name, verdict in at_32.items() if verdict == "unproductive"] == [DEAD]
    assert int(pixels) > 32
    assert "unproductive" not in at_most.values()
    assert said == []


def repaired(user: User) -> None:
    """The first proposal to drop layers is about one line of the source, and done as it says."""
    found = user.run("rfa", "suggest", TARGET, "--goal", "efficiency", "--format", "json")
    assert (found.returncode, found.stderr) == (0, "")
    proposal = json.loads(found.stdout)["proposals"][0]
    (step,) = proposal["steps"]
    assert (step["kind"], step["after"], step["layers"]) == ("tail", "", ["late.2"])
    assert proposal["after"]["unproductive"] == 0

    source = user.repository / step["file"]
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    gone = lines.pop(step["line"] - 1)
    source.write_text("".join(lines), encoding="utf-8")

    assert gone.strip() == "Separable(4 * width, 4 * width),"


def green(user: User) -> None:
    """The check passes, so do the user's tests with ours among them; one line is changed."""
    check = user.run("rfa", "check", "--output-format", "concise")
    tests = user.run("python", "-m", "pytest", "--rfa", "-q")

    assert (check.returncode, check.stderr) == (0, "")
    assert tests.returncode == 0, tests.stdout
    assert (
        f"{NETWORK}::rfa-leaf_net@32"
        in user.run("python", "-m", "pytest", "--rfa", "--co", "-q").stdout
    )
    assert tests.stdout.splitlines()[-1].startswith("3 passed")
    assert user.git("diff", "--numstat").split() == ["0", "1", NETWORK]
    assert user.git("status", "--porcelain").split() == ["M", NETWORK]
