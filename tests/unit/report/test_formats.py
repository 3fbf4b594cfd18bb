"""Every format over the same report, compared whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from xml.etree import ElementTree

import jsonschema
import pytest
from rich.cells import cell_len

from rfa_core.errors import UsageError
from rfa_core.findings import Finding, Report, Severity, Waste
from rfa_core.report import FORMATS, RenderOptions, render
from rfa_core.report.table import render_model

Golden = Callable[[str, str], None]
ReportOf = Callable[..., Report]
CONTROL = {chr(code) for code in (*range(9), *range(11, 32), 127, 0x9B, 0x202E)}


@pytest.mark.parametrize(
    ("format_name", "options", "file"),
    [
        ("full", RenderOptions(), "full.txt"),
        ("full", RenderOptions(verbose=True, statistics=True), "full-verbose.txt"),
        ("full", RenderOptions(color=True, width=80), "full-color.txt"),
        ("full", RenderOptions(width=20, quiet=True), "full-narrow-quiet.txt"),
        ("full", RenderOptions(show_ranges=True), "full-ranges.txt"),
        ("concise", RenderOptions(statistics=True), "concise.txt"),
        ("json", RenderOptions(), "report.json"),
        ("json-lines", RenderOptions(), "report.jsonl"),
        ("junit", RenderOptions(), "junit.xml"),
        ("sarif", RenderOptions(), "report.sarif"),
        ("github", RenderOptions(), "github.txt"),
        ("gitlab", RenderOptions(prefix="ml/vision/"), "gitlab.json"),
        ("rdjson", RenderOptions(), "rdjson.json"),
        ("markdown", RenderOptions(), "markdown.md"),
    ],
)
def test_a_format_writes_what_its_golden_file_holds(
    format_name: str, options: RenderOptions, file: str, report: Report, golden: Golden
) -> None:
    text = render(format_name, report, options)

    golden(file, text)


@pytest.mark.parametrize(("width", "file"), [(110, "table.txt"), (80, "table-narrow.txt")])
def test_the_table_of_a_model_is_what_its_golden_file_holds(
    width: int, file: str, report: Report, golden: Golden
) -> None:
    text = render_model(report, RenderOptions(width=width))

    golden(file, text)


@pytest.mark.parametrize("format_name", FORMATS)
def test_no_format_lets_a_control_character_through(format_name: str, report: Report) -> None:
    text = render(format_name, report)

    assert not CONTROL & set(text)


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_can_say_that_nothing_was_found(format_name: str) -> None:
    empty = Report("0.1.0", (), (), (), 0)

    text = render(format_name, empty)

    assert text == "" or text.endswith("\n")


@pytest.mark.parametrize("width", [1, 20, 33, 60, 76, 100])
@pytest.mark.parametrize("verbose", [True, False])
def test_no_line_is_wider_than_asked_down_to_twenty_columns(
    width: int, verbose: bool, report: Report
) -> None:
    options = RenderOptions(width=width, verbose=verbose)

    lines = [*render("full", report, options).splitlines()]
    lines += render("grouped", report, options).splitlines()
    lines += render_model(report, options).splitlines()

    assert max(map(cell_len, lines)) <= max(width, 20)


def test_color_changes_nothing_but_color(report: Report) -> None:
    plain = render("full", report)

    colored = render("full", report, RenderOptions(color=True))

    assert _without_color(colored) == plain


def test_an_unknown_format_is_refused_with_those_that_exist(report: Report) -> None:
    with pytest.raises(UsageError) as caught:
        render("yaml", report)

    assert str(caught.value) == (
        f"there is no format 'yaml'\n  the formats are {', '.join(FORMATS)}"
    )


def test_a_source_file_that_is_gone_costs_the_frame_only(report: Report) -> None:
    gone = replace(report, root="/nowhere/at/all")

    text = render("full", gone)

    assert " | " not in text
    assert text.count("RFA101") == render("full", report).count("RFA101")


def test_the_json_report_satisfies_the_schema_that_ships_with_it(report: Report) -> None:
    path = files("rfa_core.report") / "schema" / "report-v1.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))

    content = json.loads(render("json", report))

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(content, schema)


def test_the_schema_refuses_a_report_that_lacks_a_key_or_has_a_wrong_type(report: Report) -> None:
    path = files("rfa_core.report") / "schema" / "report-v1.schema.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    content = json.loads(render("json", report))
    del content["findings"][0]["code"]
    content["models"][0]["resolutions"][0]["layers"][0]["verdict"] = "fine"

    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(content))

    assert len(errors) == 2


def test_junit_counts_cases_failures_and_errors_and_names_every_case_once(
    report_of: ReportOf,
) -> None:
    report = report_of("net", "net", "broken")

    suites = ElementTree.fromstring(render("junit", report))

    names = [case.get("name") for case in suites.iter("testcase")]
    assert names == [
        "acme.models:Net@64",
        "acme.models:Net@64x128",
        "acme.models:Net@100",
        "acme.models:Net@64 (2)",
        "acme.models:Net@64x128 (2)",
        "acme.models:Net@100 (2)",
        "acme.models:unet",
    ]
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("7", "2", "1")


@pytest.mark.parametrize(("number", "lines"), [(1, 1), (10, 10), (11, 10), (500, 10)])
def test_github_gets_at_most_ten_commands_of_a_level(number: int, lines: int) -> None:
    report = Report("0.1.0", (), tuple(_finding(index) for index in range(number)), (), 1)

    text = render("github", report)

    assert len(text.splitlines()) == lines


def test_github_gets_the_most_costly_findings_and_one_that_sums_up_the_others() -> None:
    report = Report("0.1.0", (), tuple(_finding(index) for index in range(12)), (), 1)

    lines = render("github", report).splitlines()

    assert [line.rsplit("::", 1)[1] for line in lines] == [
        *(f"m: cost {index}" for index in range(11, 2, -1)),
        "3 more errors: RFA101 x3",
    ]


def test_a_format_imports_only_the_libraries_it_uses() -> None:
    script = (
        "import sys\n"
        "from rfa_core.findings import Report\n"
        "from rfa_core.report import render\n"
        "render('json', Report('0', (), (), (), 0)), render('github', Report('0', (), (), (), 0))\n"
        "assert not {'rich', 'junit_xml', 'numpy', 'torch'} & set(sys.modules)\n"
    )

    done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True)

    assert (done.returncode, done.stderr) == (0, b"")


def _finding(cost: int) -> Finding:
    return Finding(
        "RFA101",
        "unproductive-layer",
        Severity.ERROR,
        "m",
        f"cost {cost}",
        file="m.py",
        line=1,
        waste=Waste(cost / 1000, 0.0),
    )


def _without_color(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
