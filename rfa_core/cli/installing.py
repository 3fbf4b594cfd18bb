"""What a job has to install before it can build the models of a project."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from rfa_core.config.sources import PYPROJECT
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.zoo import ZOOS

REQUIREMENTS = "requirements.txt"

_FRAMEWORKS = {
    "torch": "torch",
    "keras": "tensorflow",
    "tf_keras": "tf_keras",
    "tensorflow": "tensorflow",
    "jax": "jax",
    "onnx": "onnx",
}
"""Distributions by the framework that a model is of; Keras comes with its usual backend."""
_BESIDES = (*ZOOS, "flax", "einops", "lightning", "pytorch_lightning")
"""Libraries of networks that are distributed under the name they are imported by."""
_BUILDS = "(?:-(?:cpu|gpu|macos|nightly))?"


def installed(root: Path, targets: Iterable[Target], imported: Iterable[str]) -> str:
    """What follows ``pip install``: the project, as far as it can be installed, and what it does
    not name itself. Empty if nothing is known.

    ``imported`` are the top names of what its files import.
    """
    files, whole = _own(root)
    named = "\n".join(file.read_text(encoding="utf-8", errors="replace") for file in files)
    needed = dict.fromkeys(_needed(tuple(targets), frozenset(imported)))
    missing = [name for name in needed if not _names(named, name)]
    return " ".join([*whole, *missing])


def _own(root: Path) -> tuple[list[Path], list[str]]:
    """The files that say what the project needs, and how it is installed."""
    files = [root / name for name in (PYPROJECT, "setup.py", "setup.cfg")]
    files = [file for file in files if file.is_file() and _is_distribution(file)]
    if files:
        return files, ["."]
    requirements = root / REQUIREMENTS
    return ([requirements], ["-r", REQUIREMENTS]) if requirements.is_file() else ([], [])


def _is_distribution(file: Path) -> bool:
    """A pyproject.toml may hold nothing but the settings of tools."""
    text = file.read_text(encoding="utf-8", errors="replace")
    is_one = re.search(r"^\s*\[(project|build-system|tool\.poetry)\]", text, re.MULTILINE)
    return file.name != PYPROJECT or bool(is_one)


def _needed(targets: tuple[Target, ...], imported: frozenset[str]) -> Iterator[str]:
    """The frameworks of the models, or those that are imported where none was found; then what
    their files import besides."""
    frameworks = {target.framework for target in targets} or imported
    zoos = {target.name.partition(":")[0] for target in targets if target.kind == "zoo"}
    yield from (name for framework, name in _FRAMEWORKS.items() if framework in frameworks)
    yield from (name for name in _BESIDES if name in {*imported, *zoos} and name != "keras")


def _names(text: str, distribution: str) -> bool:
    name = distribution.replace("_", "[-_.]")
    return bool(re.search(rf"(?<![\w.-]){name}{_BUILDS}(?![\w-])", text, re.IGNORECASE))
