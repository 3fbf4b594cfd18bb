"""Facts in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from rfa_core.findings import (
    Finding,
    ModelReport,
    Range,
    Report,
    ResolutionReport,
    Severity,
    Waste,
)
from rfa_core.receptive.layers import Extent
from rfa_core.report.ranges import range_lines
from rfa_core.report.sources import Sources
from rfa_core.report.summary import headline, left_alone
from rfa_core.report.words import clean, flat, footprint, place, range_words


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("plain", "plain"),
        ("two\r\nlines", "two\nlines"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("back\rward", "back\\rward"),
        ("\u202eevil", "\\u202eevil"),
        ("\ud800", "\\ud800"),
        ("\uffff", "\\uffff"),
        ("a\tb", "a   b"),
        ("schön ✖", "schön ✖"),
    ],
)
def test_what_a_terminal_would_obey_is_spelled_out(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_flat_text_is_one_line() -> None:
    assert flat("a\n  b\r\nc") == "a b c"


@pytest.mark.parametrize(
    ("feasible", "words"),
    [
        (None, "no range known"),
        (Range((76, 76), (427, 427)), "76 to 427 px"),
        (Range((76, 40), (427, 200)), "76x40 to 427x200 px"),
        (Range((76, None), (427, None)), "76xany to 427xany px"),
        (Range((76,), (None,)), "from 76 px on"),
        (Range((None,), (None,)), "any resolution (no judged layers)"),
    ],
)
def test_a_range_is_said_in_pixels(feasible: Range | None, words: str) -> None:
    assert range_words(feasible) == words


@pytest.mark.parametrize(
    ("extent", "words"),
    [
        (Extent((75, 75), (75, 75)), "75"),
        (Extent((75, 75), (371, 371)), "75–371"),
        (Extent((75, 9), (371, 90)), "75x9–371x90"),
        (Extent((75, 75), (371, 371), True), "75–371 ∞"),
        (Extent((75, 75), (None, None), True), "75–∞"),
        (Extent((None, None), (None, None), True), "∞"),
    ],
)
def test_a_footprint_goes_from_the_shortest_to_the_local_one(extent: Extent, words: str) -> None:
    assert footprint(extent) == words


@pytest.mark.parametrize(
    ("file", "line", "column", "words"),
    [
        ("a.py", 3, 9, "a.py:3:9"),
        ("a.py", None, None, "a.py:1:1"),
        (None, None, None, "m:f"),
    ],
)
def test_a_finding_points_at_its_line_or_names_its_model(
    file: str | None, line: int | None, column: int | None, words: str
) -> None:
    finding = Finding("R1", "r", Severity.INFO, "m:f", "…", file=file, line=line, column=column)

    assert place(finding) == words


def test_the_headline_of_nothing_names_no_resolution() -> None:
    assert headline(Report("0", (), (), (), 0)) == "Checked 0 models: no findings"


@pytest.mark.parametrize(
    ("suppressed", "baselined", "words"),
    [(1, 0, "besides 1 that is accepted"), (2, 3, "besides 5 that are accepted")],
)
def test_the_headline_counts_what_is_accepted(suppressed: int, baselined: int, words: str) -> None:
    report = Report("0", (), (), (), 0, suppressed=suppressed, baselined=baselined)

    assert headline(report) == f"Checked 0 models: no findings {words}"


def test_the_headline_of_models_that_nothing_was_asked_of_is_no_praise() -> None:
    models = (ModelReport("a", "torch", "analysed"), ModelReport("b", None, "unbuildable"))

    found = headline(Report("0", models, (), (), 2))

    assert found == "Looked at 1 of 2 models: no resolution, no verdict"


def test_the_headline_counts_models_that_have_nothing_to_judge() -> None:
    at = ResolutionReport((64, 64), (64, 64), (), 0, Waste(0.0, 0.0))
    models = tuple(ModelReport(name, "torch", "analysed", resolutions=(at,)) for name in "ab")

    found = [headline(Report("0", models[:number], (), (), 0)) for number in (1, 2)]

    assert found == [
        "Checked 1 model at 64 px: no findings; 1 model has no layer to judge",
        "Checked 2 models at 64 px: no findings; 2 models have no layer to judge",
    ]


def test_nothing_is_said_about_candidates_if_there_are_none() -> None:
    assert left_alone(Report("0", (), (), (), 0)) == ""


def test_without_a_resolution_the_ranges_are_listed() -> None:
    analysed = ModelReport("m:f", "torch", "analysed", range=Range((76, 76), (427, 427)))
    failed = ModelReport("m:g", None, "unbuildable")

    lines = range_lines(Report("0", (analysed, failed), (), (), 2))

    assert lines == ["Feasible resolutions:", "m:f: 76 to 427 px"]


@pytest.mark.parametrize(
    ("file", "line"), [(None, 1), ("a.py", None), ("a.py", 3), ("b.py", 1), ("a.onnx", 1)]
)
def test_there_is_no_frame_without_a_line_of_source(
    file: str | None, line: int | None, tmp_path: Path
) -> None:
    for name in ("a.py", "a.onnx"):
        (tmp_path / name).write_text("one\ntwo\n", encoding="utf-8")

    assert Sources(str(tmp_path)).frame(file, line, 1) == []
