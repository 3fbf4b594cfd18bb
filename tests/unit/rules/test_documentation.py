"""The pages that the docstrings of the rules make."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rfa_core.errors import UsageError
from rfa_core.rules import RULES, Rule
from rfa_core.rules.documentation import explain, page, pages, summary, write_pages

COMMITTED = Path(__file__).parents[3] / "docs" / "rules"
HEADINGS = ["What it does", "Why is this bad?", "Example", "Use instead", "References"]


def test_the_committed_pages_are_in_step_with_the_rules() -> None:
    committed = {file.name: file.read_text(encoding="utf-8") for file in COMMITTED.iterdir()}

    assert committed == pages(), "run python -m rfa_core.rules.documentation docs/rules"


def test_pages_are_written_again_into_a_folder_that_need_not_exist(tmp_path: Path) -> None:
    for _ in range(2):
        write_pages(tmp_path / "new" / "rules")

    written = {file.name for file in (tmp_path / "new" / "rules").iterdir()}
    assert written == {*(f"{rule.name}.md" for rule in RULES.values()), "index.md"}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_rule_has_all_headings_in_order_and_a_one_line_summary(rule: Rule) -> None:
    headings = re.findall(r"^## (.+)$", page(rule), flags=re.M)

    assert headings == HEADINGS
    assert 20 < len(summary(rule)) < 160


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_page_works_an_example_with_code_and_numbers_and_names_what_to_read(
    rule: Rule,
) -> None:
    sections = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", page(rule), flags=re.M | re.S))

    assert "```" in sections["Example"]
    assert re.search(r"\d", sections["Example"])
    assert sections["References"].count("\n- ")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_every_rule_is_written_in_a_file_of_its_name(rule: Rule) -> None:
    module = type(rule).__module__.rsplit(".", 1)[1]

    assert module == rule.name.replace("-", "_")
    assert rule.url.endswith(f"/docs/rules/{rule.name}.md")


@pytest.mark.parametrize("text", ["RFA103", "rfa103", "critical-layer", " Critical-Layer "])
def test_a_rule_is_explained_by_code_or_name(text: str) -> None:
    assert explain(text).startswith("RFA103 critical-layer (info by default)\n\nWHAT IT DOES\n")


def test_code_is_indented_where_there_is_no_markdown() -> None:
    text = explain("RFA103")

    assert "\n    model = torchvision.models.resnet18()  # checked at 64 px\n" in text
    assert "```" not in text
    assert "## " not in text


def test_a_rule_is_explained_in_markdown_as_its_page() -> None:
    assert explain("RFA201", "markdown") == page(RULES["RFA201"])


def test_a_rule_is_explained_in_json_with_its_facts() -> None:
    text = explain("RFA902", "json")

    content = json.loads(text)
    assert text == json.dumps(content, indent=2) + "\n"
    assert content.pop("explanation").startswith("## What it does\n")
    assert content == {
        "code": "RFA902",
        "name": "unbuildable-model",
        "severity": "error",
        "on_by_default": True,
        "summary": "Says that a factory raised, needs arguments that are not known, or returned "
        "something that is no model",
        "url": RULES["RFA902"].url,
    }


def test_a_rule_that_is_off_says_how_to_turn_it_on() -> None:
    off = "Off by default: `--extend-select RFA203` turns it on."

    assert page(RULES["RFA203"]).startswith(
        f"# unread-border (RFA203)\n\nDefault severity: **info**\n\n{off}\n\n## What it does\n"
    )
    assert explain("RFA203").startswith(
        "RFA203 unread-border (info by default)\n\n"
        "Off by default: --extend-select RFA203 turns it on.\n\nWHAT IT DOES\n"
    )
    assert "| info, off |" in pages()["index.md"]


def test_without_a_code_all_rules_are_listed() -> None:
    text, markdown, written = (explain(None, fmt) for fmt in ("text", "markdown", "json"))

    content = json.loads(written)
    assert written == json.dumps(content, indent=2) + "\n"
    assert [line.split()[0] for line in text.splitlines()] == list(RULES)
    assert markdown == pages()["index.md"]
    assert [rule["code"] for rule in content] == list(RULES)


@pytest.mark.parametrize(
    ("text", "hint"),
    [("RFA1O1", "did you mean RFA101?"), ("nothing at all", "the rules are RFA101, RFA102")],
)
def test_an_unknown_rule_is_refused_with_the_nearest(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        explain(text)

    assert caught.value.message == f"there is no rule {text!r}"
    assert caught.value.hint.startswith(hint)


def test_a_summary_ends_with_its_sentence_and_not_inside_of_code() -> None:
    assert summary(RULES["RFA910"]) == "Finds comments `# rfa: ignore[…]` that suppress nothing"
