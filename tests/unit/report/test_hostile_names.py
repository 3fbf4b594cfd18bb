"""Names that try to be markup, commands, columns or other characters, read back by real parsers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema
from markdown_it import MarkdownIt

from rfa_core.findings import Finding, ModelReport, Range, Report, Severity, Skipped, Waste
from rfa_core.report import FORMATS, RenderOptions, render

SCHEMAS = Path(__file__).parents[2] / "schemas"
HOSTILE = {
    "quotes": '"\'`"',
    "script": "</script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "cdata": "]]><x/><![CDATA[",
    "entity": "&lt;&amp;&#0;&nosuch;",
    "newlines": "a\nb\r\nc\x0bd\x85e\u2028f",
    "command": "\n::error::forged\n::set-output name=x::1\n##[error]forged",
    "percent": "%0A%0D%25%",
    "long": "x" * 10_000,
    "direction": "a\u202eb\u2066c\u200fd",
    "surrogate": "a\udc80b\ud800c",
    "control": "\x00\x01\x07\x1b[31m\x7f\x9b",
    "table": "a|b\\|c`d``e",
    "markdown": "# h\n- l\n[a](javascript:x) ![i](x) <http://x> **b** _i_ ~~~ $$x$$ @user #1",
    "placeholder": "{0} {} %s ${{ github.token }} [a](b)",
    "separators": ":,;=::,",
    "template": "{{7*7}} {% include x %} <%= 7*7 %> #{7*7} ${7*7} $(id) `id`",
    "noncharacter": "\ufffe\uffff\ufdd0\U0001fffe",
    "empty": " ",
    "astral": "𐐀é漢",
}
MACHINES = ("json", "json-lines", "sarif", "gitlab", "rdjson")


def hostile(name: str) -> Report:
    """A report in which everything that a user can name is called ``name``."""
    long_ago = replace(_finding(name), severity=Severity.WARNING, resolution=None, waste=None)
    model = ModelReport(
        name,
        name,
        "analysed",
        file=name,
        line=1,
        range=Range((1, 1), (2, 2)),
        notes=(name,),
    )
    broken = replace(model, status="unbuildable", error=name, hint=name, details=name)
    nowhere = replace(long_ago, file=None, line=None, column=None, end_line=None)
    findings = (_finding(name), long_ago, nowhere)
    return Report("0", (model, broken), findings, (Skipped(name, name, 1, name),), 1, notes=(name,))


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def report(request: pytest.FixtureRequest) -> Report:
    return hostile(request.param)


def test_every_format_is_text_that_utf_8_can_hold(report: Report) -> None:
    texts = [render(name, report) for name in FORMATS]

    assert b"" not in {text.encode("utf-8") for text in texts}


@pytest.mark.parametrize("format_name", MACHINES)
def test_json_of_any_kind_is_ascii_without_half_characters(
    format_name: str, report: Report
) -> None:
    text = render(format_name, report)

    values = [json.loads(line) for line in text.splitlines()] if "lines" in format_name else []
    parsed = values or json.loads(text)
    assert text.isascii()
    assert "".join(_strings(parsed)).encode("utf-8")


@pytest.mark.parametrize(
    ("format_name", "schema"),
    [("gitlab", "gitlab-code-quality"), ("rdjson", "rdjson"), ("sarif", "sarif-2.1.0")],
)
def test_what_services_store_has_no_control_character(
    format_name: str, schema: str, report: Report
) -> None:
    content = json.loads(render(format_name, report))

    description = json.loads((SCHEMAS / f"{schema}.json").read_text(encoding="utf-8"))
    jsonschema.validate(content, description)
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", "".join(_strings(content)))


def test_the_json_report_says_names_as_they_are() -> None:
    name = HOSTILE["control"]

    content = json.loads(render("json", hostile(name)))

    assert {content["models"][0]["name"], content["findings"][0]["layers"][0]} == {name}


def test_junit_is_read_by_an_xml_parser_and_satisfies_the_schema(report: Report) -> None:
    text = render("junit", report)

    cases = list(ElementTree.fromstring(text).iter("testcase"))
    assert len({case.get("name") for case in cases}) == len(cases) == 2
    assert {child.tag for case in cases for child in case} <= {"failure", "error", "system-out"}
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(text)


def test_github_reads_one_command_a_line_with_the_file_and_the_message(report: Report) -> None:
    lines = render("github", report).splitlines()

    commands = [re.fullmatch(r"::(error|warning) ([^:]*)::(.*)", line) for line in lines]
    assert len(commands) == 3
    for command in commands:
        assert command is not None
        properties = dict(pair.split("=", 1) for pair in command[2].split(","))
        assert set(properties) in ({"file", "line", "endLine", "col", "title"}, {"title"})
        assert properties["title"] == "RFA101 unproductive-layer"


def test_markdown_holds_one_table_one_list_and_no_element_of_anybody_else(report: Report) -> None:
    text = render("markdown", report, RenderOptions(limit=1_000_000))

    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    inner = [child for token in tokens for child in token.children or ()]
    kinds = [token.type for token in tokens]
    assert (kinds.count("table_open"), kinds.count("bullet_list_open")) == (1, 1)
    assert kinds.count("td_open") == 2 * kinds.count("th_open")
    assert kinds.count("list_item_open") == 3
    assert [token.content for token in tokens if token.type == "html_block"] == []
    assert {token.content for token in inner if token.type == "html_inline"} <= {"<br>"}
    links = [token.attrs["href"] for token in inner if token.type == "link_open"]
    assert all(re.match(r"https://github\.com/|[^:]*#L1$", str(link)) for link in links)
    assert "image" not in {token.type for token in inner}


def test_a_line_of_concise_is_one_finding(report: Report) -> None:
    lines = render("concise", report).splitlines()

    assert len(lines) == 4
    assert [line.count(" RFA101 ") for line in lines] == [1, 1, 1, 0]


def _finding(name: str) -> Finding:
    return Finding(
        "RFA101",
        "unproductive-layer",
        Severity.ERROR,
        name,
        name,
        help=name,
        resolution=(64, 64),
        layers=(name,),
        file=name,
        line=1,
        column=1,
        end_line=1,
        waste=Waste(0.5, 0.5),
        fingerprint="f" * 64,
        url="https://github.com/pytest-rfa/pytest-rfa/blob/main/docs/rules/unproductive-layer.md",
    )


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from (key, *_strings(each))
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
