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
_CALL = "__call__"
_MARK = "rfa:"
_LAYERS = ("linear", "normalization", "activation", "activations", "stochastic", "lora")
"""The modules of Flax whose classes are layers; others hold classes that are made of them."""
_NORMS = frozenset({"BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "RMSNorm"})


@dataclass(frozen=True, slots=True)
class Frame:
    """A call of a module: its path, class, whether it is a layer of Flax, which call of it.

    What a ``described`` one does is said by a plugin.
    """

    path: str = ""
    type: str = ""
    atomic: bool = False
    norm: bool = False
    call: int = 0
    described: bool = False

    def __str__(self) -> str:
        every = (("a", self.atomic), ("n", self.norm), ("d", self.described))
        flags = "".join(flag for flag, on in every if on)
        return f"{_MARK}{self.path}:{self.type}:{flags}:{self.call}"


def frame_of(scope: str) -> Frame | None:
    """The frame that a name of the name stack stands for, None for one of the user's."""
    if not scope.startswith(_MARK):
        return None
    path, type_, flags, call = scope.removeprefix(_MARK).split(":")
    return Frame(path, type_, "a" in flags, "n" in flags, int(call), "d" in flags)


class Scopes:
    """Counts calls while a model is traced. ``failed`` is the path where an error was raised.

    ``said`` is what plugins say of modules, by path; what runs inside of these is part of them.
    """

    def __init__(self) -> None:
        self.failed: str | None = None
        self.said: dict[str, Said] = {}
        self.kernels: list[tuple[int, ...]] = []
        self._running: list[tuple[str, int]] = []
        self._calls: dict[str, int] = {}

    def run(self, module: Any, path: str, call: Callable[[], Any]) -> Any:
        """``call`` as a call of ``module``; inside of one of its own it is part of that."""
        if self._running and self._running[-1] == (path, id(type(module))):
            return call()
        if any(around in self.said for around, _ in self._running):
            return call()
        count = self._calls[path] = self._calls.get(path, -1) + 1
        atomic = is_layer(type(module))
        norm = atomic and any(base.__name__ in _NORMS for base in type(module).__mro__)
        described = described_as(type(module), _DESCRIBED) if len(_DESCRIBED) else None
        is_described = described is not None
        frame = Frame(
            path, type(module).__name__, atomic or is_described, norm, count, is_described
        )
        if isinstance(kernel := getattr(module, "kernel_size", None), (int, tuple, list)):
            self.kernels.append((kernel,) if isinstance(kernel, int) else tuple(kernel))
        self._running.append((path, id(type(module))))
        try:
            if described is not None:
                self.said[path] = described, described(module)
            with jax.named_scope(str(frame)):
                return call()
        except BaseException:
            self.failed = path if self.failed is None else self.failed
            raise
        finally:
            self._running.pop()


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
        if context.method_name == "setup":
            return run(*args, **kwargs)
        path = ".".join(context.module.path)
        return scopes.run(context.module, path, lambda: run(*args, **kwargs))

    return intercept
