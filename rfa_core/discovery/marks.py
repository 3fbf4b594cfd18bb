"""What its author says of a definition: ``@rfa_core.model``, ``# rfa: [not-a-]model``.

A decorator is read from its source, as everything in discovery: its arguments have to be literals.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rfa_core.discovery.expressions import dotted
from rfa_core.errors import ResolutionError
from rfa_core.receptive.resolution import Resolution, parse_resolution

_COMMENT = re.compile(r"#\s*rfa:\s*(not-a-)?model\b")
_DECORATOR = "rfa_core.model"
_ARGUMENTS = ("res", "kwargs")


@dataclass(frozen=True, slots=True)
class Mark:
    """Whether a definition is a model, the words that say so, and how to check it.

    ``problem`` says what is wrong with the arguments of the decorator.
    """

    is_model: bool
    words: str
    resolutions: tuple[Resolution, ...] = ()
    kwargs: Mapping[str, object] = field(default_factory=dict)
    problem: str = ""


def find_mark(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    lines: Sequence[str],
    origins: Mapping[str, str],
) -> Mark | None:
    """The mark of a definition; a comment on its ``def`` or ``class`` line wins.

    ``lines`` are those of the file, if any of them may hold a comment. ``origins`` are the dotted
    paths that imported names stand for.
    """
    header = lines[node.lineno - 1 : max(node.body[0].lineno - 1, node.lineno)]
    comment = next(filter(None, map(_COMMENT.search, header)), None)
    decorator = next((one for one in node.decorator_list if _is_ours(one, origins)), None)
    if comment is not None and (comment[1] or decorator is None):
        return Mark(not comment[1], f"marked `# rfa: {comment[1] or ''}model`")
    return None if decorator is None else _decorated(decorator)


def _is_ours(node: ast.expr, origins: Mapping[str, str]) -> bool:
    name = dotted(node.func if isinstance(node, ast.Call) else node) or ""
    head, dot, rest = name.partition(".")
    return f"{origins.get(head, '')}{dot}{rest}" == _DECORATOR


def _decorated(node: ast.expr) -> Mark:
    words = "decorated with `@rfa_core.model`"
    if not isinstance(node, ast.Call):
        return Mark(True, words)
    try:
        given = _literals(node)
        asked = given.get("res")
        each = asked if isinstance(asked, (list, tuple)) else [] if asked is None else [asked]
        resolutions = tuple(map(parse_resolution, each))
        return Mark(True, words, resolutions, _keywords(given.get("kwargs")))
    except ResolutionError as error:
        problem = f"{error.message}; {error.hint}"
    except ValueError as error:
        problem = str(error)
    return Mark(True, words, problem=f"@rfa_core.model in line {node.lineno}: {problem}")


def _literals(node: ast.Call) -> dict[str, object]:
    if node.args:
        raise ValueError("its arguments are given by name, as res=64 and kwargs={'depth': 4}")
    given: dict[str, object] = {}
    for keyword in node.keywords:
        if keyword.arg not in _ARGUMENTS:
            raise ValueError(f"it takes res and kwargs, not {keyword.arg or '**'}")
        try:
            given[keyword.arg] = ast.literal_eval(keyword.value)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            raise ValueError(
                f"{keyword.arg} is read and not run: write it out as a literal, "
                "or give it in an entry of `factories`"
            ) from None
    return given


def _keywords(value: object) -> Mapping[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError(f"kwargs is a dictionary of arguments by name, not {value!r:.60}")
    return value
