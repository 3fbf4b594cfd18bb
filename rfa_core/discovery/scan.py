"""Static discovery: the models below some paths, found by reading, importing nothing."""

from __future__ import annotations

import gc
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rfa_core.discovery.arguments import certain
from rfa_core.discovery.assessment import Assessment, assess
from rfa_core.discovery.call_sites import CallSites, Filled
from rfa_core.discovery.candidates import Listing, Target
from rfa_core.discovery.families import Families
from rfa_core.discovery.files import is_test, names_networks, python_files, read
from rfa_core.discovery.marks import Mark
from rfa_core.discovery.placing import relative, target_name
from rfa_core.discovery.project import Project, Symbol, module_stem
from rfa_core.discovery.syntax import parse
from rfa_core.discovery.usage import usage
from rfa_core.findings import Skipped

_UNREADABLE = re.compile(r"^cannot be (?:parsed|decoded): .* \(line (\d+)\)$", re.DOTALL)
_IMPORTS = re.compile(r"^[ \t]*(?:from|import)\b.*", re.MULTILINE)
_WORD = re.compile(r"\w+")
_UNMARKED = Mark(False, "")


def scan(paths: Sequence[str], root: str, exclude: Sequence[str]) -> Listing:
    """Find the module-level functions and classes that yield a model without arguments.

    ``paths`` are files and folders, absolute or relative to ``root`` (the project root,
    absolute); files that match a glob of ``exclude`` are not looked at. Networks that are no
    models of their own, need arguments, or are private are left alone, with the reason.
    Raises TargetError for a path that does not exist.
    """
    with _no_collection():
        return _scan(paths, root, exclude)


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage is looked for: syntax trees are many objects and no cycles."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _scan(paths: Sequence[str], root: str, exclude: Sequence[str]) -> Listing:
    files = python_files(paths, root, exclude)
    is_whole = not exclude and bool({".", root}.intersection(paths))
    every = sorted(files if is_whole else {*files, *python_files([root], root, ())})
    project = Project(every)
    families = Families(project)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        problems = _read_networks(every, project, families)
        found = _Candidates(project, families, root, files)
    shown = {file: relative(file, root) for file in files if file in problems}
    unreadable = [Skipped(name, name, 1, problems[file]) for file, name in shown.items()]
    left_alone = tuple(sorted([*unreadable, *found.left_alone()], key=_order))
    return Listing(found.targets(), left_alone, tuple(_broken(shown, problems)))


def _broken(shown: Mapping[str, str], problems: Mapping[str, str]) -> Iterator[Target]:
    """The files, outside of tests, that define networks and that Python cannot read."""
    for file, name in shown.items():
        line = _UNREADABLE.match(problems[file])
        if line and not is_test(name) and names_networks(file):
            problem = f"{name} {problems[file]}"
            yield Target(name, file, int(line[1]), kind="file", named=False, problem=problem)


