"""Importing the module of a target under guard and fetching its factory."""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from rfa_core.discovery.candidates import Target
from rfa_core.discovery.failures import (
    FailedImportError,
    full_text,
    is_missing,
    summary,
    user_line,
    where,
)
from rfa_core.discovery.guard import guarded
from rfa_core.discovery.naming import nearest
from rfa_core.discovery.placing import Place, find_module, place
from rfa_core.discovery.zoo import is_zoo, zoo_factory
from rfa_core.errors import TargetError
from rfa_core.libraries.quiet import imported_quietly

_LOUD = re.compile(r"^(?:import|from)\s+(keras|tf_keras|tensorflow)\b", re.MULTILINE)
"""Imports of what writes to the terminal when it starts: done before the user's module is."""
_EXTRAS = {
    "torch": "torch",
    "keras": "tensorflow",
    "tensorflow": "tensorflow",
    "jax": "jax",
    "flax": "jax",
    "onnx": "onnx",
}
"""Frameworks by the extra of this distribution that brings them."""


def load(target: Target, root: str) -> Callable[..., object]:
    """Import the factory that ``target`` names.

    The user's module sees its import root (or the script's folder) on ``sys.path`` and only
    itself in ``sys.argv``; what it prints is kept away. ``root`` is the project root
    (absolute). Raises FailedImportError when the import fails, TargetError when the module
    holds no such factory.
    """
    if is_zoo(target.name):
        return zoo_factory(target.name)
    home = target_place(target, root)
    _import_loud(home, target)
    with guarded(home.search, root, home.file or target.name) as printed:
        try:
            factory = _factory(_import(home, target.name), target.name)
        except (KeyboardInterrupt, TargetError, FailedImportError):
            raise
        except BaseException as error:
            raise _failure(error, target.name, root, printed.getvalue()) from error
    return factory


def split_name(name: str) -> tuple[str, str]:
    """The module or path, and the attribute, of a target's name."""
    separator = "::" if "::" in name else ":"
    module, _, attribute = name.rpartition(separator)
    return module, attribute


def target_place(target: Target, root: str) -> Place:
    """How the module of ``target`` is to be imported."""
    module, _ = split_name(target.name)
    if "::" in target.name:
        return place(os.path.normpath(Path(root) / module), root)
    return find_module(module, root) or Place(None, module, (root,))


def _import(home: Place, name: str) -> ModuleType:
    importlib.invalidate_caches()
    module = _run_script(home) if home.script else importlib.import_module(home.module)
    loaded = getattr(module, "__file__", None)
    if home.file and loaded and Path(loaded).resolve() != Path(home.file).resolve():
        raise FailedImportError(
            f"{name} resolves to another file than the one in the project:"
            f" {loaded} was imported, {home.file} was expected",
            f"rename one of the two, or uninstall the distribution that brings {loaded}",
            file=home.file,
            line=1,
        )
    return module


def _run_script(home: Place) -> ModuleType:
    if home.module in sys.modules:
        return sys.modules[home.module]
    spec = spec_from_file_location(home.module, home.file)
    if spec is None or spec.loader is None:
        raise ImportError(f"{home.file} is no Python source file")
    module = sys.modules[home.module] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[home.module]
        raise
    return module


def _import_loud(home: Place, target: Target) -> None:
    """Import quietly what ``target`` is known to need, or its source to import."""
    source = ""
    if home.file:
        with suppress(OSError):
            source = Path(home.file).read_text(encoding="utf-8", errors="replace")
    for name in _LOUD.findall(f"import {target.framework}\n{source}"):
        with suppress(ImportError):
            imported_quietly(name)


def _factory(module: ModuleType, name: str) -> Callable[..., object]:
    module_name, attribute = split_name(name)
    try:
        found: object = reduce(getattr, attribute.split("."), module)
    except AttributeError:
        raise TargetError(
            f"{module_name} has no factory {attribute!r}",
            nearest(attribute, _callables(module), name.removesuffix(attribute)),
        ) from None
    if not callable(found):
        raise TargetError(f"{name} is a {type(found).__name__}, not a function or class")
    return found


def _failure(error: BaseException, target: str, root: str, printed: str) -> FailedImportError:
    name, _ = split_name(target)
    file, line = user_line(error, root)
    place_text = where(file, line, root)
    details = full_text(error, printed)
    missing = is_missing(error)
    if isinstance(error, ModuleNotFoundError) and missing and find_module(missing, root):
        missing = error.name
        message = f"{name} needs the module {missing!r}, which is not in the project{place_text}"
        hint = (
            "what an installation makes, as a _version.py, is made by `pip install -e .`; "
            "or leave the file out with `exclude`"
        )
    elif missing is not None:
        message = f"{name} needs the module {missing!r}, which is not installed{place_text}"
        extra = _EXTRAS.get(missing)
        how = f" (pip install 'pytest-rfa[{extra}]')" if extra else ""
        hint = f"install {missing} in this environment{how}, or leave the file out with `exclude`"
    elif isinstance(error, SystemExit):
        message = f"{name} exits when it is imported{place_text}"
        hint = "put what is to run as a script under `if __name__ == '__main__':`"
    else:
        message = f"{name} cannot be imported: {summary(error)}{place_text}"
        hint = ""
    return FailedImportError(message, hint, details, file, line, missing or "")


def _callables(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items() if callable(value) and name[0] != "_"]
