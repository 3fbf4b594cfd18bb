"""The comments of a module and what they stand beside, read from its tokens.

Tokens and no syntax tree: a tree has no comments, and a string that looks like one is none.
"""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from keyword import iskeyword

Span = tuple[int, int]

_OPENING, _CLOSING = frozenset("([{"), frozenset(")]}")
_BLANK = {tokenize.NL, tokenize.ENCODING, tokenize.ENDMARKER}


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment; ``statement`` is the span of the one it stands on, None if on no one's line.

    ``reach`` is the smallest part of the statement that it can be about: the calls that
    begin or end on its line, else the brackets around it, else all. On the line of a ``def`` or
    ``class`` (``heads``) it is all that is defined. ``within`` is the innermost definition
    around it, else the file.
    """

    line: int
    column: int
    text: str
    statement: Span | None
    reach: tuple[Span, ...]
    within: Span
    heads: bool


def comments_of(text: str) -> tuple[Comment, ...]:
    """All comments, in order; none if the tokens make no module."""
    reader = _Reader()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            reader.take(token)
    except (tokenize.TokenError, SyntaxError):
        return ()
    reader.end()
    return tuple(sorted(reader.comments(), key=lambda comment: comment.line))


def inside(span: Span, line: int) -> bool:
    """Whether ``line`` is one of the span's."""
    return span[0] <= line <= span[1]


@dataclass(slots=True)
class _Block:
    """What stands indented below a statement; ``defines``: a ``def`` or ``class``."""

    first: int
    last: int
    defines: bool


@dataclass(frozen=True, slots=True)
class _Bracket:
    span: Span
    calls: bool


@dataclass(slots=True)
class _Statement:
    first: int
    words: list[str] = field(default_factory=list)
    last: int = 0
    brackets: list[_Bracket] = field(default_factory=list)
    comments: list[tokenize.TokenInfo] = field(default_factory=list)
    blocks: tuple[_Block, ...] = ()
    own: _Block | None = None

    @property
    def defines(self) -> bool:
        return self.words[:1] in (["def"], ["class"]) or self.words[:2] == ["async", "def"]


class _Reader:
    def __init__(self) -> None:
        self._statements: list[_Statement] = []
        self._alone: list[tuple[tokenize.TokenInfo, tuple[_Block, ...]]] = []
        self._open: _Statement | None = None
        self._brackets: list[tuple[int, bool]] = []
        self._before = ""
        self._blocks: list[_Block] = []
        self._last = 0

    def take(self, token: tokenize.TokenInfo) -> None:
        if token.type == tokenize.COMMENT:
            self._comment(token)
        elif token.type == tokenize.NEWLINE:
            self._close(token.start[0])
        elif token.type == tokenize.INDENT:
            self._indent()
        elif token.type == tokenize.DEDENT:
            self._blocks.pop().last = self._last
        elif token.type == tokenize.ERRORTOKEN:
            raise tokenize.TokenError("no token", token.start)
        elif token.type not in _BLANK:
            self._word(token)

    def end(self) -> None:
        while self._blocks:
            self._blocks.pop().last = self._last

    def comments(self) -> Iterator[Comment]:
        for statement in self._statements:
            for token in statement.comments:
                yield self._beside(statement, token)
        for token, blocks in self._alone:
            line, column = token.start
            yield Comment(line, column + 1, token.string, None, (), self._within(blocks), False)

    def _comment(self, token: tokenize.TokenInfo) -> None:
        if self._open is None:
            self._alone.append((token, tuple(self._blocks)))
        else:
            self._open.comments.append(token)

    def _word(self, token: tokenize.TokenInfo) -> None:
        if self._open is None:
            self._open = _Statement(token.start[0], blocks=tuple(self._blocks))
        if len(self._open.words) < 2:
            self._open.words.append(token.string)
        line, text = token.start[0], token.string
        if token.type == tokenize.OP and text in _OPENING:
            self._brackets.append((line, text == "(" and _is_callee(self._before)))
        elif token.type == tokenize.OP and text in _CLOSING and self._brackets:
            first, calls = self._brackets.pop()
            self._open.brackets.append(_Bracket((first, line), calls))
        self._before = text

    def _close(self, line: int) -> None:
        if self._open is not None:
            self._open.last = self._last = line
            self._statements.append(self._open)
        self._open, self._brackets = None, []

    def _indent(self) -> None:
        above = self._statements[-1]
        above.own = _Block(above.first, above.last, above.defines)
        self._blocks.append(above.own)

    def _beside(self, statement: _Statement, token: tokenize.TokenInfo) -> Comment:
        line, column = token.start
        span = (statement.first, statement.last)
        reach = (self._defined(statement),) if statement.defines else _reach(statement, line)
        within = self._within(statement.blocks)
        return Comment(line, column + 1, token.string, span, reach, within, statement.defines)

    def _defined(self, statement: _Statement) -> Span:
        own = statement.own
        return (own.first, own.last) if own else (statement.first, statement.last)

    def _within(self, blocks: tuple[_Block, ...]) -> Span:
        around = [block for block in blocks if block.defines]
        return (around[-1].first, around[-1].last) if around else (1, max(self._last, 1))


def _reach(statement: _Statement, line: int) -> tuple[Span, ...]:
    whole = (statement.first, statement.last)
    longer = [bracket.span for bracket in statement.brackets if bracket.span[0] < bracket.span[1]]
    called = [bracket.span for bracket in statement.brackets if bracket.calls]
    touching = tuple(dict.fromkeys(span for span in (*called, *longer) if line in span))
    around = [span for span in longer if inside(span, line)]
    return touching or (min(around, key=lambda span: span[1] - span[0], default=whole),)


def _is_callee(text: str) -> bool:
    """Whether a parenthesis after ``text`` calls something."""
    return text in (")", "]") or (text.isidentifier() and not iskeyword(text))
