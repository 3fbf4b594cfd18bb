"""What expressions of a file evaluate to, as far as constants and option defaults lead."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from rfa_core.discovery.expressions import assigned, dotted, statements

Scope = Mapping[str, Sequence[ast.expr]]
"""Names with what is assigned to them, in order; nothing for a parameter."""

_DEPTH = 16
_REBINDING = (ast.AugAssign, ast.For, ast.AsyncFor)
_LONGEST = 10_000
_OPERATORS: Mapping[type[ast.operator], Callable[[object, object], object]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "int": int,
    "float": float,
    "str": str,
    "bool": bool,
    "len": len,
    "list": list,
    "tuple": tuple,
}
_SWITCHES: Mapping[object, bool] = {"store_true": False, "store_false": True}


class UnknownValueError(Exception):
    """An expression whose value cannot be told by reading."""


def scope(body: Sequence[ast.stmt], parameters: Iterable[str] = ()) -> Scope:
    """The names of a module or function body; what a loop or ``+=`` binds has no one value."""
    inside = list(statements(body, into_scopes=False))
    rebound = [node.target for node in inside if isinstance(node, _REBINDING)]
    names = {node.id for each in rebound for node in ast.walk(each) if isinstance(node, ast.Name)}
    return {**dict.fromkeys(parameters, ()), **assigned(inside), **dict.fromkeys(names, ())}


class Values:
    """Evaluates the expressions of one module: literals, arithmetic, names that were assigned.

    ``options.name`` is the default of the command-line option that the file declares as
    ``--name``; the name of the object before the dot does not matter.
    """

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self.module = scope(tree.body)

    def evaluate(self, node: ast.expr, scopes: Sequence[Scope]) -> object:
        """The value of ``node``; ``scopes`` are those around it, innermost first.

        Raises UnknownValueError if it depends on what only running the program tells.
        """
        try:
            return _Evaluation((*scopes, self.module), self, node.lineno).of(node, _DEPTH)
        except (ArithmeticError, TypeError, ValueError, LookupError) as error:
            raise UnknownValueError(str(error)) from error

    @cached_property
    def options(self) -> Mapping[str, ast.expr]:
        """The defaults of the command-line options that the file declares."""
        return {name: value for name, value in _options(self._tree) if value is not None}


class _Evaluation:
    def __init__(self, scopes: Sequence[Scope], values: Values, line: int) -> None:
        self._scopes, self._values, self._line = scopes, values, line

    def of(self, node: ast.expr, depth: int) -> object:
        """The value of ``node``, followed through at most ``depth`` expressions."""
        if isinstance(node, ast.Constant):
            return node.value
        evaluate = _EVALUATORS.get(type(node))
        if evaluate is None or depth == 0:
            raise UnknownValueError(type(node).__name__)
        return evaluate(self, node, depth - 1)

    def name(self, node: ast.Name, depth: int) -> object:
        for names in self._scopes:
            if node.id in names:
                return self.of(self._last(names, names[node.id]), depth)
        raise UnknownValueError(node.id)

    def _last(self, names: Scope, values: Sequence[ast.expr]) -> ast.expr:
        """What was assigned last: at module level, before a function runs; else, above the line."""
        if names is self._scopes[-1] and len(self._scopes) > 1:
            return values[-1]
        return [value for value in values if value.lineno <= self._line][-1]

    def attribute(self, node: ast.Attribute, depth: int) -> object:
        default = self._values.options.get(node.attr)
        if default is None or not isinstance(node.value, ast.Name):
            raise UnknownValueError(node.attr)
        return self.of(default, depth)

    def sequence(self, node: ast.Tuple | ast.List, depth: int) -> object:
        items: list[object] = []
        for each in node.elts:
            if isinstance(each, ast.Starred):
                items.extend(_sized(self.of(each.value, depth)))
            else:
                items.append(self.of(each, depth))
        return items if isinstance(node, ast.List) else tuple(items)

    def mapping(self, node: ast.Dict, depth: int) -> object:
        pairs = [(key, value) for key, value in zip(node.keys, node.values, strict=True) if key]
        if len(pairs) < len(node.keys):
            raise UnknownValueError("**")
        return {self.of(key, depth): self.of(value, depth) for key, value in pairs}

    def binary(self, node: ast.BinOp, depth: int) -> object:
        apply = _OPERATORS.get(type(node.op))
        if apply is None:
            raise UnknownValueError(type(node.op).__name__)
        left, right = self.of(node.left, depth), self.of(node.right, depth)
        if _is_long(left, right) or (apply is operator.mod and isinstance(left, (str, bytes))):
            raise UnknownValueError("too long")
        return apply(left, right)

    def negative(self, node: ast.UnaryOp, depth: int) -> object:
        value = self.of(node.operand, depth)
        if not isinstance(node.op, ast.USub) or not isinstance(value, (int, float)):
            raise UnknownValueError(type(node.op).__name__)
        return -value

    def item(self, node: ast.Subscript, depth: int) -> object:
        whole, key = self.of(node.value, depth), self.of(node.slice, depth)
        return operator.getitem(whole, key)  # type: ignore[call-overload]

    def call(self, node: ast.Call, depth: int) -> object:
        apply = _FUNCTIONS.get(dotted(node.func) or "")
        if apply is None or node.keywords:
            raise UnknownValueError(dotted(node.func) or "call")
        return apply(*(self.of(each, depth) for each in node.args))


_EVALUATORS: Mapping[type[ast.expr], Callable[..., object]] = {
    ast.Name: _Evaluation.name,
    ast.Attribute: _Evaluation.attribute,
    ast.Tuple: _Evaluation.sequence,
    ast.List: _Evaluation.sequence,
    ast.Dict: _Evaluation.mapping,
    ast.BinOp: _Evaluation.binary,
    ast.UnaryOp: _Evaluation.negative,
    ast.Subscript: _Evaluation.item,
    ast.Call: _Evaluation.call,
}


def _is_long(left: object, right: object) -> bool:
    """Whether the product of a sequence and a number would be."""
    has_sequence = any(isinstance(each, (str, bytes, list, tuple)) for each in (left, right))
    return has_sequence and any(isinstance(n, int) and n > _LONGEST for n in (left, right))


def _sized(value: object) -> Sequence[object]:
    if not isinstance(value, (list, tuple)):
        raise UnknownValueError("*")
    return value


def _options(tree: ast.Module) -> Iterator[tuple[str, ast.expr | None]]:
    """The options that a command line of ``argparse`` has, and their defaults."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "add_argument":
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            flags = [arg.value for arg in node.args if isinstance(arg, ast.Constant)]
            longest = next((f for f in map(str, flags) if f.startswith("--")), *map(str, flags[:1]))
            action = getattr(given.get("action"), "value", None)
            switch = ast.Constant(_SWITCHES[action]) if action in _SWITCHES else None
            yield longest.lstrip("-").replace("-", "_"), given.get("default", switch)
