"""One source file as discovery sees it: its definitions and where its names come from."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rfa_core.discovery.expressions import (
    Call,
    dotted,
    grafted,
    handed_up,
    reads,
    returned,
    statements,
)
from rfa_core.discovery.marks import Mark, find_mark
from rfa_core.discovery.partials import as_function

_MODES = frozenset({"train", "training", "is_training", "deterministic", "inference"})
"""Arguments of a forward method that say how it runs, and are no input."""
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)
_Defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_Block = (ast.If, ast.Try, ast.With)


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class at module level, or a partial call of one.

    ``required`` are the arguments without a default (of ``__init__`` for a class; None when
    it is inherited), ``handed_up`` how it calls its base class's with what else it is given,
    ``grafted`` what a function makes for attributes of what it returns,
    ``fields`` the annotated attributes of a class, and whether they have a value,
    ``inputs`` how many the forward method requires (None when inherited). ``is_partial``: it is a
    function that stands ready with some of its arguments, besides the one that it calls.
    ``mark`` is what a comment or a decorator of its author says of it.
    """

    name: str
    line: int
    is_class: bool
    required: tuple[str, ...] | None
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()
    annotation: str | None = None
    returned: tuple[Call, ...] = ()
    names: frozenset[str] = frozenset()
    calls: tuple[Call, ...] = ()
    defaults: frozenset[str] = frozenset()
    fields: tuple[tuple[str, bool], ...] = ()
    inputs: int | None = None
    is_abstract: bool = False
    is_partial: bool = False
    handed_up: Call | None = None
    grafted: frozenset[str] = frozenset()
    mark: Mark | None = None

    @property
    def is_marked(self) -> bool:
        """Whether its author says that it is a model."""
        return self.mark is not None and self.mark.is_model


