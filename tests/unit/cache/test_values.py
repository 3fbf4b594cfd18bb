"""Reports as compact JSON: they come back equal, and what does not fit is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rfa_core as rfa
from rfa_core.api.analysis import guesses_of
from rfa_core.cache.container import NoEntryError
from rfa_core.cache.values import Reader, Writer
from rfa_core.examination import examine, first_running
from rfa_core.findings import ModelReport
from rfa_core.graph.model import Graph, Location
from rfa_core.receptive.resolution import parse_resolution


def network() -> rfa.Graph:
    net = rfa.Graph("net")
    net.conv("stem", filters=8, kernel=7, stride=2)
    left = net.conv("left", filters=8, kernel=3, dilation=2)
    right = net.conv("right", "stem", filters=8, kernel=1)
    net.add("join", left, right)
    net.max_pool("pool", kernel=2, stride=4)
    for place in range(9):
        net.conv(f"deep{place}", filters=8, kernel=3)
    return net


@pytest.fixture(scope="module")
def report() -> ModelReport:
    guesses = [
        replace(guess, with_structure=True, keeps_graph=True) for guess in guesses_of(network())
    ]
    sizes = [parse_resolution("16x24"), parse_resolution(64)]
    return examine(first_running(guesses, sizes), sizes)


def through_text(value: object, kind: Any, root: str, other: str) -> Any:
    writer = Writer(root)
    body = writer.write(value)
    shared, body = json.loads(json.dumps([writer.shared, body]))
    return Reader(other, shared).read(kind, body)


def test_a_report_comes_back_equal(report: ModelReport):
    bare = replace(report, graph=None)

    assert through_text(bare, ModelReport, "/project", "/project") == bare


def test_a_graph_comes_back_equal(report: ModelReport):
    assert through_text(report.graph, Graph, "/project", "/project") == report.graph


def test_layers_are_written_once_and_come_back_as_one(report: ModelReport):
    back = through_text(replace(report, graph=None), ModelReport, "/project", "/project")

    least = back.range.min_layers[0]
    assert any(least is judged.layer for judged in back.resolutions[0].layers)


def test_lines_of_the_project_are_those_of_another_checkout():
    lines = (Location("/project/src/a.py", 3, 5), Location("/lib/b.py", 7, library=True))

    back = through_text(lines, tuple[Location, ...], "/project", "/elsewhere")

    assert back == (Location("/elsewhere/src/a.py", 3, 5), Location("/lib/b.py", 7))
    assert [line.library for line in back] == [False, True]


@settings(deadline=None)
@given(data=st.data())
def test_what_does_not_fit_is_refused(report: ModelReport, data: st.DataObject):
    writer = Writer("/project")
    section = json.loads(json.dumps([writer.write(replace(report, graph=None)), writer.shared]))
    place, at = section, 0
    while isinstance(place[at], list) and place[at] and data.draw(st.booleans()):
        place, at = place[at], data.draw(st.integers(0, len(place[at]) - 1))
    before = place[at]
    place[at] = data.draw(
        st.sampled_from([{}, {"a": 1}, [[[]]], 10**9, -1, "no such thing", 1.5, True, None])
    )

    try:
        back = Reader("/project", section[1]).read(ModelReport, section[0])
    except NoEntryError:
        return

    assert isinstance(back, ModelReport)
    assert place[at] == before or back != report


def test_a_type_that_is_not_asked_for_is_not_made():
    with pytest.raises(NoEntryError):
        Reader("/project", [["ModelReport", 1]])
    with pytest.raises(NoEntryError):
        Reader("/project", [["Location", "a.py", 1, 1, False], ["Path", "/"]])
    with pytest.raises(NoEntryError):
        Reader("/project", []).read(Path, "/")
