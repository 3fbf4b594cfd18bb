"""Building a model from its factory, under guard and without weights."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Protocol, cast

from rfa_core.discovery.arguments import (
    SUPPLIED_BY_JAX,
    Arguments,
    arguments,
    less_weights,
    open_sizes,
)
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.failures import FailedBuildError, full_text, summary, user_line, where
from rfa_core.discovery.guard import guarded
from rfa_core.discovery.load import target_place
from rfa_core.discovery.zoo import is_zoo
from rfa_core.errors import BuildError, MissingDependencyError, RfaError
from rfa_core.graph.model import Location
from rfa_core.libraries.quiet import imported_quietly


@dataclass(frozen=True, slots=True)
class Built:
    """A model without weights.

    ``constructed`` maps ``id(module)`` to the lines of the project that constructed the
    module, outermost first. ``notes`` say what was done differently from a plain call.
    """

    model: object
    framework: str
    constructed: Mapping[int, tuple[Location, ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Entry:
    """Where a builder is, and what to install for its framework.

    ``module`` is the framework's own, where that is not its name; ``libraries`` mark a module that
    uses the framework, too. ``supplies`` are required arguments that the builder gives a factory
    itself.
    """

    home: str
    function: str
    title: str
    extra: str
    module: str = ""
    libraries: tuple[str, ...] = ()
    supplies: tuple[str, ...] = ()


_BUILDERS = {
    "torch": _Entry("rfa_core.discovery.torch_builder", "build_torch", "PyTorch", "torch"),
    "keras": _Entry("rfa_core.discovery.keras_builder", "build_keras", "Keras 3", "tensorflow"),
    "tf_keras": _Entry(
        "rfa_core.discovery.tensorflow_builder", "build_tensorflow", "legacy Keras", "tensorflow"
    ),
    "tensorflow": _Entry(
        "rfa_core.discovery.tensorflow_builder", "build_tensorflow", "TensorFlow", "tensorflow"
    ),
    "jax": _Entry(
        "rfa_core.discovery.jax_builder",
        "build_jax",
        "JAX",
        "jax",
        libraries=("flax",),
        supplies=SUPPLIED_BY_JAX,
    ),
    "custom": _Entry(
        "rfa_core.discovery.plain_builder", "build_plain", "rfa_core", "", module="rfa_core"
    ),
}
"""Builders by framework; the first is taken if nothing says which."""
_SHAPED = ("keras", "tf_keras", "tensorflow")
"""Frameworks whose factories take the shape of the input."""
_ADVICE = "-v shows the traceback; arguments can be given as `kwargs` of an entry in `factories`"


_Made = tuple[object, Mapping[int, tuple[Location, ...]], tuple[str, ...]]


class _Builder(Protocol):
    def __call__(self, call: Callable[[], object], name: str, root: str, /) -> _Made: ...


def build(
    factory: Callable[..., object], target: Target, kwargs: Mapping[str, object], root: str
) -> Built:
    """Call ``factory`` so that no weight is allocated, initialised, loaded or downloaded.

    ``kwargs`` are the configured arguments; ``root`` is the project root (absolute). Raises
    FailedBuildError when the arguments do not fit, the factory raises or returns no model.
    """
    framework = target.framework or _framework(factory)
    supplied = _BUILDERS[framework].supplies if framework in _BUILDERS else ()
    given = arguments(factory, {**target.arguments, **kwargs}, target.name, supplied)
    search: tuple[str, ...] = () if is_zoo(target.name) else target_place(target, root).search
    with guarded(search, root, target.file or target.name) as printed:
        try:
            builder = _builder(framework)
            opened = open_sizes(given, target.arguments.keys() - kwargs.keys() - target.stated)
            call = partial(_called, builder, factory, name=target.name, root=root)
            made = _if_it_can(call, opened) if framework in _SHAPED else None
            (model, constructed, notes), given = made or call(given)
        except (KeyboardInterrupt, BuildError, MissingDependencyError):
            raise
        except BaseException as error:
            raise _failure(error, target, root, printed.getvalue()) from error
    return Built(model, framework, constructed, (*given.notes, *notes))


def _if_it_can(
    call: Callable[[Arguments], tuple[_Made, Arguments]], opened: Arguments | None
) -> tuple[_Made, Arguments] | None:
    """What is made with sizes left open, so that it can be judged at any; None if it refuses."""
    try:
        return None if opened is None else call(opened)
    except Exception:
        return None


def _called(
    builder: _Builder, factory: Callable[..., object], given: Arguments, name: str, root: str
) -> tuple[_Made, Arguments]:
    """What ``factory`` makes, and what it was called with: weights that it failed for left out."""
    try:
        return builder(partial(factory, **given.values), name, root), given
    except Exception as error:
        less = less_weights(factory, given, error)
        if less is None:
            raise
        try:
            return _called(builder, factory, less, name, root)
        except Exception:
            raise error from error.__cause__


def _framework(factory: object) -> str:
    """The framework that the module of ``factory`` uses, by what is imported there."""
    while isinstance(factory, partial):
        factory = factory.func
    module = sys.modules.get(getattr(factory, "__module__", None) or "")
    used = {_home(value).partition(".")[0] for value in vars(module).values()} if module else set()
    marks = {name: {entry.module or name, *entry.libraries} for name, entry in _BUILDERS.items()}
    return next((name for name, own in marks.items() if used & own), next(iter(_BUILDERS)))


def _home(value: object) -> str:
    home = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", "")
    return home if isinstance(home, str) else ""


def _builder(framework: str) -> _Builder:
    builder = _BUILDERS[framework]
    try:
        imported_quietly(builder.module or framework)
    except ImportError as error:
        raise MissingDependencyError(
            f"{builder.title} cannot be imported: {error}",
            f"install it: pip install 'pytest-rfa[{builder.extra}]'",
        ) from error
    return cast(_Builder, getattr(import_module(builder.home), builder.function))


def _failure(error: BaseException, target: Target, root: str, printed: str) -> FailedBuildError:
    file, line = user_line(error, root)
    message = f"{target.name} {_verb(error)} when it is called{where(file, line, root)}"
    if isinstance(error, RfaError):
        message = f"{target.name} fails{where(file, line, root)}: {error.message}"
    return FailedBuildError(
        message,
        (error.hint if isinstance(error, RfaError) else "") or _ADVICE,
        full_text(error, printed),
        file,
        line,
    )


def _verb(error: BaseException) -> str:
    return "exits" if isinstance(error, SystemExit) else f"raises {summary(error).rstrip('.')}"
