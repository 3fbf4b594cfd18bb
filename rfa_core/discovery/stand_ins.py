"""What is put in place of libraries' functions while a user's model is built, in this thread
alone, and what is put back afterwards."""

from __future__ import annotations

import functools
import random
import socket
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn, TypeVar

from rfa_core.discovery.failures import summary


class DownloadRefusedError(RuntimeError):
    """User code asked for the network while its model was built."""


def swap(stack: ExitStack, owner: Any, name: str, stand_in: Callable[..., Any]) -> None:
    """Let this thread call ``stand_in`` instead of ``owner.name`` until ``stack`` closes."""
    original = getattr(owner, name)
    thread = threading.get_ident()

    @functools.wraps(original)
    def choose(*args: Any, **kwargs: Any) -> Any:
        mine = threading.get_ident() == thread
        return (stand_in if mine else original)(*args, **kwargs)

    setattr(owner, name, choose)
    stack.callback(setattr, owner, name, original)


def nothing(*_args: Any, **_kwargs: Any) -> None:
    """Does nothing."""


def refused(what: str) -> Callable[..., NoReturn]:
    """Raises DownloadRefusedError when it is called."""

    def refuse(*_args: Any, **_kwargs: Any) -> NoReturn:
        raise DownloadRefusedError(
            f"{what} is refused while a model is built: weights are not needed"
        )

    return refuse


Made = TypeVar("Made")


def either_way(run: Callable[[bool], Made], why: str) -> tuple[Made, tuple[str, ...]]:
    """``run(True)``, or ``run(False)`` where the user's code refuses that.

    Also returns the notes: ``why`` the second way was taken. Raises DownloadRefusedError, and
    whatever ``run(False)`` raises.
    """
    try:
        return run(True), ()
    except DownloadRefusedError:
        raise
    except Exception as error:
        return run(False), (f"{why}: {summary(error)}",)


@contextmanager
def randomness_kept() -> Iterator[None]:
    """The random states of Python and NumPy are left as found."""
    numpy: Any = sys.modules.get("numpy")
    drawn = random.getstate(), numpy.random.get_state() if numpy is not None else None
    try:
        yield
    finally:
        random.setstate(drawn[0])
        if numpy is not None:
            numpy.random.set_state(drawn[1])


@contextmanager
def no_network() -> Iterator[None]:
    """Connections are refused."""
    with ExitStack() as stack:
        swap(stack, urllib.request, "urlopen", refused("urllib.request.urlopen"))
        swap(stack, socket, "getaddrinfo", refused("a network connection"))
        yield


def no_values(stack: ExitStack, library: Any, files: Any, *methods: str) -> None:
    """Until ``stack`` closes, weights of ``library`` (a Keras) are neither fetched nor assigned.

    ``files`` is the module that its own models take ``get_file`` from; ``methods`` of models do
    nothing besides.
    """
    for module in (library.utils, files):
        swap(stack, module, "get_file", _no_file)
    for method in ("load_weights", "set_weights", *methods):
        owner = next(base for base in library.Model.__mro__ if method in vars(base))
        swap(stack, owner, method, nothing)


def _no_file(*_args: Any, **_kwargs: Any) -> str:
    return ""
