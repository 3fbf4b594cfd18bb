"""Where a source file stands in the import system: nothing is imported."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

_RELATIVE = re.compile(rb"^from[ \t]+\.", re.MULTILINE)
FOREIGN_FOLDERS = frozenset(
    {"site-packages", "dist-packages", ".tox", ".nox", ".venv", "venv", "node_modules"}
)


@dataclass(frozen=True, slots=True)
class Place:
    """How ``file`` is imported: as ``module``, with the folders of ``search`` on ``sys.path``.

    ``search[0]`` is the import root. A ``script`` belongs to no package: its module name is
    made up and unique, so that two scripts of one name do not clash. ``file`` is None for a
    module outside the project.
    """

    file: str | None
    module: str
    search: tuple[str, ...]
    script: bool = False


def place(file: str, root: str) -> Place:
    """Find the import root and the dotted name of ``file`` (absolute) in the project.

    A file outside of packages that imports its siblings relatively is a module of a namespace
    package, else a script.
    """
    path = Path(file)
    top, names = _below_source_folder(*_package(path.parent, Path(root)), Path(root))
    if not names and _imports_siblings(file):
        top, names = _named_folders(path.parent, Path(root))
    if not names or not all(name.isidentifier() for name in (*names, path.stem)):
        return Place(file, _unique_name(file), _distinct(path.parent, *_there(root)), script=True)
    dotted = names if path.stem == "__init__" else [*names, path.stem]
    siblings = () if (path.parent / "__init__.py").is_file() else (path.parent,)
    return Place(file, ".".join(dotted), _distinct(top, *siblings, *_there(root)))


def target_name(file: str, root: str, factory: str) -> str:
    """``package.module:factory`` if that can be found from the root, else ``path.py::factory``."""
    found = place(file, root)
    if not found.script and found.search[0] in import_roots(root):
        return f"{found.module}:{factory}"
    return f"{relative(file, root)}::{factory}"


def find_module(dotted: str, root: str) -> Place | None:
    """The file of the project that ``import dotted`` would load, None if there is none."""
    for base in import_roots(root):
        file = _module_file(Path(base, *dotted.split(".")))
        if file is not None:
            return Place(str(file), dotted, _distinct(base, *_there(root)))
    return None


def installed_file(dotted: str, root: str) -> str | None:
    """The file of an importable module, if it lies in the project; nothing is imported."""
    top, *rest = dotted.split(".")
    spec = find_spec(top)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        file = _module_file(Path(location, *rest))
        if file is not None:
            return own_file(str(file), root)
    return None


def is_installed(dotted: str) -> bool:
    """Whether the top package of ``dotted`` is importable; it is looked for, not imported."""
    top = dotted.partition(".")[0]
    return top in sys.modules or find_spec(top) is not None


def import_roots(root: str) -> tuple[str, str]:
    """The folders from which dotted names of the project are looked for, best first."""
    return (root, str(Path(root) / "src"))


def relative(file: str, root: str) -> str:
    """``file`` as seen from the root, with forward slashes."""
    below = root.rstrip(os.sep) + os.sep
    return (file.removeprefix(below) if file.startswith(below) else file).replace(os.sep, "/")


def is_foreign(path: Path) -> bool:
    """Whether a relative path leads into an environment or an installed library."""
    return not FOREIGN_FOLDERS.isdisjoint(path.parts)


@lru_cache(maxsize=4096)
def own_file(file: str, root: str) -> str | None:
    """``file`` as an absolute path below ``root``, None for libraries and generated code."""
    real, real_root = Path(file).resolve(), Path(root).resolve()
    if not real.is_relative_to(real_root) or not real.is_file():
        return None
    inside, environment = real.relative_to(real_root), Path(sys.prefix).resolve()
    if is_foreign(inside):
        return None
    if environment.is_relative_to(real_root) and real.is_relative_to(environment):
        return None
    return str(Path(root) / inside)


def _module_file(path: Path) -> Path | None:
    options = (path / "__init__.py", path.with_name(f"{path.name}.py"))
    try:
        return next((file for file in options if file.is_file()), None)
    except OSError:  # longer than any name of a file
        return None


def _package(folder: Path, root: Path) -> tuple[Path, list[str]]:
    names: list[str] = []
    while folder != root and (folder / "__init__.py").is_file():
        names.insert(0, folder.name)
        folder = folder.parent
    return folder, names


def _below_source_folder(top: Path, names: list[str], root: Path) -> tuple[Path, list[str]]:
    source = root / "src"
    between = top.relative_to(source).parts if top.is_relative_to(source) else ()
    if not between or not all(name.isidentifier() for name in between):
        return top, names
    return source, [*between, *names]


@lru_cache(maxsize=4096)
def _imports_siblings(file: str) -> bool:
    try:
        return _RELATIVE.search(Path(file).read_bytes()) is not None
    except OSError:
        return False


def _named_folders(folder: Path, root: Path) -> tuple[Path, list[str]]:
    """The folders down to ``folder`` whose names can be imported without an ``__init__.py``."""
    names: list[str] = []
    while folder != root and folder.name.isidentifier():
        names.insert(0, folder.name)
        folder = folder.parent
    return folder, names


def _there(root: str) -> tuple[str, ...]:
    """The import roots that exist; a script imports the package of its project from there."""
    return tuple(folder for folder in import_roots(root) if Path(folder).is_dir())


def _unique_name(file: str) -> str:
    return f"_rfa_script_{hashlib.sha256(os.fsencode(file)).hexdigest()[:12]}"


def _distinct(*folders: Path | str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str, folders)))
