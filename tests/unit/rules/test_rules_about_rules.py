"""What is said of comments that silence nothing, and of a baseline that accepts what is fixed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from rfa_core.findings import Concern, Finding, Severity
from rfa_core.graph.model import Location
from rfa_core.rules import RULES, Subject
from rfa_core.rules.base import Stale, Useless, fingerprint

MakeSubject = Callable[..., Subject]
BASELINE = Location("/project/rfa-baseline.json", 12)


def concerns(rule: str, layers: Sequence[str | None], at: tuple[int, ...] | None) -> Stale:
    return Stale(BASELINE, tuple(Concern(rule, "m:net", at, layer) for layer in layers))


@pytest.mark.parametrize(
    ("stale", "words"),
    [
        (concerns("RFA902", [None], None), "RFA902"),
        (concerns("RFA107", [None], (64, 64)), "RFA107 at 64 px"),
        (concerns("RFA101", ["a"], (64, 96)), "RFA101 at 64x96 px in a"),
        (concerns("RFA101", ["a", "b", "c"], (64, 64)), "RFA101 at 64 px in a, b and c"),
        (
            concerns("RFA101", ["a", "b", "c", "d"], (64, 64)),
            "RFA101 at 64 px in a, b and 2 more layers",
        ),
    ],
)
def test_accepted_findings_that_are_fixed_are_told_with_their_place(
    stale: Stale, words: str, make_subject: MakeSubject
) -> None:
    subject = replace(make_subject(), stale=(stale,))
    first = stale.concerns[0]
    layers = tuple(concern.layer for concern in stale.concerns if concern.layer)

    findings = list(RULES["RFA911"].check(subject))

    assert findings == [
        Finding(
            code="RFA911",
            name="stale-baseline-entry",
            severity=Severity.WARNING,
            model="m:net",
            message=f"the baseline accepts what is fixed: {words}",
            help="run `rfa baseline prune` and commit the file",
            resolution=first.resolution,
            layers=layers,
            file="rfa-baseline.json",
            line=12,
            column=1,
            end_line=12,
            fingerprint=fingerprint("RFA911", "m:net", first.resolution, (first.rule, *layers)),
            url="https://github.com/pytest-rfa/pytest-rfa/blob/main/docs/rules/"
            "stale-baseline-entry.md",
        )
    ]


def test_the_same_useless_comment_twice_is_two_findings_with_names_of_their_own(
    make_subject: MakeSubject,
) -> None:
    comments = tuple(
        Useless(Location("/project/m.py", line, 5), text, "there is no RFA999", "remove it")
        for line, text in ((3, "# rfa: ignore[RFA999]"), (8, "# rfa: ignore[RFA999]"), (9, "# x"))
    )

    findings = list(RULES["RFA910"].check(replace(make_subject(), useless=comments)))

    shown = [(found.message, found.help, found.file, found.line) for found in findings]
    message = "this ignore suppresses nothing: there is no RFA999"
    assert shown == [(message, "remove it", "m.py", line) for line in (3, 8, 9)]
    assert [found.fingerprint for found in findings] == [
        hashlib.sha256(f"{facts} {times}".encode()).hexdigest()
        for text, times in (("# rfa: ignore[RFA999]", 1), ("# rfa: ignore[RFA999]", 2), ("# x", 1))
        for facts in [json.dumps(["RFA910", "m:net", "m.py", text])]
    ]
