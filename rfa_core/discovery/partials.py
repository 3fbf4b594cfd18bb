"""``name = partial(function, …)`` at module level, read as the function that it is."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from rfa_core.discovery.expressions import dotted

_PARTIAL = "functools.partial"
_REST = "kwargs"


def as_function(node: ast.stmt, origins: Mapping[str, str]) -> ast.FunctionDef | None:
    """``def name(**kwargs): return function(…, **kwargs)`` in the place of ``node``; None for
    other statements.

    ``origins`` are the dotted paths that imported names stand for.
    """
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return None
    target, value = node.targets[0], node.value
    if not (isinstance(target, ast.Name) and isinstance(value, ast.Call) and value.args):
        return None
    head, dot, rest = (dotted(value.func) or "").partition(".")
    if f"{origins.get(head, '')}{dot}{rest}" != _PARTIAL:
        return None
    given = [*value.keywords, ast.keyword(None, ast.Name(_REST))]
    body = ast.Return(ast.Call(value.args[0], value.args[1:], given))
    rest_of = ast.arguments([], [], None, [], [], ast.arg(_REST), [])
    function = ast.FunctionDef(target.id, rest_of, [body], [], lineno=node.lineno)
    return ast.fix_missing_locations(ast.copy_location(function, node))
