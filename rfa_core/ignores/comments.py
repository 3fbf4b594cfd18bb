"""``# rfa: ignore[RFA101] reason``: what such a comment says, and which lines it speaks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rfa_core.ignores.structure import Comment, Span, comments_of, inside

_DIRECTIVE = re.compile(r"#\s*rfa:\s*ignore(?![\w-])\s*(\[[^\]]*\]?)?", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,]+")

NO_CODES = "it names no rule"
NOT_CLOSED = "its bracket is not closed"
ALONE = "it stands on a line of its own"


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment; lines and columns start at 1, spans have both ends.

    ``codes`` are as written; a comment with a ``problem`` silences nothing. ``reach`` holds
    the lines it speaks for: what is built or called on one of them. ``statement`` is the one
    that it stands on, ``within`` the lines around it that run together: the innermost
    definition, else the whole file. ``heads`` says that the statement is a ``def`` or
    ``class`` line, and ``reach`` all of what it defines.
    """

    line: int
    column: int
    text: str
    codes: tuple[str, ...]
    problem: str
    reach: tuple[Span, ...]
    statement: Span
    within: Span
    heads: bool = False

    def covers(self, line: int) -> bool:
        """Whether what happens on ``line`` is what the comment speaks of."""
        return any(inside(span, line) for span in self.reach)


def read_ignores(text: str) -> tuple[Ignore, ...]:
    """The comments of a module, in order; none if it is no Python."""
    if not _DIRECTIVE.search(text):
        return ()
    return tuple(ignore for comment in comments_of(text) for ignore in _ignores(comment))


def _ignores(comment: Comment) -> Iterator[Ignore]:
    for found in _DIRECTIVE.finditer(comment.text):
        codes, problem = _codes(found[1] or "")
        if comment.statement is None:
            codes, problem = (), problem or ALONE
        yield Ignore(
            comment.line,
            comment.column + found.start(),
            comment.text,
            codes,
            problem,
            comment.reach,
            comment.statement or (comment.line, comment.line),
            comment.within,
            comment.heads,
        )


def _codes(brackets: str) -> tuple[tuple[str, ...], str]:
    """The codes between the brackets, or what is wrong with them."""
    if brackets and not brackets.endswith("]"):
        return (), NOT_CLOSED
    codes = tuple(code for code in _BETWEEN.split(brackets.strip("[]")) if code)
    return codes, "" if codes else NO_CODES
