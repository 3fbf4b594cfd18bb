"""What a network that needs arguments can be called with: as the project itself calls it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from rfa_core.discovery.arguments import certain, makes_the_network, without_weights
from rfa_core.discovery.expressions import dotted, statements
from rfa_core.discovery.files import read
from rfa_core.discovery.placing import relative
from rfa_core.discovery.project import Project, Symbol
from rfa_core.discovery.values import Scope, UnknownValueError, Values, scope

_CONVOLUTION = re.compile(r"Conv([123])D")
_SHAPES = {"1": (1024, 3), "2": (224, 224, 3), "3": (64, 64, 64, 3)}
_Function = (ast.FunctionDef, ast.AsyncFunctionDef)


_Call = tuple[ast.Call, tuple[Scope, ...]]
"""A call, and the scopes of the functions around it, innermost first."""


@dataclass(frozen=True, slots=True)
class Filled:
    """Values for the required arguments and for what else a call states; ``source`` says in words
    where they are from."""

    values: Mapping[str, object] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class _Parameters:
    """What a definition takes: ``by_place`` in their order, and others ``by_name`` only."""

    by_place: Sequence[str]
    by_name: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Stated:
    """What one call states, and the arguments that it gives a value that only running it tells."""

    values: Mapping[str, object]
    untold: Sequence[str]
    site: str


@dataclass(frozen=True, slots=True)
class _Module:
    tree: ast.Module
    values: Values
    calls: Mapping[str, Sequence[_Call]]


class CallSites:
    """The calls of networks in a project, each file read again when it is first asked about."""

    def __init__(self, project: Project, root: str) -> None:
        self._project, self._root = project, root
        self._modules: dict[str, _Module] = {}

    def fill(self, symbol: Symbol, required: Sequence[str]) -> Filled | None:
        """Values for all ``required`` arguments of ``symbol``, None if one cannot be told.

        Weights are switched off. The others are taken from the first call that leaves none of
        them open, with all else that it states, so that the network is the one of that call; where
        it does not state them, and if there is no such call, from what a name always means and from
        the names that the definition itself compares an argument with.
        """
        off = without_weights(required)
        needed = [name for name in required if name not in off]
        known = {**self._suggested(symbol, needed), **certain(needed)} if needed else {}
        for stated in self._calls(symbol, required) if needed else ():
            values = {**known, **stated.values, **off}
            if any(name in stated.values for name in needed) and values.keys() >= set(needed):
                untold = [name for name in stated.untold if name not in required]
                but = f" (but for {', '.join(untold)})" if untold else ""
                return Filled(values, f"called as in {stated.site}{but}")
        if len(known) < len(needed):
            return None
        values = {**known, **off}
        said = ", ".join(f"{name}={value!r}" for name, value in values.items())
        return Filled(values, f"called with {said}")

    def _suggested(self, symbol: Symbol, required: Sequence[str]) -> Mapping[str, object]:
        """What the definition itself says of its arguments: names it knows, the shape of images."""
        module = self._module(symbol.file)
        body = _body(module.tree, symbol.name)
        found = {name: _choice(body, name, module.values) for name in required}
        if found.get("input_shape", ()) is None:
            found["input_shape"] = _shape(self._project.sources[symbol.file].called)
        return {name: value for name, value in found.items() if value is not None}

    @cached_property
    def _callers(self) -> Mapping[Symbol, Sequence[str]]:
        found: dict[Symbol, list[str]] = {}
        for file, source in sorted(self._project.sources.items()):
            for name in sorted(source.called):
                if source.stars or source.knows(name):
                    target = self._project.resolve(file, name)
                    if isinstance(target, Symbol):
                        found.setdefault(target, []).append(file)
        return {symbol: tuple(dict.fromkeys(files)) for symbol, files in found.items()}

    def _module(self, file: str) -> _Module:
        if file not in self._modules:
            tree = ast.parse(read(file).content)
            self._modules[file] = _Module(tree, Values(tree), _calls_by_name(tree))
        return self._modules[file]

    def _calls(self, symbol: Symbol, required: Sequence[str]) -> Iterator[_Stated]:
        parameters = self._parameters(symbol, required)
        for file in self._callers.get(symbol, ()):
            module = self._module(file)
            names = [name for name in module.calls if self._project.resolve(file, name) == symbol]
            for call, scopes in (each for name in names for each in module.calls[name]):
                site = f"{relative(file, self._root)}, line {call.lineno}"
                yield _stated(call, parameters, required, module.values, scopes, site)

    def _parameters(self, symbol: Symbol, required: Sequence[str]) -> _Parameters:
        """Those of its own constructor or signature; an inherited one is known by what it needs."""
        body = _body(self._module(symbol.file).tree, symbol.name)
        if not body or not isinstance(body[0], _Function):
            fields = self._project.definition(symbol).fields
            return _Parameters(required, [name for name, _ in fields if name not in required])
        given = body[0].args
        by_place = [each.arg for each in (*given.posonlyargs, *given.args)]
        bound = 1 if body[0].name == "__init__" else 0
        return _Parameters(by_place[bound:], [each.arg for each in given.kwonlyargs])


def _calls_by_name(
    tree: ast.Module,
) -> Mapping[str, Sequence[_Call]]:
    found: dict[str, list[_Call]] = {}
    for call, scopes in _all_calls(tree):
        name = dotted(call.func)
        if name is not None:
            found.setdefault(name, []).append((call, scopes))
    return found


def _all_calls(tree: ast.Module) -> Iterator[_Call]:
    """Every call in the order of the source, with the scopes of the functions around it."""
    pending: list[tuple[ast.AST, tuple[Scope, ...]]] = [(tree, ())]
    while pending:
        node, scopes = pending.pop()
        if isinstance(node, ast.Call):
            yield node, scopes
        if isinstance(node, _Function):
            scopes = (_scope(node), *scopes)
        children = [(child, scopes) for child in ast.iter_child_nodes(node)]
        pending.extend(reversed(children))


def _scope(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Scope:
    parameters = (each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg))
    return scope(function.body, parameters)


def _stated(
    call: ast.Call,
    parameters: _Parameters,
    required: Sequence[str],
    values: Values,
    scopes: Sequence[Scope],
    site: str,
) -> _Stated:
    """None says nothing of an argument that is required."""
    told: dict[str, object] = {}
    untold: list[str] = []
    for name, node in _given(call, parameters):
        if name not in required and not makes_the_network(name):
            continue
        try:
            value = values.evaluate(node, scopes)
        except UnknownValueError:
            untold.append(name)
            continue
        if value is not None or name not in required:
            told[name] = value
    return _Stated(told, untold, site)


def _given(call: ast.Call, parameters: _Parameters) -> Iterator[tuple[str, ast.expr]]:
    positional = [*call.args]
    stars = [at for at, value in enumerate(positional) if isinstance(value, ast.Starred)]
    yield from zip(parameters.by_place, positional[: stars[0] if stars else None], strict=False)
    names = {*parameters.by_place, *parameters.by_name}
    yield from ((each.arg, each.value) for each in call.keywords if each.arg in names)


def _shape(called: Iterable[str]) -> tuple[int, ...] | None:
    """The shape of an input for the Keras convolutions that a file calls, if they are of a kind."""
    kinds = {found[1] for name in called if (found := _CONVOLUTION.search(name))}
    return _SHAPES[kinds.pop()] if len(kinds) == 1 else None


def _body(tree: ast.Module, name: str) -> Sequence[ast.AST]:
    for node in statements(tree.body, into_scopes=False):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return [each for each in node.body if getattr(each, "name", "") == "__init__"]
        if isinstance(node, _Function) and node.name == name:
            return [node]
    return []


def _choice(body: Sequence[ast.AST], name: str, values: Values) -> object:
    compared: list[object] = []
    for node in (each for part in body for each in ast.walk(part)):
        table, key = _looked_up(node, name)
        if table is None and key is None:
            continue
        try:
            known = values.evaluate(table or key, ())  # type: ignore[arg-type]
        except UnknownValueError:
            continue
        if table is None:
            compared.append(known)
        elif isinstance(known, (dict, list, tuple)) and len(known) > 1:
            is_index = isinstance(node, ast.Subscript) and not isinstance(known, dict)
            return None if is_index else next(iter(known))
    return compared[0] if len(set(map(repr, compared))) > 1 else None


def _looked_up(node: ast.AST, name: str) -> tuple[ast.expr | None, ast.expr | None]:
    """``TABLE`` of ``TABLE[name]`` and ``name in TABLE``; or the other side of ``name == it``."""
    if isinstance(node, ast.Subscript) and dotted(node.slice) == name:
        return node.value, None
    if not isinstance(node, ast.Compare) or dotted(node.left) != name:
        return None, None
    if isinstance(node.ops[0], (ast.In, ast.NotIn)):
        return node.comparators[0], None
    return None, node.comparators[0] if isinstance(node.ops[0], ast.Eq) else None
