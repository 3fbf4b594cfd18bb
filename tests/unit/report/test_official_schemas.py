"""Reports as the programs that read them describe what they take."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
import xmlschema

from rfa_core.findings import Report
from rfa_core.report import RenderOptions, render
from rfa_core.report.sarif import LONGEST
from rfa_core.rules import RULES

ReportOf = Callable[..., Report]
Json = Any

SCHEMAS = Path(__file__).parents[2] / "schemas"
OF_FORMATS = {
    "json": files("rfa_core.report") / "schema" / "report-v1.schema.json",
    "sarif": SCHEMAS / "sarif-2.1.0.json",
    "gitlab": SCHEMAS / "gitlab-code-quality.json",
    "rdjson": SCHEMAS / "rdjson.json",
}
EMPTY = Report("0.1.0", (), (), (), 0)


@pytest.mark.parametrize("format_name", OF_FORMATS)
def test_a_report_satisfies_the_schema_of_its_format(format_name: str, report: Report) -> None:
    found = mistakes(format_name, render(format_name, report, RenderOptions(prefix="a b/")))

    assert found == []


@pytest.mark.parametrize("format_name", OF_FORMATS)
def test_a_report_of_nothing_satisfies_the_schema_of_its_format(format_name: str) -> None:
    found = mistakes(format_name, render(format_name, EMPTY))

    assert found == []


@pytest.mark.parametrize(
    ("format_name", "way"),
    [
        ("sarif", ("runs", 0, "results", 0, "message")),
        ("gitlab", (0, "location", "path")),
        ("rdjson", ("diagnostics", 0, "message")),
    ],
)
def test_the_schemas_refuse_a_report_that_lacks_a_key(
    format_name: str, way: tuple[str | int, ...], report: Report
) -> None:
    content = json.loads(render(format_name, report))
    inner = content
    for step in way[:-1]:
        inner = inner[step]
    del inner[way[-1]]

    found = mistakes(format_name, json.dumps(content))

    assert found == [f"'{way[-1]}' is a required property"]


def test_each_line_of_json_lines_is_a_finding_of_the_json_report(report: Report) -> None:
    lines = render("json-lines", report).splitlines()

    assert [json.loads(line) for line in lines] == json.loads(render("json", report))["findings"]


def test_junit_is_what_jenkins_takes(report: Report, report_of: ReportOf) -> None:
    schema = xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")

    for one in (report, report_of("net", "net"), EMPTY):
        schema.validate(render("junit", one))


def test_sarif_describes_every_rule_within_what_github_shows(report: Report) -> None:
    rules = json.loads(render("sarif", report))["runs"][0]["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == list(RULES)
    texts = [text for rule in rules for text in _texts(rule)]
    assert len(texts) == 4 * len(RULES)
    assert all(0 < len(text) <= LONGEST for text in texts)
    assert all("Why is this bad?" in rule["help"]["markdown"] for rule in rules)


def test_sarif_has_relative_addresses_that_lead_to_the_files(report: Report) -> None:
    run = json.loads(render("sarif", report, RenderOptions(prefix="a b/")))["runs"][0]

    locations = [
        location["physicalLocation"]["artifactLocation"]
        for result in run["results"]
        for location in result["locations"]
    ]
    found = {unquote(location["uri"]) for location in locations}
    assert found == {
        "a b/src/acme/models.py",
        "a b/pyproject.toml",
        "a b/bad,dir/a:b%(c) \\x07.py",
    }
    assert all(urlsplit(location["uri"]).scheme == "" for location in locations)
    assert {location["uriBaseId"] for location in locations} == set(run["originalUriBaseIds"])


@pytest.mark.parametrize(
    ("exit_code", "successful"), [(0, True), (1, True), (2, False), (130, False)]
)
def test_sarif_says_whether_the_run_came_to_an_end(exit_code: int, successful: bool) -> None:
    run = json.loads(render("sarif", replace(EMPTY, exit_code=exit_code)))["runs"][0]

    assert run["invocations"] == [{"executionSuccessful": successful, "exitCode": exit_code}]


def test_findings_without_a_file_stand_where_such_models_are_named(report_of: ReportOf) -> None:
    report = replace(report_of("audio"), anchor="conf/rfa.toml")

    issues = json.loads(render("gitlab", report, RenderOptions(prefix="ml/")))

    assert {issue["location"]["path"] for issue in issues} == {"ml/conf/rfa.toml"}


def test_gitlab_gets_no_fingerprint_twice(report_of: ReportOf) -> None:
    report = report_of("net", "net", "net")

    issues = json.loads(render("gitlab", report))

    times = Counter(issue["fingerprint"] for issue in issues)
    assert len(times) == len(issues) == len(report.findings)
    assert report.findings[0].fingerprint in times


def test_a_finding_over_several_lines_keeps_them(report_of: ReportOf) -> None:
    report = report_of("net")
    long = replace(report, findings=(replace(report.findings[0], end_line=7),))

    (region,) = _of_sarif(render("sarif", long), "region")
    (issue,) = json.loads(render("gitlab", long))
    (diagnostic,) = json.loads(render("rdjson", long))["diagnostics"]

    assert region == {"startLine": 4, "startColumn": 1, "endLine": 7}
    assert issue["location"]["lines"] == {"begin": 4, "end": 7}
    assert diagnostic["location"]["range"] == {"start": {"line": 4}, "end": {"line": 7}}


def mistakes(format_name: str, text: str) -> list[str]:
    """What the schema of the format has against a report."""
    schema = json.loads(OF_FORMATS[format_name].read_text(encoding="utf-8"))
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return [error.message for error in kind(schema).iter_errors(json.loads(text))]


def _texts(rule: Json) -> list[str]:
    names = ("shortDescription", "fullDescription")
    return [*(rule[name]["text"] for name in names), *rule["help"].values()]


def _of_sarif(text: str, key: str) -> list[Json]:
    results = json.loads(text)["runs"][0]["results"]
    return [place["physicalLocation"][key] for one in results for place in one["locations"]]
