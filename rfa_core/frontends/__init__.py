"""Models of any framework to graphs: one folder per framework, found by the model's class."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import cast

from rfa_core.errors import MissingDependencyError, TraceError
from rfa_core.frontends.base import Constructed as Constructed
from rfa_core.frontends.base import EditingFrontend as EditingFrontend
from rfa_core.frontends.base import FileFrontend as FileFrontend
from rfa_core.frontends.base import ForwardError as ForwardError
from rfa_core.frontends.base import Frontend as Frontend
from rfa_core.frontends.base import InputShape as InputShape
from rfa_core.frontends.base import InputSpec as InputSpec
from rfa_core.frontends.base import NotEditableError as NotEditableError
from rfa_core.frontends.base import TensorSpec as TensorSpec
from rfa_core.frontends.base import input_spec as input_spec
from rfa_core.libraries.quiet import imported_quietly


@dataclass(frozen=True, slots=True)
class _Entry:
    """A frontend: the module that holds it as ``FRONTEND``, and the models it reads.

    ``classes`` are dotted names below the module ``library``; ``title`` and ``extra`` say what
    to install. ``functions`` is the module whose functions of arrays are models, too.
    """

    home: str
    library: str
    classes: tuple[str, ...]
    title: str
    extra: str
    functions: str = ""


_FRONTENDS = {
    "keras": _Entry(
        "rfa_core.frontends.keras", "keras", ("Model", "Layer"), "Keras 3", "tensorflow"
    ),
    "tf_keras": _Entry(
        "rfa_core.frontends.tf_keras", "tf_keras", ("Model",), "legacy Keras", "tensorflow"
    ),
    "tensorflow": _Entry(
        "rfa_core.frontends.tensorflow",
        "tensorflow",
        ("Module", "types.experimental.ConcreteFunction", "types.experimental.PolymorphicFunction"),
        "TensorFlow",
        "tensorflow",
    ),
    "torch": _Entry(
        "rfa_core.frontends.torch",
        "torch",
        ("nn.Module", "export.ExportedProgram"),
        "PyTorch",
        "torch",
    ),
    "onnx": _Entry("rfa_core.frontends.onnx", "onnx", ("ModelProto",), "ONNX", "onnx"),
    "jax": _Entry(
        "rfa_core.frontends.jax", "flax", ("linen.Module", "nnx.Module"), "JAX", "jax", "jax"
    ),
    "custom": _Entry(
        "rfa_core.frontends.custom",
        "rfa_core.frontends.custom.network",
        ("Graph",),
        "rfa.Graph",
        "",
    ),
    "traced": _Entry(
        "rfa_core.frontends.traced", "rfa_core.graph.model", ("Graph",), "traced graphs", ""
    ),
}
"""Every frontend by the name of its framework; Keras first, whose models may be PyTorch's, too,
and TensorFlow after those whose models are its modules."""


def frontend_of(model: object) -> Frontend:
    """The frontend that reads ``model``; frameworks that were not imported are not, here.

    Raises TraceError for an object that is no model of a supported framework.
    """
    for entry in _FRONTENDS.values():
        if any(isinstance(model, kind) for kind in _classes(entry)):
            return cast(Frontend, import_module(entry.home).FRONTEND)
    for entry in _FRONTENDS.values():
        if entry.functions and _is_function_for(model, entry.functions):
            return cast(Frontend, import_module(entry.home).FRONTEND)
    raise TraceError(
        f"an object of type {type(model).__name__} is no model",
        f"expected a model of {', '.join(entry.title for entry in _FRONTENDS.values())}",
    )


def open_file(framework: str, file: str) -> object:
    """The model that ``file`` (absolute) holds, for ``frontend_of``.

    Nothing of it is executed. Raises MissingDependencyError if the framework is not installed,
    TraceError if the file cannot be read as what its name says.
    """
    entry = _FRONTENDS[framework]
    try:
        imported_quietly(entry.library)
    except ImportError as error:
        raise MissingDependencyError(
            f"{file} needs {entry.title}, which cannot be imported: {error}",
            f"install it: pip install 'pytest-rfa[{entry.extra}]'",
        ) from error
    return cast(FileFrontend, import_module(entry.home).FRONTEND).open(file)


def _classes(entry: _Entry) -> list[type]:
    found: list[type] = []
    for name in entry.classes:
        value: object = sys.modules.get(entry.library)
        for attribute in name.split("."):
            value = getattr(value, attribute, None)
        if isinstance(value, type):
            found.append(value)
    return found


def _is_function_for(model: object, library: str) -> bool:
    """Whether ``model`` can be called and comes from a module that uses ``library``."""
    if not callable(model) or isinstance(model, type) or library not in sys.modules:
        return False
    inner = getattr(model, "func", model)
    home = getattr(inner, "__module__", None) or type(inner).__module__
    values = vars(sys.modules[home]).values() if home in sys.modules else ()
    return any(_home(value).partition(".")[0] == library for value in values)


def _home(value: object) -> str:
    """The module that ``value`` is, or that it was defined in."""
    home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
    return home if isinstance(home, str) else ""
