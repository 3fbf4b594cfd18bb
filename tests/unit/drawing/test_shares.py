"""The plot of a sweep."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

from rfa_core.drawing.shares import NAMED, Curve, shares

SVG = "{http://www.w3.org/2000/svg}"


def words(picture: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in picture.iter(f"{SVG}text")]


def paths(text: str) -> list[str]:
    return re.findall(r'<path class="curve" d="(M[^"]+)" stroke', text)


def test_both_shares_stand_over_the_logarithm_of_the_resolution() -> None:
    curve = Curve("net", ((32, 0.0, 0.5), (64, 0.5, 1.0), (128, 1.0, 1.0)))

    text = shares([curve])

    parameters, macs, sample = paths(text)
    assert parameters == "M56 286L396 176L736 66"
    assert macs == "M56 474L396 364L736 364"
    assert sample == "M0 0H26"
    ticks = [word for word in words(ElementTree.fromstring(text)) if re.fullmatch(r"\d+", word)]
    assert ticks == ["32", "64", "128"] * 2


def test_lines_differ_in_colour_and_in_dashes_and_all_have_their_names() -> None:
    curves = [Curve(f"<net {n}>", ((32, n / 30, 1.0), (64, 1.0, 1.0))) for n in range(NAMED + 2)]

    text = shares(curves, ", objects of 9 px")

    picture = ElementTree.fromstring(text)
    strokes = re.findall(r'd="M0 0H26" (stroke="[^"]+"(?: stroke-dasharray="[^"]+")?)', text)
    titles = [title.text for title in picture.iterfind(f".//{SVG}g/{SVG}title")]
    assert len(set(strokes)) == len(strokes) == NAMED
    assert titles.count("<net 25>") == 2
    assert "and 2 more" in words(picture)
    title = "Share of the model outside unproductive layers, objects of 9 px"
    assert picture.findtext(f"{SVG}title") == title == words(picture)[0]


def test_labels_of_the_axis_keep_their_distance() -> None:
    curve = Curve("net", tuple((size, 1.0, 1.0) for size in range(32, 513)))

    picture = ElementTree.fromstring(shares([curve]))

    places = [
        float(text.get("x", ""))
        for text in picture.iter(f"{SVG}text")
        if re.fullmatch(r"\d+", text.text or "")
    ]
    first = places[: len(places) // 2]
    assert len(first) > 10
    assert min(b - a for a, b in pairwise(first)) >= 34


def test_without_a_verdict_the_plot_says_so() -> None:
    picture = ElementTree.fromstring(shares([]))

    assert "no model has a verdict" in words(picture)


def test_a_single_resolution_is_a_point() -> None:
    text = shares([Curve("net", ((64, 1.0, 0.0),))])

    assert text.count('<circle class="dot" cx="56"') == 2
