"""Pages whose commands run: what they show is what is printed, and their pictures are made anew."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from types import ModuleType

import pytest
from projects import module_in

from rfa_core.formats import FORMATS

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def run_pages() -> ModuleType:
    return module_in(DOCS / "run_pages.py")


@pytest.mark.skipif(shutil.which("bash") is None, reason="commands of pages are those of a shell")
@pytest.mark.parametrize("page", ["theory.md", "reading-reports.md", "extending.md"])
def test_what_a_page_shows_is_what_its_commands_print(run_pages: ModuleType, page: str) -> None:
    text, pictures = run_pages.run(page)

    committed = {name: (DOCS / "images" / name).read_bytes() for name in pictures}
    assert page in run_pages.PAGES
    assert text == (DOCS / page).read_text(encoding="utf-8"), "run python docs/run_pages.py"
    assert pictures == committed


def test_every_format_and_every_command_with_a_report_has_a_section() -> None:
    page = (DOCS / "reading-reports.md").read_text(encoding="utf-8")
    words = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)

    sections = re.findall(r"^## (.+)$", words, re.MULTILINE)

    commands = ["pytest", "range", "sweep", "rank", "show", "suggest", "diff"]
    assert sorted(sections) == sorted([*FORMATS, *commands])
