"""In which order findings come, and what tells one from another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from rfa_core.findings import JudgedLayer
from rfa_core.graph.model import Location
from rfa_core.receptive.verdict import Verdict
from rfa_core.rules import RULES, Subject, find
from rfa_core.rules.base import fingerprint

MakeLayer = Callable[..., JudgedLayer]
MakeSubject = Callable[..., Subject]


def test_findings_come_by_resolution_and_worst_first_with_the_severities_asked_for(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    subject = make_subject(
        make_layer("a", Verdict.CRITICAL, (5,)), make_layer("b", Verdict.UNPRODUCTIVE, (6,))
    )
    at = subject.model.resolutions[0]
    both = replace(subject.model, resolutions=(at, replace(at, resolution=(32, 32))))

    found = find(replace(subject, model=both), RULES.values(), {"RFA101": "info"})

    assert [(one.resolution, one.code, one.severity.value) for one in found] == [
        ((64, 64), "RFA101", "info"),
        ((64, 64), "RFA103", "info"),
        ((32, 32), "RFA101", "info"),
        ((32, 32), "RFA103", "info"),
    ]


def test_findings_at_no_resolution_come_first_and_those_of_a_rule_by_file_and_line(
    make_layer: MakeLayer, make_subject: MakeSubject
) -> None:
    places = [Location("/project/z.py", 1, 9), Location("/project/b.py", 7, 9)]
    layers = [
        make_layer("a", Verdict.CRITICAL, (), constructed=places[:1]),
        make_layer("b", Verdict.CRITICAL, (), constructed=places[1:], causes_inexact=True,
                   inexact=("topk picks",)),
        make_layer("c", Verdict.CRITICAL, (), constructed=(replace(places[1], line=5),)),
    ]  # fmt: skip
    subject = make_subject(*layers)
    at = subject.model.resolutions[0]
    both = replace(subject.model, resolutions=(at, replace(at, resolution=(32, 32))))

    found = find(replace(subject, model=both), RULES.values(), {"RFA904": "info"})

    assert [(one.resolution, one.code, one.layers) for one in found] == [
        (None, "RFA904", ("b",)),
        *(
            (resolution, "RFA103", (layer,))
            for resolution in ((64, 64), (32, 32))
            for layer in "cba"
        ),
    ]


def test_a_fingerprint_depends_on_what_is_found_and_not_on_where() -> None:
    same = fingerprint("RFA101", "m:net", (64, 64), ["a", "b"])

    assert same == fingerprint("RFA101", "m:net", (64, 64), ("a", "b"))
    assert (
        len(
            {
                same,
                fingerprint("RFA103", "m:net", (64, 64), ["a", "b"]),
                fingerprint("RFA101", "m:ten", (64, 64), ["a", "b"]),
                fingerprint("RFA101", "m:net", (64, 65), ["a", "b"]),
                fingerprint("RFA101", "m:net", (64, 64), ["a,b"]),
            }
        )
        == 5
    )
