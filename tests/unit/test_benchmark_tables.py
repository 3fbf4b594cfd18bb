"""The tables and the plot that ``benchmarks/run.py`` makes of its figures."""

from __future__ import annotations

import math
import sys
from itertools import accumulate
from pathlib import Path
from xml.etree import ElementTree

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
pytestmark = pytest.mark.skipif(not BENCHMARKS.exists(), reason="needs the checkout")
sys.path.append(str(BENCHMARKS))

plot = pytest.importorskip("measures.plot")
tables = pytest.importorskip("measures.tables")


def test_a_table_is_a_section_in_markdown() -> None:
    table = tables.Table("Cold", ["", "wall"], [["bare", "1.00 s"], ["rfa", "13 ms"]], ["A note."])

    assert table.markdown() == (
        "## Cold\n\n|  | wall |\n| --- | ---: |\n| bare | 1.00 s |\n| rfa | 13 ms |\n\nA note."
    )


@pytest.mark.parametrize(
    ("times", "median", "calls"),
    [((9.0, 1.0, 5.0, 2.0), 9.0, 1), ((5.0, 1.0, 4.0, 2.0), 2.0, 4)],
    ids=["slow", "quick"],
)
def test_a_slow_call_is_made_once_and_a_quick_one_warmed_up(
    times: tuple[float, ...], median: float, calls: int
) -> None:
    readings = iter([reading for end, time in zip(accumulate(times), times, strict=True)
                     for reading in (end - time, end)])  # fmt: skip
    made: list[int] = []

    found = tables.median_seconds(lambda: made.append(1), 3, lambda: next(readings))

    assert (found, len(made)) == (median, calls)


def test_what_processes_take_is_their_median_in_turn() -> None:
    order: list[str] = []

    found = tables.in_turn([lambda: order.append("a"), lambda: order.append("b")], 3)

    assert order == ["a", "b"] * 3
    assert len(found) == 2


def test_a_plot_has_a_dot_for_each_tool_that_did_not_fail() -> None:
    times = {
        "alexnet": {"rfa": 0.01, "peer & co": 1.5},
        "vgg16": {"rfa": 0.1, "peer & co": math.nan},
    }

    drawn = ElementTree.fromstring(plot.dots(times, "Seconds"))

    names = [one.tag.rpartition("}")[2] for one in drawn]
    texts = [one.text for one in drawn if one.text]
    assert names.count("circle") == 2 + 3
    assert {"Seconds", "rfa", "peer & co", "alexnet", "vgg16", "10 ms", "1 s", "10 s"} <= {*texts}
