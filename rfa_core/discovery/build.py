"""Building a model from its factory, under guard and without weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import Protocol, cast

from rfa_core.discovery.arguments import arguments
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.failures import FailedBuildError, full_text, summary, user_line, where
from rfa_core.discovery.guard import guarded
from rfa_core.discovery.load import target_place
from rfa_core.discovery.zoo import is_zoo
from rfa_core.errors import BuildError, MissingDependencyError
from rfa_core.graph.model import Location


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


class _Builder(Protocol):
    def __call__(
        self, call: Callable[[], object], name: str, root: str, /
    ) -> tuple[object, Mapping[int, tuple[Location, ...]], tuple[str, ...]]: ...


def build(
    factory: Callable[..., object], target: Target, kwargs: Mapping[str, object], root: str
) -> Built:
    """Call ``factory`` so that no weight is allocated, initialised, loaded or downloaded.

    ``kwargs`` are the configured arguments; ``root`` is the project root (absolute). Raises
    FailedBuildError when the arguments do not fit, the factory raises or returns no model.
    """
    if target.framework not in (None, "torch"):
        raise BuildError(f"{target.name}: {target.framework} models are not supported yet")
    given = arguments(factory, {**target.arguments, **kwargs}, target.name)
    search: tuple[str, ...] = () if is_zoo(target.name) else target_place(target, root).search
    with guarded(search, root, target.file or target.name) as printed:
        try:
            call = partial(factory, **given.values)
            model, constructed, notes = _torch_builder()(call, target.name, root)
        except (KeyboardInterrupt, BuildError, MissingDependencyError):
            raise
        except BaseException as error:
            raise _failure(error, target, root, printed.getvalue()) from error
    return Built(model, "torch", constructed, (*given.notes, *notes))


def _torch_builder() -> _Builder:
    try:
        import_module("torch")
    except ImportError as error:
        raise MissingDependencyError(
            f"PyTorch cannot be imported: {error}", "install it: pip install 'pytest-rfa[torch]'"
        ) from error
    return cast(_Builder, import_module("rfa_core.discovery.torch_builder").build_torch)


def _failure(error: BaseException, target: Target, root: str, printed: str) -> FailedBuildError:
    file, line = user_line(error, root)
    verb = "exits" if isinstance(error, SystemExit) else f"raises {summary(error)}"
    return FailedBuildError(
        f"{target.name} {verb} when it is called{where(file, line, root)}",
        "-v shows the traceback; arguments can be given as `kwargs` of an entry in `factories`",
        full_text(error, printed),
        file,
        line,
    )
