"""What the user typed, as targets: resolved by reading files, importing nothing but zoos."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from rfa_core.discovery.candidates import Listing, Target
from rfa_core.discovery.families import Families
from rfa_core.discovery.files import existing, near, python_files
from rfa_core.discovery.naming import nearest
from rfa_core.discovery.placing import (
    find_module,
    installed_file,
    is_installed,
    place,
    relative,
)
from rfa_core.discovery.project import Project, Symbol
from rfa_core.discovery.saved import saved_suffixes, saved_target
from rfa_core.discovery.scan import scan
from rfa_core.discovery.zoo import ZOOS, is_zoo, zoo_targets
from rfa_core.errors import TargetError
from rfa_core.findings import Skipped

_FORMS = (
    "a target is `package.module:factory`, `path/to/file.py::factory`, `torchvision:resnet18`,"
    " `model.onnx`, or a file or folder to search"
)
_ARGUMENTS = (
    'arguments stand in the configuration: factories = [{ target = "package.module:factory",'
    " kwargs = { … } }]"
)
_NOTEBOOK = "put its models into a .py file and name that; the notebook can import them from there"
_SOME = 3


def resolve(
    names: Sequence[str], root: str, exclude: Sequence[str], folder: str | None = None
) -> Listing:
    """Turn names, as the user would type them, into targets; in order, each model once.

    A name of a file or folder stands for the models that ``scan`` finds below it. ``root``
    is the project root (absolute); paths are looked up in ``folder`` first. A name that
    means nothing becomes a target with a ``problem`` that has the nearest one that does.
    Raises TargetError if no name means anything; MissingDependencyError for a zoo that is
    not installed.
    """
    resolver = _Resolver(root, exclude, (folder or root, root))
    found: dict[object, Target] = {}
    left_alone: dict[Skipped, None] = {}
    broken: dict[str, Target] = {}
    problems: list[TargetError] = []
    for name in names:
        try:
            listing = resolver.resolve(name)
        except TargetError as error:
            problems.append(error)
            problem = "; ".join(filter(None, error.args))
            listing = Listing((Target(name, kind="unknown", problem=problem),))
        for target in listing.targets:
            key = _identity(target)
            if key not in found or (target.named and not found[key].named):
                found[key] = target
        left_alone.update(dict.fromkeys(listing.left_alone))
        broken.update((target.name, target) for target in listing.broken)
    if problems and len(problems) == len(names):
        raise problems[0] if len(problems) == 1 else TargetError("\n".join(map(str, problems)))
    named = {target.name for target in found.values()}
    return Listing(
        tuple(found.values()),
        tuple(each for each in left_alone if each.name not in named),
        tuple(broken.values()),
    )


class _Resolver:
    def __init__(self, root: str, exclude: Sequence[str], folders: Sequence[str]) -> None:
        self._root, self._exclude, self._folders = root, exclude, folders

    def resolve(self, name: str) -> Listing:
        if is_zoo(name):
            return Listing(zoo_targets(name))
        if "::" in name:
            return Listing((self._by_path(name),))
        if name and (found := existing(name, *self._folders)):
            saved = saved_target(relative(str(found), self._root), found)
            if found.suffix == ".ipynb":
                raise TargetError(f"{name!r} is a notebook, which is not read", _NOTEBOOK)
            return Listing((saved,)) if saved else scan([str(found)], self._root, self._exclude)
        module, colon, attribute = name.rpartition(":")
        if colon and module.endswith(".py"):
            raise TargetError(f"{name!r} is no target", f"did you mean '{module}::{attribute}'?")
        if colon and all(part.isidentifier() for part in f"{module}.{attribute}".split(".")):
            return Listing((self._by_module(name, module, attribute),))
        raise self._unknown(name)

    def _by_path(self, name: str) -> Target:
        path, _, attribute = name.rpartition("::")
        found = existing(path, *self._folders)
        if found is None or not found.is_file():
            known = [relative(file, self._root) for file in self._files]
            raise TargetError(f"{name}: there is no file {path!r}", nearest(path, known))
        return self._in_file(
            f"{relative(str(found), self._root)}::{attribute}", str(found), attribute
        )

    def _by_module(self, name: str, module: str, attribute: str) -> Target:
        home = find_module(module, self._root)
        file = home.file if home else installed_file(module, self._root)
        if file is not None:
            return self._in_file(name, file, attribute)
        if self._is_ours(module) or not is_installed(module):
            known = {*ZOOS, *(place(file, self._root).module for file in self._files)}
            modules = [each for each in known if not each.startswith("_rfa_script_")]
            raise TargetError(
                f"{name}: there is no module {module!r} in the project or the environment",
                nearest(module, modules),
            )
        return Target(name)

    def _in_file(self, name: str, file: str, attribute: str) -> Target:
        head, _, rest = attribute.partition(".")
        source = self._project.source(file)
        if source is None:
            return Target(name, file)
        symbol = self._project.resolve(file, head)
        if isinstance(symbol, Symbol):
            return self._defined(name, symbol, is_method=bool(rest))
        if head in source.variables:
            return Target(name, file, source.variables[head])
        known = self._project.names(file)
        if known is None or head in known:
            return Target(name)
        raise TargetError(
            f"{name}: there is no {head!r} in {relative(file, self._root)}",
            self._meant(head) or nearest(head, known, name.removesuffix(attribute)),
        )

    def _defined(self, name: str, symbol: Symbol, *, is_method: bool) -> Target:
        definition = self._project.definition(symbol)
        origin = self._families.family(symbol) or self._families.product(symbol)
        is_class = definition.is_class and not is_method
        mark = None if is_method else definition.mark
        return Target(
            name,
            symbol.file,
            definition.line,
            origin.framework if origin else None,
            "class" if is_class else "function",
            reasons=("named explicitly",),
            arguments={} if is_method else self._arguments(symbol),
            resolutions=mark.resolutions if mark else (),
            problem=mark.problem if mark else "",
            stated=frozenset(mark.kwargs if mark else ()),
        )

    def _arguments(self, symbol: Symbol) -> Mapping[str, object]:
        """What the model is called with where it is found by itself."""
        definition = self._project.definition(symbol)
        stated = definition.mark.kwargs if definition.mark else {}
        is_found = definition.is_marked or self._families.is_network(symbol)
        if not is_found or set(self._families.required(symbol) or ()) <= set(stated):
            return stated
        line = definition.line
        found = scan([symbol.file], self._root, ()).targets
        return next((target.arguments for target in found if target.line == line), stated)

    def _unknown(self, name: str) -> TargetError:
        if name.endswith(saved_suffixes()):
            return TargetError(f"there is no file {name!r}", nearest(name, _saved_beside(name)))
        if "/" in name or name.endswith(".py"):
            hint = near(name, self._root)
            return TargetError(f"there is no file or folder {name!r}", hint)
        other = _ARGUMENTS if name.endswith(")") else _FORMS
        return TargetError(f"{name!r} is no target", self._meant(name) or other)

    def _meant(self, name: str) -> str:
        """The model that a bare or dotted name ends in; empty if there is none of that name."""
        head, _, last = name.replace(":", ".").rpartition(".")
        zoo = head.partition(".")[0]
        if name in ZOOS:
            return f"name one of its models, as '{name}:NAME', or all: '{name}:*'"
        if zoo in ZOOS and last.isidentifier():
            return f"did you mean '{zoo}:{last}'?"
        found = scan([self._root], self._root, self._exclude)
        known = [each.name for each in found.targets]
        names = sorted(known + [each.name for each in found.left_alone])
        same = [each for each in names if each.rpartition(":")[2] == last != each]
        same.sort(key=lambda each: each.replace(":", ".") != name)
        return f"did you mean {' or '.join(map(repr, same[:_SOME]))}?" if same else ""

    def _is_ours(self, module: str) -> bool:
        top = module.partition(".")[0]
        return find_module(top, self._root) is not None

    @cached_property
    def _files(self) -> Sequence[str]:
        return python_files([self._root], self._root, ())

    @cached_property
    def _project(self) -> Project:
        return Project(self._files)

    @cached_property
    def _families(self) -> Families:
        return Families(self._project)


def _saved_beside(name: str) -> list[str]:
    """The models saved in the folder that ``name`` leads to."""
    folder = Path(name).parent
    found = folder.iterdir() if folder.is_dir() else ()
    return [str(file) for file in found if file.name.endswith(saved_suffixes())]


def _identity(target: Target) -> object:
    is_known = target.file is not None and target.line is not None
    return (target.file, target.line) if is_known else target.name
