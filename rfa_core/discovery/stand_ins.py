"""Stand-ins for functions of libraries while a user's model is built, in this thread alone."""

from __future__ import annotations

import functools
import socket
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn


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


@contextmanager
def no_network() -> Iterator[None]:
    """Connections are refused."""
    with ExitStack() as stack:
        swap(stack, urllib.request, "urlopen", refused("urllib.request.urlopen"))
        swap(stack, socket, "getaddrinfo", refused("a network connection"))
        yield
