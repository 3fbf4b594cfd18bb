"""The page and what a notebook shows, as text; ``functional/html_page`` runs them."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

import rfa_core as rfa
from rfa_core.drawing.palette import DARK_INKS, LOOKS
from rfa_core.findings import Report
from rfa_core.report import render
from rfa_core.report.packing import packed

ReportOf = Callable[..., Report]


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text of its script and style."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self.current = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.current = tag if tag in self.inside and not attrs else ""

    def handle_endtag(self, tag: str) -> None:
        del tag
        self.current = ""

    def handle_data(self, data: str) -> None:
        if self.current:
            self.inside[self.current].append(data)


def network() -> rfa.Graph:
    net = rfa.Graph("net")
    for number in range(8):
        net.conv(f"block.{number}", filters=2, kernel=3)
    return net


def test_nothing_is_asked_of_any_server_and_only_the_pages_own_script_runs(report: Report) -> None:
    page = Elements(render("html", report))

    policy = next(values["content"] or "" for _, values in page.found if "http-equiv" in values)
    allowed = dict(rule.split(" ", 1) for rule in policy.split("; "))
    (script,), (style,) = page.inside["script"], page.inside["style"]
    assert allowed == {
        "default-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "img-src": "data:",
        "style-src": hashed(style),
        "script-src": hashed(script),
    }
    links = [values.get(key) for _, values in page.found for key in ("src", "href", "action")]
    assert all(link.startswith(("#", "data:")) for link in links if link)
    assert not any(
        key.startswith("on") or key == "style" for _, values in page.found for key in values
    )
    assert "@import" not in style
    assert "url(http" not in style


def hashed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_names_end_no_element(report: Report) -> None:
    page = Elements(render("html", report))

    kinds = {values.get("type") for tag, values in page.found if tag == "script"}
    data = [values["id"] for tag, values in page.found if tag == "script" and "id" in values]
    numbers = range(len(report.models))
    assert kinds == {None, "application/json"}
    assert data == ["report", *(f"m{n}{end}" for n in numbers for end in ("", "-more"))]


def test_the_page_is_the_same_every_time() -> None:
    report = rfa.analyse(network(), 8).report

    assert render("html", report) == render("html", report)


def test_both_themes_have_the_inks_of_the_palette(report: Report) -> None:
    (style,) = Elements(render("html", report)).inside["style"]

    for verdict, look in LOOKS.items():
        assert f"--{verdict}:{look.ink};" in style.split("@media", 1)[0]
        assert f"--{verdict}:{DARK_INKS[verdict]};" in style.split("@media", 1)[1]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ([], []),
        ([1, 2], [1, 2]),
        (["a", "a", "a"], {"$": 3, "all": "a"}),
        ([None, None, None], {"$": 3, "all": None}),
        ([1, True, 1], [1, True, 1]),
        ([{"a": 1, "b": 2}, {"a": 3, "b": 4}], {"$": 2, "of": {"a": [1, 3], "b": [2, 4]}}),
        ([{"a": 1}, {"b": 1}], [{"a": 1}, {"b": 1}]),
        (["long", "word"] * 3, {"$": 6, "one": ["long", "word"], "at": [0, 1, 0, 1, 0, 1]}),
        (["null", None, "null", None, "null"], ["null", None, "null", None, "null"]),
        ({"a": [[3, 3]] * 3}, {"a": {"$": 3, "all": [3, 3]}}),
    ],
)
def test_lists_are_packed_where_they_repeat_themselves(value: object, expected: object) -> None:
    assert packed(value) == expected


def test_a_notebook_shows_the_chart_and_the_judged_layers() -> None:
    html = rfa.analyse(network(), 8)._repr_html_()

    tree = ElementTree.fromstring(html)
    picture = next(tree.iter("img"))
    svg = ElementTree.fromstring(base64.b64decode(picture.attrib["src"].partition(",")[2]))
    rows = [[cell.text for cell in row] for row in tree.iter("tr")]
    assert picture.attrib["alt"] == "net at 8 px: 4 unproductive, 1 critical, 3 productive"
    assert svg.tag == "{http://www.w3.org/2000/svg}svg"
    assert rows[0] == [
        "layer",
        "type",
        "receives",
        "sees",
        "map",
        "parameters",
        "MACs",
        "verdict",
    ]
    assert rows[-1][0] == "block.7"
    assert rows[-1][2:5] == ["15", "17", "8x8"]
    assert rows[-1][-1] == "✖ unproductive"
    assert len(rows) == 9
    assert not re.search("<script|<style|class=|id=", html)


def test_a_notebook_takes_hostile_names_for_text(report_of: ReportOf) -> None:
    from rfa_core.report.notebook import render_analysis

    report = report_of("hostile")

    html = render_analysis(report)

    ElementTree.fromstring(html)
    assert "<script" not in html


@pytest.mark.parametrize("kernel", [True, False])
def test_show_shows_html_in_a_notebook_and_the_table_elsewhere(
    kernel: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shown: list[object] = []
    shell = SimpleNamespace(kernel=None) if kernel else None
    notebook = SimpleNamespace(
        get_ipython=lambda: shell, display=SimpleNamespace(display=shown.append)
    )
    monkeypatch.setitem(sys.modules, "IPython", notebook)  # type: ignore[arg-type]
    analysis = rfa.analyse(network(), 8)

    analysis.show()

    printed = capsys.readouterr().out
    assert shown == ([analysis] if kernel else [])
    assert printed == ("" if kernel else f"{analysis}\n")
