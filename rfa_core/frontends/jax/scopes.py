"""Which module runs: written into the name stack of JAX while a model is traced."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import jax

from rfa_core.frontends.described import Described, Description, described_as
from rfa_core.frontends.tables import Table, table

Said = tuple[Described, Description]
_DESCRIBED: Table[Described] = table("jax", "layer")
_SAID: list[Said] = []
"""What plugins said of modules: JAX keeps functions that it traced, and their frames."""
_CALL = "__call__"
_MARK = "rfa:"
_LAYERS = ("linear", "normalization", "activation", "activations", "stochastic", "lora")
"""The modules of Flax whose classes are layers; others hold classes that are made of them."""
_NORMS = frozenset({"BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "RMSNorm"})


@dataclass(frozen=True, slots=True)
class Frame:
    """A call of a module: its path, class, whether it is a layer of Flax, which call of it.

    ``described`` is the number of what a plugin says that it does.
    """

    path: str = ""
    type: str = ""
    atomic: bool = False
    norm: bool = False
    call: int = 0
    described: int | None = None

    def __str__(self) -> str:
        flags = "".join(flag for flag, on in (("a", self.atomic), ("n", self.norm)) if on)
        number = "" if self.described is None else self.described
        return f"{_MARK}{self.path}:{self.type}:{flags}:{self.call}:{number}"

    @property
    def said(self) -> Said | None:
        """What a plugin says of the module, if one does."""
        return None if self.described is None else _SAID[self.described]


def frame_of(scope: str) -> Frame | None:
    """The frame that a name of the name stack stands for, None for one of the user's."""
    if not scope.startswith(_MARK):
        return None
    path, type_, flags, call, number = scope.removeprefix(_MARK).split(":")
    described = int(number) if number else None
    return Frame(path, type_, "a" in flags, "n" in flags, int(call), described)


class Scopes:
    """Counts calls while a model is traced. ``failed`` is the path where an error was raised."""

    def __init__(self) -> None:
        self.failed: str | None = None
        self.kernels: list[tuple[int, ...]] = []
        self._running: list[object] = []
        self._whole = False
        self._calls: dict[str, int] = {}

    def run(self, module: Any, path: str, call: Callable[[], Any]) -> Any:
        """``call`` as a call of ``module``; inside of one of its own it is part of that."""
        if self._running and self._running[-1] == (path, id(type(module))):
            return call()
        if self._whole:
            return call()
        count = self._calls[path] = self._calls.get(path, -1) + 1
        atomic = is_layer(type(module))
        norm = atomic and any(base.__name__ in _NORMS for base in type(module).__mro__)
        if isinstance(kernel := getattr(module, "kernel_size", None), (int, tuple, list)):
            self.kernels.append((kernel,) if isinstance(kernel, int) else tuple(kernel))
        self._running.append((path, id(type(module))))
        try:
            number = _number(module)
            self._whole = number is not None
            kind = type(module).__name__
            frame = Frame(path, kind, atomic or self._whole, norm, count, number)
            with jax.named_scope(str(frame)):
                return call()
        except BaseException:
            self.failed = path if self.failed is None else self.failed
            raise
        finally:
            self._running.pop()
            self._whole = False


def _number(module: Any) -> int | None:
    """The number of what a plugin says of ``module``. Raises DescriptionError."""
    described = _description_of(type(module))
    if described is None:
        return None
    _SAID.append((described, described(module)))
    return len(_SAID) - 1


def _description_of(kind: type) -> Described | None:
    return described_as(kind, _DESCRIBED) if len(_DESCRIBED) else None


def is_layer(kind: type) -> bool:
    """Whether a class is one of Flax's layers, or a subclass of one."""
    homes = (base.__module__.split(".") for base in kind.__mro__)
    return any(home[0] == "flax" and home[-1] in _LAYERS for home in homes)


@contextmanager
def called(scopes: Scopes, paths: Mapping[int, str], modules: list[Any]) -> Iterator[None]:
    """Calls of NNX ``modules`` (with ``paths`` by their ids) are written into the name stack."""
    with ExitStack() as stack:
        for kind in dict.fromkeys(map(type, modules)):
            original = getattr(kind, _CALL, None)
            if original is not None:
                own = _CALL in vars(kind)
                setattr(kind, _CALL, _watched(original, scopes, paths))
                stack.callback(_put_back, kind, original if own else None)
        yield


def _watched(
    original: Callable[..., Any], scopes: Scopes, paths: Mapping[int, str]
) -> Callable[..., Any]:
    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        path = paths.get(id(self))
        if path is None and _description_of(type(self)) is not None:
            path = type(self).__name__  # a copy that a transformation of NNX made
        if path is None:
            return original(self, *args, **kwargs)
        return scopes.run(self, path, lambda: original(self, *args, **kwargs))

    return call


def _put_back(kind: Any, original: Callable[..., Any] | None) -> None:
    if original is None:
        delattr(kind, _CALL)
    else:
        setattr(kind, _CALL, original)


def interceptor(scopes: Scopes) -> Callable[..., Any]:
    """The same for Linen, whose modules let calls be intercepted."""

    def intercept(run: Any, args: Any, kwargs: Any, context: Any) -> Any:
        if context.method_name in ("setup", "<lambda>"):  # what a transformation wraps around
            return run(*args, **kwargs)
        path = ".".join(context.module.path)
        return scopes.run(context.module, path, lambda: run(*args, **kwargs))

    return intercept