class _Candidates:
    def __init__(
        self, project: Project, families: Families, root: str, files: Sequence[str]
    ) -> None:
        self._project, self._families, self._root = project, families, root
        sources = project.sources
        users = [file for file in sources if not is_test(relative(file, root))]
        used = usage(project, families, users)
        self._assessments = {
            symbol: assess(symbol, project, families, used)
            for symbol in _networks([file for file in files if file in sources], project, families)
        }
        self._call_sites = CallSites(project, root)
        self._filled: dict[Symbol, Filled] = {}
        self._reasons = self._objections()
        self._reasons.update(self._repetitions())

    def targets(self) -> tuple[Target, ...]:
        return tuple(
            self._target(symbol, assessment)
            for symbol, assessment in self._assessments.items()
            if symbol not in self._reasons
        )

    def left_alone(self) -> Iterator[Skipped]:
        for symbol, reason in self._reasons.items():
            line = self._project.definition(symbol).line
            name = target_name(symbol.file, self._root, symbol.name)
            yield Skipped(name, relative(symbol.file, self._root), line, reason)

    def _target(self, symbol: Symbol, assessment: Assessment) -> Target:
        definition = self._project.definition(symbol)
        origin = self._families.family(symbol) or self._families.product(symbol)
        filled = self._filled.get(symbol, Filled())
        mark = definition.mark or _UNMARKED
        return Target(
            target_name(symbol.file, self._root, symbol.name),
            symbol.file,
            definition.line,
            origin.framework if origin else None,
            "class" if definition.is_class else "function",
            assessment.confidence,
            (*assessment.reasons, *filter(None, [filled.source])),
            {**filled.values, **mark.kwargs},
            mark.resolutions,
            named=False,
            problem=mark.problem,
            stated=frozenset(mark.kwargs),
        )

    def _objections(self) -> dict[Symbol, str]:
        objections = {
            symbol: self._objection(symbol, assessment)
            for symbol, assessment in self._assessments.items()
        }
        left = [symbol for symbol, reason in objections.items() if not reason]
        builders = self._builders(left)
        for symbol in left:
            objections[symbol] = self._need(symbol, builders)
        return {symbol: reason for symbol, reason in objections.items() if reason}

    def _builders(self, symbols: Sequence[Symbol]) -> Mapping[Symbol, Symbol]:
        """What those of ``symbols`` build that need no arguments and do not choose."""
        free = [symbol for symbol in symbols if not self._families.required(symbol)]
        single = [symbol for symbol in free if len(self._made(symbol)) == 1]
        return {other: symbol for symbol in reversed(single) for other in self._reached(symbol)}

    def _objection(self, symbol: Symbol, assessment: Assessment) -> str:
        definition, required = self._project.definition(symbol), self._families.required(symbol)
        if definition.mark is not None and not definition.is_marked:
            return assessment.objection
        if is_test(relative(symbol.file, self._root)) and not definition.is_marked:
            return "in a test file"
        family = self._families.family(symbol)
        if required is None:
            return f"inherits unknown arguments from {family.base}" if family else ""
        if not assessment.is_model:
            return assessment.objection
        if symbol.name.startswith("_") and not definition.is_marked:
            return "private"
        trains_at = self._project.sources[symbol.file].trains_at
        if trains_at is not None:
            return f"its file trains on import (line {trains_at}): guard that with __name__"
        return ""

    def _need(self, symbol: Symbol, builders: Mapping[Symbol, Symbol]) -> str:
        """The required arguments that cannot be told, in words; if all can, they are kept."""
        stated = (self._project.definition(symbol).mark or _UNMARKED).kwargs
        required = [key for key in self._families.required(symbol) or () if key not in stated]
        if required and symbol in builders and not self._project.definition(symbol).is_marked:
            return f"built by {builders[symbol].name}, which is checked"
        filled = self._call_sites.fill(symbol, required) if required else Filled()
        if filled is not None:
            self._filled[symbol] = filled
            return ""
        known = certain(required)
        return f"needs arguments: {', '.join(name for name in required if name not in known)}"

    def _repetitions(self) -> dict[Symbol, str]:
        """Those that only choose among other targets, and those that another target builds."""
        kept = {symbol: 0 for symbol in self._assessments if symbol not in self._reasons}
        reasons: dict[Symbol, str] = {}
        for symbol in kept:
            made = [other for other in self._made(symbol) if other in kept]
            if len(made) > 1:
                names = ", ".join(other.name for other in made)
                reasons[symbol] = f"chooses between {names}, which are checked themselves"
        for symbol in kept:
            if symbol in reasons or self._project.definition(symbol).is_partial:
                continue
            for other in self._reached(symbol):
                if other in kept and other not in reasons and other != symbol:
                    reasons[other] = f"built by {symbol.name}, which is checked"
        return reasons

    def _made(self, symbol: Symbol) -> tuple[Symbol, ...]:
        product = self._families.product(symbol)
        return () if product is None else product.symbols

    def _reached(self, symbol: Symbol) -> tuple[Symbol, ...]:
        found: dict[Symbol, None] = {}
        pending = list(self._made(symbol))
        while pending:
            current = pending.pop()
            if current not in found:
                found[current] = None
                pending.extend(self._made(current))
        return tuple(found)


def _read_networks(files: Sequence[str], project: Project, families: Families) -> Mapping[str, str]:
    """Parse the files that can hold networks; returns why some of them cannot be read."""
    problems: dict[str, str] = {}
    others: dict[str, str] = {}
    for file in files:
        text = read(file)
        if not text.framework:
            others[file] = text.content
            continue
        problem = text.problem or _parse(file, text.content, project)
        if problem:
            project.add(file, None)
            problems[file] = problem
    _read_dependents(others, project, families)
    return problems


def _read_dependents(others: Mapping[str, str], project: Project, families: Families) -> None:
    """Parse the files that name no framework but import networks, or a file that does."""
    left = {file: frozenset(_imported_words(text)) for file, text in others.items()}
    networks = _networks(list(project.sources), project, families)
    words = {word for symbol in networks for word in (symbol.name, module_stem(symbol.file))}
    while words:
        found = [file for file, imported in left.items() if not words.isdisjoint(imported)]
        for file in found:
            del left[file]
            if _parse(file, others[file], project):
                project.add(file, None)
        words = {module_stem(file) for file in found}


def _imported_words(text: str) -> Iterator[str]:
    for statement in _IMPORTS.findall(text):
        yield from _WORD.findall(statement)


def _parse(file: str, text: str, project: Project) -> str:
    try:
        project.add(file, parse(text))
    except SyntaxError as error:
        return f"cannot be parsed: {error.msg} (line {error.lineno or 1})"
    except (ValueError, RecursionError, MemoryError) as error:
        return f"cannot be parsed: {error or type(error).__name__} (line 1)"
    return ""


def _networks(files: Iterable[str], project: Project, families: Families) -> list[Symbol]:
    symbols = [Symbol(file, name) for file in files for name in project.sources[file].definitions]
    return [
        symbol
        for symbol in symbols
        if families.is_network(symbol) or project.definition(symbol).is_marked
    ]


def _order(skipped: Skipped) -> tuple[str, int]:
    return skipped.file or "", skipped.line or 0
