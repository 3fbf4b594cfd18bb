"""Reading expressions: dotted names, calls, and what a function may return."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_FLUENT = frozenset(
    ("to", "cuda", "cpu", "eval", "train", "float", "double", "half", "type", "apply")
)
_WRAPPERS = frozenset(("DataParallel", "DistributedDataParallel", "compile", "script"))
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_DEPTH = 8


@dataclass(frozen=True, slots=True)
class Call:
    """A call: the function's name as written, and the names its arguments are made from.

    ``positional`` and ``keywords`` say what is given; ``spreads`` is ``"**"`` when a mapping is
    passed on, ``"*"`` when a sequence is (``positional`` are those beside it).
    """

    function: str
    arguments: tuple[str, ...] = ()
    positional: int = 0
    keywords: tuple[str, ...] = ()
    spreads: str = ""


@dataclass(frozen=True, slots=True)
class Reads:
    """Every name and every call inside a piece of code, annotations left out."""

    names: frozenset[str]
    calls: tuple[Call, ...]


def dotted(node: ast.AST | None) -> str | None:
    """``a.b.c`` for a chain of attributes of a name (a string constant is parsed first)."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if all(p.isidentifier() for p in node.value.split(".")) else None
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def reads(nodes: Sequence[ast.AST]) -> Reads:
    """All names read and all calls made below ``nodes``, those of ``self`` left out."""
    names: set[str] = set()
    calls: list[Call] = []
    pending: list[ast.AST] = list(nodes)
    while pending:
        node = pending.pop()
        name = dotted(node) if isinstance(node, (ast.Name, ast.Attribute)) else None
        if name is not None:
            if not name.startswith("self."):
                names.add(name)
            continue
        if isinstance(node, ast.Call):
            calls.extend(_call(node))
        pending.extend(_children(node))
    return Reads(frozenset(names), tuple(calls))


