"""What a comment says, and which lines it speaks for."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfa_core.ignores.comments import ALONE, NO_CODES, NOT_CLOSED, read_ignores
from rfa_core.ignores.reading import ignores_in
from rfa_core.rules import RULES

SAYS = {
    "# rfa: ignore[RFA101]": (("RFA101",), ""),
    "# rfa: ignore[RFA101] meant so": (("RFA101",), ""),
    "# rfa: ignore[RFA101, RFA103] why": (("RFA101", "RFA103"), ""),
    "# rfa: ignore[RFA101 RFA103,]": (("RFA101", "RFA103"), ""),
    "#rfa:ignore [ RFA101 ]": (("RFA101",), ""),
    "# RFA: Ignore[RFA101]": (("RFA101",), ""),
    "# noqa: E501  # rfa: ignore[RFA101]": (("RFA101",), ""),
    "# type: ignore  # rfa: ignore[RFA101] # and more": (("RFA101",), ""),
    "# rfa: ignore[rfa101]": (("rfa101",), ""),
    "# rfa: ignore": ((), NO_CODES),
    "# rfa: ignore because": ((), NO_CODES),
    "# rfa: ignore[]": ((), NO_CODES),
    "# rfa: ignore[ , ]": ((), NO_CODES),
    "# rfa: ignore[RFA101": ((), NOT_CLOSED),
    "# rfa: ignored": None,
    "# rfa: ignore-me": None,
    "# rfa: model": None,
    "# see rfa: ignore[RFA101]": None,
}


@pytest.mark.parametrize(("comment", "expected"), SAYS.items(), ids=SAYS)
def test_a_comment_names_codes_or_is_a_mistake(
    comment: str, expected: tuple[tuple[str, ...], str] | None
) -> None:
    found = read_ignores(f"x = f()  {comment}\n")

    assert [(ignore.codes, ignore.problem) for ignore in found] == [expected] * bool(expected)


def test_two_comments_in_one_are_two() -> None:
    found = read_ignores("x = f()  # rfa: ignore[RFA101] # rfa: ignore[RFA103]\n")

    assert [(ignore.column, ignore.codes) for ignore in found] == [
        (10, ("RFA101",)),
        (32, ("RFA103",)),
    ]


REACHES = {
    "the line of a statement": ("a = f()\nb = f()  # HERE\nc = f()\n", [(2, 2)]),
    "a plain statement": ("return_ = 3  # HERE\n", [(1, 1)]),
    "the first line of a call": ("a = f(  # HERE\n    1,\n    2,\n)\n", [(1, 4)]),
    "an argument of a call": ("a = f(\n    1,  # HERE\n    2,\n)\n", [(1, 4)]),
    "an argument with brackets": ("a = f(\n    size=(3, 3),  # HERE\n    x=y[0],\n)\n", [(1, 4)]),
    "the last line of a call": ("a = f(\n    1,\n    2,\n)  # HERE\n", [(1, 4)]),
    "one call of several": ("a = s(\n    f(1),  # HERE\n    f(2),\n)\n", [(2, 2)]),
    "one long call of several": (
        "a = s(\n    f(\n        1\n    ),  # HERE\n    f(2),\n)\n",
        [(2, 4)],
    ),
    "the end of one, the start of the next": (
        "a = s(\n    f(\n        1\n    ), g(  # HERE\n        2\n    )\n)\n",
        [(2, 4), (4, 6)],
    ),
    "a list": ("a = [\n    f(n)\n    for n in m\n]  # HERE\n", [(1, 4)]),
    "a line of its own in brackets": ("a = s(\n    # HERE\n    f(1),\n)\n", [(1, 4)]),
    "the end of a long string": ('a = f("""\n\n""")  # HERE\n', [(1, 3)]),
    "a function": ("def f():  # HERE\n    a = g()\n\n    b = g()\n\n\nc = g()\n", [(1, 4)]),
    "a function on one line": ("def f(): return g()  # HERE\na = g()\n", [(1, 1)]),
    "a long signature": ("async def f(\n    a,  # HERE\n    b,\n):\n    c = g()\n", [(1, 5)]),
    "a class": ("class A:  # HERE\n    def f(self):\n        g()\n    x = 1\ny = 2\n", [(1, 4)]),
    "a method": ("class A:\n    def f(self):  # HERE\n        g()\n    x = 1\n", [(2, 3)]),
    "a loop is no definition": ("for n in m:  # HERE\n    f(n)\n", [(1, 1)]),
}


@pytest.mark.parametrize(("text", "reach"), REACHES.values(), ids=REACHES)
def test_a_comment_speaks_for_the_least_that_it_can_be_about(
    text: str, reach: list[tuple[int, int]]
) -> None:
    (found,) = read_ignores(text.replace("HERE", "rfa: ignore[RFA101]"))

    assert (list(found.reach), found.problem) == (reach, "")


def test_a_comment_knows_the_definition_that_it_stands_in() -> None:
    text = dedent(
        """\
        a = f()  # rfa: ignore[RFA101]
        class A:
            b = f()  # rfa: ignore[RFA101]
            def g(self):
                if self.b:
                    c = f()  # rfa: ignore[RFA101]
                    # rfa: ignore[RFA101]
            d = f()  # rfa: ignore[RFA101]
        """
    )

    found = read_ignores(text)

    assert [(ignore.line, ignore.within, ignore.problem) for ignore in found] == [
        (1, (1, 8), ""),
        (3, (2, 8), ""),
        (6, (4, 6), ""),
        (7, (4, 6), ALONE),
        (8, (2, 8), ""),
    ]


@pytest.mark.parametrize(
    "text",
    [
        'a = "# rfa: ignore[RFA101]"\n',
        'def f():\n    """Write # rfa: ignore[RFA101] there."""\n',
        "a = f(  # rfa: ignore[RFA101]\n",
        "if a:\n        b\n    c  # rfa: ignore[RFA101]\n",
        "a = '  # rfa: ignore[RFA101]\n",
        "",
    ],
)
def test_strings_and_what_is_no_python_hold_no_comments(text: str) -> None:
    assert read_ignores(text) == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", ""])
def test_every_line_end_is_one(end: str) -> None:
    (found,) = read_ignores(f"a = f(){end or chr(10)}b = f()  # rfa: ignore[RFA101]{end}")

    assert (found.line, found.reach) == (2, ((2, 2),))


def test_a_file_is_read_as_it_says_and_one_that_cannot_be_read_holds_nothing(
    tmp_path: Path,
) -> None:
    text = "# coding: latin-1\né = f()  # rfa: ignore[RFA101]\n"
    (tmp_path / "latin.py").write_text(text, encoding="latin-1")
    (tmp_path / "broken.py").write_bytes(b"a = f()  # \xe9 rfa: ignore[RFA101]\n")

    found = [len(ignores_in(str(tmp_path / name))) for name in ("latin.py", "broken.py", "gone.py")]

    assert found == [1, 0, 0]


@given(
    st.lists(st.sampled_from(list(RULES)), min_size=1),
    st.sampled_from([",", ", ", " ", " ,  "]),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="#")),
)
def test_all_codes_are_read_whatever_stands_between_and_after_them(
    codes: list[str], between: str, reason: str
) -> None:
    (found,) = read_ignores(f"a = f()  # rfa: ignore[{between.join(codes)}] {reason}\n")

    assert (found.codes, found.problem, found.column) == (tuple(codes), "", 10)
