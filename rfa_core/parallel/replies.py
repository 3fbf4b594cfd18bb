"""What workers answer, read so that nothing else in their pipe is waited for or believed."""

from __future__ import annotations

import os
import secrets
import struct
import sys
from dataclasses import fields, is_dataclass
from functools import cache
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler
from typing import Any

_LENGTH = struct.Struct("!i")
_PART = 2**16


class ForeignBytesError(Exception):
    """The pipe holds bytes that are no reply: the work has written to it."""


def sealed(seal: bytes, reply: object) -> bytes:
    """``reply`` as a message that begins with ``seal``."""
    return seal + bytes(_Pickler.dumps(reply))


class _Pickler(ForkingPickler):
    """Takes slotted dataclasses apart by their slots, which is twice as fast as their own way:
    that looks up the fields of each value, and a run over a zoo sends some 100,000."""

    def reducer_override(self, value: object) -> Any:
        kind: Any = type(value)
        slots = _slots(kind)
        if slots is None:
            return NotImplemented
        return _put_together, (kind, *[slot.__get__(value) for slot in slots])


@cache
def _slots(kind: Any) -> tuple[Any, ...] | None:
    """The descriptors of its fields; None for what is no dataclass or keeps a dictionary."""
    if not is_dataclass(kind) or "__slots__" not in vars(kind):
        return None
    return tuple(getattr(kind, field.name) for field in fields(kind))


def _put_together(kind: type, *values: object) -> object:
    made: object = object.__new__(kind)
    for slot, value in zip(_slots(kind) or (), values, strict=True):
        slot.__set__(made, value)
    return made


class Replies:
    """The replies in ``pipe``, each of which begins with a seal that its worker alone is told.

    Bytes are taken as they come: a message that never becomes whole keeps nobody waiting.
    """

    def __init__(self, pipe: Connection[Any, Any]) -> None:
        self.seal = secrets.token_bytes(16)
        self._pipe = pipe
        self._read = bytearray()

    def read(self) -> Any:
        """The next reply; None if there is none yet. Raises ForeignBytesError, OSError, EOFError
        where the pipe is closed."""
        if sys.platform == "win32":  # where messages come whole
            return self._opened(self._pipe.recv_bytes()) if self._pipe.poll() else None
        while (message := self._message()) is None:
            if not self._pipe.poll():
                return None
            part = os.read(self._pipe.fileno(), _PART)
            if not part:
                raise EOFError
            self._read += part
        return self._opened(message)

    def _message(self) -> bytes | None:
        """The first message that was read, if it is whole: as ``Connection.send_bytes`` has it,
        its length and the length in bytes."""
        begins = _LENGTH.size
        if len(self._read) < begins:
            return None
        (length,) = _LENGTH.unpack_from(self._read)
        head = bytes(self._read[begins : begins + len(self.seal)])
        if length < len(self.seal) or not self.seal.startswith(head):
            raise ForeignBytesError
        if len(self._read) < begins + length:
            return None
        message = bytes(self._read[begins : begins + length])
        del self._read[: begins + length]
        return message

    def _opened(self, message: bytes) -> Any:
        if not message.startswith(self.seal):
            raise ForeignBytesError
        return ForkingPickler.loads(message[len(self.seal) :])