def returned(function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[Call, ...]:
    """The calls whose result ``function`` may return, followed through its variables."""
    body = list(statements(function.body, into_scopes=False))
    values = assigned(body)
    results = [node.value for node in body if isinstance(node, ast.Return) and node.value]
    calls = [call for result in results for call in _makers(result, values, _DEPTH)]
    parameters = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    return tuple(
        dict.fromkeys(call for call in calls if call.function.partition(".")[0] not in parameters)
    )


def grafted(function: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The functions whose results ``function`` assigns to attributes of what it returns."""
    body = list(statements(function.body, into_scopes=False))
    results = {dotted(node.value) for node in body if isinstance(node, ast.Return)}
    made = (
        dotted(node.value.func)
        for node in body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Attribute) and _owner(target) in results
    )
    return frozenset(filter(None, made))


def _owner(target: ast.Attribute) -> str | None:
    """``net`` of ``net.stem.conv``."""
    name = dotted(target)
    return None if name is None else name.partition(".")[0]


def handed_up(constructor: ast.FunctionDef | ast.AsyncFunctionDef) -> Call | None:
    """The call of the base class's constructor that gets ``**kwargs`` as they came, if any does."""
    rest = constructor.args.kwarg
    inside = [node for each in constructor.body for node in ast.walk(each)]
    uses = [node for node in inside if rest and isinstance(node, ast.Name) and node.id == rest.arg]
    if len(uses) != 1:
        return None
    calls = (node for node in inside if isinstance(node, ast.Call) and _is_of_base(node.func))
    for call in calls:
        if any(each.arg is None and each.value is uses[0] for each in call.keywords):
            return _with_arguments("super().__init__", call)
    return None


def _is_of_base(function: ast.expr) -> bool:
    """Whether it is ``super().__init__``."""
    owner = function.value if isinstance(function, ast.Attribute) else None
    is_super = isinstance(owner, ast.Call) and dotted(owner.func) == "super"
    return is_super and getattr(function, "attr", "") == "__init__"


def statements(body: Sequence[ast.AST], *, into_scopes: bool) -> Iterator[ast.AST]:
    """All statements below ``body``; those of nested functions and classes if asked for."""
    for node in body:
        yield node
        if into_scopes or not isinstance(node, _SCOPES):
            for field in ("body", "orelse", "handlers", "finalbody", "cases"):
                nested = getattr(node, field, None)
                if isinstance(nested, list):
                    yield from statements(nested, into_scopes=into_scopes)


def _makers(node: ast.expr, values: Mapping[str, Sequence[ast.expr]], depth: int) -> Iterator[Call]:
    if depth == 0:
        return
    if isinstance(node, ast.Name):
        nested: Sequence[ast.expr] = values.get(node.id, ())
    elif isinstance(node, ast.IfExp):
        nested = (node.body, node.orelse)
    elif isinstance(node, ast.BoolOp):
        nested = node.values
    elif isinstance(node, ast.NamedExpr):
        nested = (node.value,)
    elif isinstance(node, ast.Call):
        nested = _inside(node)
        yield from _called(node, values)
    else:
        return
    for each in nested:
        yield from _makers(each, values, depth - 1)


def _inside(node: ast.Call) -> Sequence[ast.expr]:
    """What a call passes through: ``net`` of ``net.to(device)``, ``net`` of ``compile(net)``."""
    name = node.func.attr if isinstance(node.func, ast.Attribute) else dotted(node.func)
    if isinstance(node.func, ast.Attribute) and name in _FLUENT:
        return (node.func.value,)
    return node.args[:1] if name in _WRAPPERS else ()


def _called(node: ast.Call, values: Mapping[str, Sequence[ast.expr]]) -> Iterator[Call]:
    if isinstance(node.func, ast.Name) and node.func.id in values:
        for value in values[node.func.id]:
            name = dotted(value)
            if name is not None:
                yield _with_arguments(name, node)
    elif not _inside(node):
        yield from _call(node)


def _call(node: ast.Call) -> Iterator[Call]:
    name = dotted(node.func)
    if name is not None and not name.startswith("self."):
        yield _with_arguments(name, node)


def _with_arguments(name: str, node: ast.Call) -> Call:
    keywords = tuple(keyword.arg for keyword in node.keywords if keyword.arg)
    spreads = "**" if len(keywords) < len(node.keywords) else ""
    if any(isinstance(value, ast.Starred) for value in node.args):
        spreads = "*"
    positional = sum(not isinstance(value, ast.Starred) for value in node.args)
    return Call(name, _arguments(node), positional, keywords, spreads)


def _arguments(node: ast.Call) -> tuple[str, ...]:
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    return tuple(name for value in given for name in _named(value))


def _named(value: ast.expr) -> Iterator[str]:
    if isinstance(value, ast.Starred):
        yield from _named(value.value)
    elif isinstance(value, (ast.List, ast.Tuple)):
        for element in value.elts:
            yield from _named(element)
    elif isinstance(value, ast.Call):
        yield from _named(value.func)
    elif isinstance(value, (ast.Name, ast.Attribute)):
        name = dotted(value)
        if name is not None:
            yield name


def assigned(body: Sequence[ast.AST]) -> dict[str, list[ast.expr]]:
    """What the statements of ``body`` assign to plain names, in order."""
    values: dict[str, list[ast.expr]] = {}
    for node in body:
        targets: Sequence[ast.expr] = ()
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = (node.target,)
        value = getattr(node, "value", None)
        for target, given in (pair for each in targets for pair in _paired(each, value)):
            values.setdefault(target.id, []).append(given)
    return values


def _paired(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[ast.Name, ast.expr]]:
    """``a`` with 1 and ``b`` with 2 for ``a, b = 1, 2``."""
    if isinstance(target, ast.Name) and value is not None:
        yield target, value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=False)
        yield from (pair for one, given in pairs for pair in _paired(one, given))


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            if name not in ("annotation", "returns", "ctx"):
                yield value
        elif isinstance(value, list) and name != "decorator_list":
            yield from (child for child in value if isinstance(child, ast.AST))
