"""What the numbers of a model depend on besides its name: settings, code and versions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cached_property
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rfa_core.config.settings import FactorySettings, Settings
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.files import python_files

_LIBRARIES = (
    "torch", "torchvision", "timm", "keras", "tf_keras", "tensorflow", "tensorflow-cpu", "jax",
    "flax", "onnx",
)  # fmt: skip


class Provenance:
    """Digests of what the models of one project depend on; files are read once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def of(self, target: Target, entry: FactorySettings) -> str:
        """A digest that changes with the settings that matter for ``target``, the Python files of
        the project (or the saved model), and the versions of frameworks."""
        settings = self._settings
        content = [
            self._versions,
            asdict(settings.policy),
            settings.plugins,
            sorted(map(repr, {**target.arguments, **entry.kwargs}.items())),
            repr(entry.input_shape),
            self._code(target),
        ]
        return sha256(json.dumps(content).encode()).hexdigest()

    def _code(self, target: Target) -> str:
        if target.kind == "zoo" or target.problem:
            return target.problem
        if target.file is None:
            return self._project
        own = Path(target.file)
        if target.kind != "saved":
            return self._project + _digest([own])
        return _digest(sorted(own.rglob("*")) if own.is_dir() else [own])

    @cached_property
    def _project(self) -> str:
        root = self._settings.root
        return _digest(map(Path, python_files([root], root, ())))

    @cached_property
    def _versions(self) -> list[str]:
        from rfa_core import __version__

        return [__version__, *(f"{name} {_version(name)}" for name in _LIBRARIES)]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _digest(files: Iterable[Path]) -> str:
    found = sha256()
    for file in files:
        try:
            found.update(sha256(file.read_bytes()).digest() if file.is_file() else b"")
        except OSError as error:
            found.update(str(error.strerror).encode())
        found.update(file.name.encode())
    return found.hexdigest()
