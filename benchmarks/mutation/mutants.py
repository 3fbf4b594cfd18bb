"""Mutants of functions: made by the operators of Cosmic Ray, one change in one place each.

A mutant is the code object of one function, compiled from the changed source; what runs while a
module is imported (tables, defaults, decorators) is not changed.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType

from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

_PARTNERS = {
    "ReplaceBinaryOperator": """
        Add_Sub Sub_Add Mul_FloorDiv Mul_Add Div_Mul FloorDiv_Mul Mod_FloorDiv Pow_Mul
        BitOr_BitAnd BitAnd_BitOr BitOr_BitXor RShift_LShift LShift_RShift
    """,
    "ReplaceComparisonOperator": """
        Lt_LtE LtE_Lt Gt_GtE GtE_Gt Lt_GtE LtE_Gt Gt_LtE GtE_Lt Eq_NotEq NotEq_Eq
        Is_IsNot IsNot_Is Eq_LtE Eq_GtE
    """,
    "ReplaceUnaryOperator": "Delete_USub Delete_Not Delete_Invert",
}
"""The replacements that can pass for the original; all others fail at once, and prove little."""
_WITHOUT = {"VariableReplacer", "VariableInserter", "RemoveDecorator"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """The ``occurrence``-th change of one kind in the module at ``path``, at ``line``."""

    path: str
    operator: str
    occurrence: int
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.operator}#{self.occurrence}"


@dataclass(frozen=True, slots=True)
class Change:
    """The function's code as it is and as the mutant has it, and the difference to read."""

    code: CodeType
    changed: CodeType
    diff: str


def mutants_of(path: str) -> Iterator[tuple[object, Mutant]]:
    """All mutants of a module, each with its place and kind, of which several can be."""
    operators = {name: get_operator(name)() for name in _operators()}
    seen: Counter[str] = Counter()
    for node in ast_nodes(get_ast(_source(path))):
        for name, operator in operators.items():
            for (line, column), _ in operator.mutation_positions(node):
                kind = re.sub("_.*", "", name)
                yield (line, column, kind), Mutant(path, name, seen[name], line)
                seen[name] += 1


def change(mutant: Mutant) -> Change | None:
    """What the mutant changes; None where that runs at import, or compiles to the same."""
    source = _source(mutant.path)
    changed = mutate_code(source, get_operator(mutant.operator)(), mutant.occurrence)
    if changed is None:
        return None
    try:
        pair = _changed(_compiled(source, mutant.path), _compiled(changed, mutant.path))
    except SyntaxError:
        return None
    if pair is None:
        return None
    lines = difflib.unified_diff(source.splitlines(), changed.splitlines(), lineterm="", n=0)
    return Change(*pair, "\n".join(list(lines)[3:]))


@cache
def statements(path: str) -> dict[int, range]:
    """For every line of code, the lines of the innermost statement (or its head) there."""
    found: dict[int, range] = {}
    for node in ast.walk(ast.parse(_source(path))):  # outer statements come first
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            body = getattr(node, "body", None)
            end = body[0].lineno if body else (node.end_lineno or node.lineno) + 1
            lines = range(node.lineno, max(end, node.lineno + 1))
            found.update(dict.fromkeys(lines, lines))
    return found


@cache
def _operators() -> tuple[str, ...]:
    return tuple(
        name
        for name in operator_names()
        for kind, _, pair in [name.partition("/")[2].partition("_")]
        if kind not in _WITHOUT and (kind not in _PARTNERS or pair in _PARTNERS[kind].split())
    )


@cache
def _source(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def _compiled(source: str, path: str) -> CodeType:
    return compile(source, str(Path(path).resolve()), "exec", dont_inherit=True)


def _changed(before: CodeType, after: CodeType) -> tuple[CodeType, CodeType] | None:
    """The outermost function that differs, if nothing differs around it."""
    if _around(before) != _around(after):
        return None
    for one, other in zip(_inside(before), _inside(after), strict=True):
        if one != other:
            is_function = bool(one.co_flags & 0x0002)  # CO_NEWLOCALS: not the body of a class
            return (one, other) if is_function else _changed(one, other)
    return None


def _inside(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]


def _around(code: CodeType) -> tuple[object, ...]:
    constants = [one for one in code.co_consts if not isinstance(one, CodeType)]
    return code.co_code, code.co_names, repr(constants), len(_inside(code))
