"""What the README and the documentation claim, run as it stands there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import projects
import pytest

import rfa_core as rfa
from rfa_core.cli.options import parse
from rfa_core.formats import FOR_PEOPLE

CHECKOUT = Path(__file__).resolve().parents[2]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
USAGE = (CHECKOUT / "docs" / "usage.md").read_text(encoding="utf-8")
EXAMPLE = CHECKOUT / "examples" / "tiny_images"


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> Iterator[str]:
    shown: dict[str, None] = {}
    for block in (*blocks(README, "console"), *blocks(USAGE, "console")):
        for line in block.splitlines():
            if line.startswith("$ rfa "):
                shown[line.removeprefix("$ ").partition("#")[0].strip()] = None
    yield from shown


@pytest.mark.torch
@pytest.mark.parametrize("command", list(commands()))
def test_every_command_of_the_readme_runs_on_the_example(command: str) -> None:
    finds_something = re.search(r"^rfa check($| --res)", command) is not None

    result = projects.rfa(EXAMPLE, *shlex.split(command)[1:])

    assert (result.returncode, result.stderr) == (int(finds_something), "")
    assert result.stdout


@pytest.mark.torch
def test_the_python_of_the_readme_prints_what_its_comments_say() -> None:
    pytest.importorskip("torchvision")
    code = "\n".join(blocks(USAGE, "python"))
    said = re.findall(r"^print.*?#\s*(.+)$", code, re.MULTILINE)

    result = projects.python(EXAMPLE, "-c", code)

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines()[: len(said)] == said


@pytest.mark.torch
def test_what_verify_is_shown_to_say_is_what_it_says() -> None:
    (shown,) = (block for block in blocks(USAGE, "text") if "NaN oracle" in block)
    target = shown.partition(": ")[0]

    result = projects.rfa(EXAMPLE, "verify", target)

    assert (result.returncode, result.stdout) == (0, shown)


@pytest.mark.parametrize("page", ["README.md", "docs/usage.md", "docs/configuration.md"])
def test_the_configuration_that_is_shown_is_valid(page: str, tmp_path: Path) -> None:
    shown = blocks((CHECKOUT / page).read_text(encoding="utf-8"), "toml")
    for block in shown:
        (tmp_path / "pyproject.toml").write_text(block, encoding="utf-8")

        settings = rfa.load_settings(tmp_path)

        assert settings.factories[-1].input_shape == (1, 1, "H", "W")
    assert shown


PAGES = [
    "README.md",
    "docs/tutorial.md",
    "docs/usage.md",
    "docs/comparison.md",
    *(f"docs/recipes/{path.name}" for path in sorted((CHECKOUT / "docs" / "recipes").iterdir())),
    "docs/semantics.md",
    "docs/configuration.md",
    "docs/reports.md",
    "docs/architecture-search.md",
    "docs/benchmarks.md",
    "docs/security.md",
    "docs/robustness.md",
]


@pytest.mark.parametrize("page", PAGES)
def test_links_within_the_project_lead_somewhere(page: str) -> None:
    home = CHECKOUT / page
    links = re.findall(r"\]\(([^)#:]+)\)", home.read_text(encoding="utf-8"))

    missing = [link for link in links if not (home.parent / link).exists()]

    assert missing == []


def test_the_page_on_reports_has_a_line_for_every_format() -> None:
    page = (CHECKOUT / "docs" / "reports.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| \[?`([a-z-]+)`", page, re.MULTILINE)
    sections = re.findall(r"^## ([a-z-]+)$", page, re.MULTILINE)

    assert set(rows) == set(rfa.FORMATS)
    assert sections == [row for row in rows if row not in FOR_PEOPLE]


def test_the_lines_to_copy_about_reports_are_options_of_the_command() -> None:
    page = (CHECKOUT / "docs" / "reports.md").read_text(encoding="utf-8")
    lines = re.findall(r"rfa check ([^|&#\n]*)", "".join(blocks(page, "(?:console|yaml)")))

    parsed = [parse(["check", *shlex.split(line)])[1] for line in lines]

    asked = {one.output_format for one in parsed} | {n for one in parsed for n, _ in one.report}
    assert asked - {None} == set(rfa.FORMATS) - FOR_PEOPLE