@dataclass(frozen=True, slots=True)
class Import:
    """Where a name comes from: ``level`` leading dots and a dotted path."""

    level: int
    path: str


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed file. ``aliases`` are module-level ``name = other.name``.

    ``variables`` are module-level names with their lines. ``trains_at`` is the line of a
    training loop that runs on import, ``called`` every dotted name that is called. ``is_dynamic``
    says that names may appear that no statement defines.
    """

    definitions: Mapping[str, Definition]
    imports: Mapping[str, Import]
    stars: tuple[Import, ...]
    aliases: Mapping[str, str]
    variables: Mapping[str, int]
    trains_at: int | None
    exported: frozenset[str]
    called: frozenset[str]
    is_dynamic: bool

    def knows(self, name: str) -> bool:
        """Whether a statement of the file says what the first part of a dotted name is."""
        head = name.partition(".")[0]
        return head in self.definitions or head in self.imports or head in self.aliases


def parse(text: str) -> Source:
    """Extract the facts of a module. Raises SyntaxError, ValueError and RecursionError."""
    tree = ast.parse(text)
    lines = text.splitlines() if "rfa:" in text else []
    top = list(_module_level(tree.body))
    every = statements(tree.body, into_scopes=True)
    imported = [node for node in every if isinstance(node, (ast.Import, ast.ImportFrom))]
    imports = {name: origin for node in reversed(imported) for name, origin in _imports(node)}
    origins = {name: origin.path for name, origin in imports.items() if not origin.level}
    partials = [made for node in top if (made := as_function(node, origins))]
    definitions = {
        node.name: _definition(node, find_mark(node, lines, origins), node in partials)
        for node in (*top, *partials)
        if isinstance(node, _Defined)
    }
    return Source(
        definitions,
        imports,
        tuple(star for node in imported for star in _stars(node)),
        dict(_aliases(top)),
        dict(_variables(top)),
        next(_training(top), None),
        frozenset(_exported(top)),
        frozenset(_called(tree.body, definitions)),
        bool(re.search(r"\bglobals\(\)|\bsetattr\(|\bdef __getattr__\b", text)),
    )


def _module_level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        yield node
        if isinstance(node, _Block) and not _is_main_guard(node):
            for field in ("body", "handlers", "orelse", "finalbody"):
                yield from _module_level(_statements(getattr(node, field, [])))


def _statements(nodes: Sequence[ast.AST]) -> list[ast.stmt]:
    nested = [n.body if isinstance(n, ast.ExceptHandler) else [n] for n in nodes]
    return [node for group in nested for node in group if isinstance(node, ast.stmt)]


def _is_main_guard(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and "__name__" in reads([node.test]).names


def _definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    mark: Mark | None,
    is_partial: bool,
) -> Definition:
    decorators = tuple(filter(None, map(_decorator, node.decorator_list)))
    inside = reads(node.body)
    if isinstance(node, ast.ClassDef):
        return _class(node, mark, decorators, inside.names, inside.calls)
    return Definition(
        node.name,
        node.lineno,
        is_class=False,
        required=_required(node.args),
        decorators=decorators,
        annotation=dotted(node.returns),
        returned=returned(node),
        names=inside.names,
        calls=inside.calls,
        defaults=_defaults(node.args),
        is_partial=is_partial,
        grafted=grafted(node),
        mark=mark,
    )


def _class(
    node: ast.ClassDef,
    mark: Mark | None,
    decorators: tuple[str, ...],
    names: frozenset[str],
    calls: tuple[Call, ...],
) -> Definition:
    methods = {method.name: method for method in node.body if isinstance(method, _Function)}
    constructor = methods.get("__init__")
    run = next((methods[name] for name in ("forward", "call", "__call__") if name in methods), None)
    marks = [dotted(d) or "" for method in methods.values() for d in method.decorator_list]
    return Definition(
        node.name,
        node.lineno,
        is_class=True,
        required=None if constructor is None else _required(constructor.args)[1:],
        bases=tuple(filter(None, (dotted(_unsubscripted(base)) for base in node.bases))),
        decorators=decorators,
        names=names,
        calls=calls,
        defaults=frozenset() if constructor is None else _defaults(constructor.args),
        fields=tuple(_fields(node)),
        inputs=None if run is None else len(set(_required(run.args)[1:]) - _MODES),
        is_abstract=any(mark.endswith("abstractmethod") for mark in marks),
        handed_up=None if constructor is None else handed_up(constructor),
        mark=mark,
    )


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, bool]]:
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            annotation = dotted(_unsubscripted(statement.annotation)) or ""
            if not annotation.endswith("ClassVar"):
                yield statement.target.id, statement.value is not None


def _unsubscripted(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Subscript) else node


def _required(arguments: ast.arguments) -> tuple[str, ...]:
    positional = [*arguments.posonlyargs, *arguments.args]
    free = positional[: len(positional) - len(arguments.defaults)]
    named = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    return tuple(arg.arg for arg in (*free, *(arg for arg, value in named if value is None)))


def _defaults(arguments: ast.arguments) -> frozenset[str]:
    return reads([value for value in (*arguments.defaults, *arguments.kw_defaults) if value]).names


def _decorator(node: ast.expr) -> str | None:
    return dotted(node.func if isinstance(node, ast.Call) else node)


def _imports(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Import]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            yield (alias.asname, Import(0, alias.name)) if alias.asname else (top, Import(0, top))
        return
    for alias in node.names:
        if alias.name != "*":
            path = f"{node.module}.{alias.name}" if node.module else alias.name
            yield alias.asname or alias.name, Import(node.level, path)


def _stars(node: ast.Import | ast.ImportFrom) -> Iterator[Import]:
    if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
        yield Import(node.level, node.module or "")


def _called(body: Sequence[ast.stmt], definitions: Mapping[str, Definition]) -> Iterator[str]:
    outside = [node for node in body if not isinstance(node, _Defined)]
    for calls in (reads(outside).calls, *(each.calls for each in definitions.values())):
        yield from (call.function for call in calls)


def _aliases(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute)):
            name = dotted(node.value)
            for target in node.targets:
                if name is not None and isinstance(target, ast.Name):
                    yield target.id, name


def _variables(body: Sequence[ast.stmt]) -> Iterator[tuple[str, int]]:
    for node in body:
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.lineno


def _training(body: Sequence[ast.stmt]) -> Iterator[int]:
    for node in body:
        if isinstance(node, (ast.For, ast.While)):
            calls = reads([node]).calls
            if any(call.function.endswith((".backward", ".step")) for call in calls):
                yield node.lineno


def _exported(body: Sequence[ast.stmt]) -> Iterator[str]:
    for node in body:
        value = getattr(node, "value", None)
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if any(dotted(target) == "__all__" for target in targets) and value is not None:
            for item in ast.walk(value):
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    yield item.value
