"""The summary of a job, and what is left out of it where there is no room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

import rfa_core as rfa
from rfa_core.examination import Examination, examine
from rfa_core.findings import Finding, ModelReport, Report, Severity, Waste
from rfa_core.frontends import frontend_of
from rfa_core.receptive.policy import Policy
from rfa_core.report import RenderOptions, render

Golden = Callable[[str, str], None]
ReportOf = Callable[..., Report]


def test_the_models_are_drawn_below_the_findings(report_of: ReportOf, golden: Golden) -> None:
    report = report_of(drawn("acme.models:deep", 24), "broken")

    text = render("markdown", report)

    golden("markdown-drawn.md", text)


@pytest.mark.parametrize("limit", [65_536, 1_000_000])
def test_whole_findings_are_left_out_to_stay_below_the_limit(limit: int) -> None:
    big = replace(_finding(), message="é|" * 5_000)
    report = Report("0.1.0", (), (big,) * 200, (), 1)

    text = render("markdown", report, RenderOptions(limit=limit))

    assert limit - 21_000 < len(text.encode()) <= limit
    shown = text.count("- **error**")
    assert text.endswith(f"\nThere is no room for all: {200 - shown} findings are left out.\n")


def test_rows_are_left_out_to_stay_below_the_limit(report_of: ReportOf) -> None:
    report = report_of("net", "hostile")
    many = replace(report, models=report.models * 500)

    text = render("markdown", many)

    shown = text.count("\n| `")
    assert len(text.encode()) <= 65_536
    assert text.endswith(
        f"\nThere is no room for all: {2_000 - shown} rows of the table are left out.\n"
    )
    assert "RFA101" in text


def test_errors_stay_where_there_is_no_room_for_all() -> None:
    info = replace(_finding(), severity=Severity.INFO, message="x" * 1_000)
    error = replace(_finding(), message="the error")
    report = Report("0.1.0", (), (*(info,) * 100, error), (), 1)

    text = render("markdown", report)

    assert "the error" in text
    assert text.index("the error") > text.index("**info**")


def test_the_largest_finding_does_not_keep_the_others_out() -> None:
    small = _finding()
    report = Report("0.1.0", (), (replace(small, message="x" * 100_000), small), (), 1)

    text = render("markdown", report)

    assert text.count("- **error**") == 1
    assert text.endswith("\nThere is no room for all: 1 finding is left out.\n")


def test_at_most_ten_models_are_drawn_those_that_waste_most(report_of: ReportOf) -> None:
    models = [drawn(f"acme:net{depth}", depth) for depth in range(10, 22)]

    text = render("markdown", report_of(*models))

    assert text.count("```mermaid") == 10
    assert text.index("<summary>acme:net21 at") < text.index("<summary>acme:net20 at")
    assert "<summary>acme:net16 at" not in text
    assert text.endswith("\nThere is no room for all: 2 overviews are left out.\n")


def test_a_hostile_name_stays_in_the_line_of_its_overview(report_of: ReportOf) -> None:
    name = "</summary><b>x</b>\n```\n# h"

    text = render("markdown", report_of(drawn(name, 24)))

    (line,) = [line for line in text.splitlines() if line.startswith("<details>")]
    assert line == (
        "<details><summary>&lt;/summary&gt;&lt;b&gt;x&lt;/b&gt; ``` # h at 32 px</summary>"
    )


def test_links_lead_to_the_repository_where_that_is_known(report_of: ReportOf) -> None:
    options = RenderOptions(prefix="ml/", blob="https://github.example/acme/x/blob/c0ffee/")

    text = render("markdown", report_of("net"), options)

    assert "](https://github.example/acme/x/blob/c0ffee/ml/src/acme/models.py#L4)" in text


def drawn(name: str, depth: int) -> ModelReport:
    """A chain of convolutions, traced and judged at 32 px, with its graph."""
    net = rfa.Graph("deep")
    for number in range(depth):
        net.conv(f"stage.{number}", filters=8, kernel=3)
    net.dense("head", units=10)
    frontend = frontend_of(net)
    (spec,) = frontend.guess_inputs(net, None)
    examination = Examination(frontend, net, spec, name, {}, "/project", Policy(), False, True)
    return examine(examination, [rfa.Resolution((32,))])


def _finding() -> Finding:
    return Finding(
        "RFA101",
        "unproductive-layer",
        Severity.ERROR,
        "m",
        "dead",
        file="m.py",
        line=1,
        waste=Waste(0.5, 0.0),
    )
