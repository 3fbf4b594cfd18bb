"""The parts of pages that are made from the code."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest
from projects import module_in

import rfa_core
from rfa_core.cli.options import COMMANDS, parser_of

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    return module_in(DOCS / "generate.py")


def test_the_committed_pages_are_in_step_with_the_code(generate: ModuleType) -> None:
    made = generate.pages()
    committed = {name: (DOCS / name).read_text(encoding="utf-8") for name in made}

    assert committed == made, "run python docs/generate.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_has_a_row_with_words(command: str) -> None:
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    section = page.split(f"\n## rfa {command}\n")[1].split("\n## ")[0]

    rows = dict(re.findall(r"^\| (`.+`) \| (.+) \|$", section, re.MULTILINE))
    documented = set(re.findall(r"`(--?[a-z-]+)", " ".join(rows)))

    options = {name for one in parser_of(command)._actions for name in one.option_strings}
    assert documented == options - {"-h", "--help"}


def test_every_key_of_the_report_is_explained() -> None:
    page = (DOCS / "report-format.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| ?(.*) ?\|$", page, re.MULTILINE)

    assert len(rows) > 80
    assert [name for name, kind, said in rows if not (kind and said)] == []


def test_every_public_name_has_an_entry() -> None:
    page = (DOCS / "python-api.md").read_text(encoding="utf-8")
    entries = set(re.findall(r"auto\w+:: ([\w.]+)$", page, re.MULTILINE))
    mentioned = set(re.findall(r"`(rfa_core\.\w+)`", page))

    public = {f"rfa_core.{name}" for name in rfa_core._HOME}

    assert public - entries - mentioned == set()
