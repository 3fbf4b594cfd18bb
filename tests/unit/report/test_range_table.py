"""What ``rfa range`` writes."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files

import jsonschema
import pytest

from rfa_core.findings import Report
from rfa_core.report import RenderOptions, render
from rfa_core.report.range_table import render_ranges

Golden = Callable[[str, str], None]


@pytest.mark.parametrize(
    ("options", "file"),
    [
        (RenderOptions(width=140), "ranges.txt"),
        (RenderOptions(width=140, verbose=True), "ranges-verbose.txt"),
        (RenderOptions(width=80), "ranges-narrow.txt"),
    ],
)
def test_the_ranges_are_what_their_golden_file_holds(
    options: RenderOptions, file: str, ranges: Report, golden: Golden
) -> None:
    text = render_ranges(ranges, options)

    golden(file, text)


def test_the_ranges_as_json_are_a_report_with_ends(ranges: Report) -> None:
    schema = files("rfa_core.report") / "schema" / "report-v1.schema.json"

    document = json.loads(render("json", ranges))

    jsonschema.validate(document, json.loads(schema.read_text(encoding="utf-8")))
    tall = {"name": "tall", "exact": True, "file": "src/acme/models.py", "line": 6}
    wide = {"name": "wide", "exact": False, "file": None, "line": None}
    assert document["models"][1]["range"] == {
        "min_resolution": [4, 4],
        "max_resolution": [45, 62],
        "min_layers": [tall, wide],
        "max_layers": [[tall], [wide]],
        "alone": [44, 61],
        "alone_layers": [[tall], [wide]],
        "min_trial": {
            "resolution": [4, 4],
            "traced_at": [96, 96],
            "unsupported": {
                "layer": "stem",
                "reason": "its window does not fit",
                "works_at": [96, 96],
                "fixed": False,
            },
        },
        "max_trial": {
            "resolution": [45, 62],
            "traced_at": [224, 224],
            "unsupported": {
                "layer": "stem",
                "reason": "it takes one size",
                "works_at": [224, 224],
                "fixed": True,
            },
        },
    }


def test_a_run_without_an_analysed_model_has_no_table(ranges: Report) -> None:
    broken = Report("0.1.0", ranges.models[-1:], (), (), 2)

    text = render_ranges(broken, RenderOptions(width=140))

    assert text.splitlines() == [
        "○ acme.models:unet: unbuildable: acme.models:unet cannot be built: "
        "TypeError: missing 1 argument: 'depth'",
        "  name it in factories",
    ]
