"""The decorator that marks a model for discovery, and does nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, overload

Factory = TypeVar("Factory", bound=Callable[..., object])


@overload
def model(factory: Factory, /) -> Factory: ...


@overload
def model(
    *,
    res: int | str | Sequence[int | str] | None = None,
    kwargs: Mapping[str, object] | None = None,
) -> Callable[[Factory], Factory]: ...


def model(
    factory: Factory | None = None,
    /,
    *,
    res: int | str | Sequence[int | str] | None = None,
    kwargs: Mapping[str, object] | None = None,
) -> Factory | Callable[[Factory], Factory]:
    """Mark a function or class as a model that is to be checked.

    ``res`` are the resolutions in pixels that it is checked at instead of the configured ones, as
    ``64``, ``"64x96"`` or a list of them; ``kwargs`` what it is called with. Both are read from the
    source, where they have to be literals: at run time the definition is returned as it is.
    """
    del res, kwargs
    return _unchanged if factory is None else factory


def _unchanged(factory: Factory) -> Factory:
    return factory
