"""What is said of comments that silence nothing."""

from __future__ import annotations

import pytest

from rfa_core.graph.model import Location
from rfa_core.ignores.comments import read_ignores
from rfa_core.ignores.matching import Met, Use
from rfa_core.rules import RULES, Useless, useless

WRITE = "write which rule and why: # rfa: ignore[RFA101] reason"
REMOVE = "remove the comment"
ALL = frozenset(RULES)


def use(
    comment: str, silenced: str = "", ran: frozenset[str] = ALL, statement: str = "x = f()"
) -> Use:
    (ignore,) = read_ignores(f"{statement}  # rfa: {comment}\n")
    return Use(Met("/project/m.py", ignore), ran, frozenset(silenced.split()))


SAID = {
    "needed": (use("ignore[RFA101]", "RFA101"), None),
    "not needed": (
        use("ignore[RFA101]"),
        ("RFA101 has nothing to say about what is built or called here", REMOVE),
    ),
    "of two, one": (
        use("ignore[RFA101, RFA103]", "RFA103"),
        (
            "RFA101 has nothing to say about what is built or called here",
            "take out what is not needed",
        ),
    ),
    "neither of two, for a whole factory": (
        use("ignore[RFA101, RFA103]", statement="def f(): pass"),
        ("RFA101 and RFA103 have nothing to say about what is defined here", REMOVE),
    ),
    "the rule was not run": (use("ignore[RFA101]", ran=ALL - {"RFA101"}), None),
    "RFA910 was not run": (use("ignore[RFA101]", ran=ALL - {"RFA910"}), None),
    "allowed to be unused": (use("ignore[RFA101, RFA910]"), None),
    "allowed, and used": (
        use("ignore[RFA101, RFA910]", "RFA101"),
        (
            "RFA910 has nothing to say about what is built or called here",
            "take out what is not needed",
        ),
    ),
    "no code": (use("ignore"), ("it names no rule", WRITE)),
    "not closed": (use("ignore[RFA101"), ("its bracket is not closed", WRITE)),
    "a beginning": (
        use("ignore[RFA20]"),
        ("RFA20 is no code, name each rule: RFA201, RFA202, RFA203", WRITE),
    ),
    "a slip": (use("ignore[RFA1O1]"), ("there is no rule RFA1O1, did you mean RFA101?", WRITE)),
    "lower case": (use("ignore[rfa101]"), ("there is no rule rfa101, did you mean RFA101?", WRITE)),
    "a name": (
        use("ignore[critical-layer]"),
        ("there is no rule critical-layer, did you mean RFA103?", WRITE),
    ),
    "another tool's": (use("ignore[E501]"), ("there is no rule E501", WRITE)),
    "twice": (
        use("ignore[RFA101, RFA101]", "RFA101"),
        ("RFA101 stands in it 2 times", "take out what is not needed"),
    ),
}


@pytest.mark.parametrize(("given", "expected"), SAID.values(), ids=SAID)
def test_a_comment_is_judged_by_what_it_silenced(
    given: Use, expected: tuple[str, str] | None
) -> None:
    found = useless([given])

    place = Location("/project/m.py", 1, given.met.ignore.column)
    text = given.met.ignore.text
    assert found == ({given.met: Useless(place, text, *expected)} if expected else {})


def test_one_model_that_needs_a_comment_is_enough() -> None:
    needed, idle = use("ignore[RFA101]", "RFA101"), use("ignore[RFA101]")

    assert useless([idle, needed, needed, idle]) == {}


def test_a_rule_that_one_model_was_not_asked_about_counts_if_another_was() -> None:
    asked, spared = use("ignore[RFA101]"), use("ignore[RFA101]", ran=ALL - {"RFA101"})

    assert list(useless([spared, asked])) == [asked.met]
