"""The files of the cache: a few sections of JSON, compressed, with their sizes and a checksum.

All sizes are checked before memory is taken, and what does not fit is no entry: a file that is
truncated, corrupt, of another version or made to do harm is as good as none.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any

_MAGIC = b"rfa cache 1\n"
_NUMBER = struct.Struct("<I")
_SIZES = struct.Struct("<II")
LARGEST = 64 * 2**20
"""Bytes of a file, and of a section once it is unpacked, that are read at most."""
MOST = 2**23
"""Commas and opening brackets of a section: values take far more memory than their text."""


class NoEntryError(Exception):
    """The bytes are not those of an entry."""


def packed(sections: Sequence[Any]) -> bytes | None:
    """``sections`` (values of JSON) as the content of a file; None if they are too large."""
    parts = []
    for section in sections:
        raw = json.dumps(section, separators=(",", ":")).encode()
        small = zlib.compress(raw, 3)
        if len(raw) > LARGEST or _marks(raw) > MOST:
            return None
        parts.append(_SIZES.pack(len(raw), len(small)) + small)
    body = _NUMBER.pack(len(sections)) + b"".join(parts)
    return _MAGIC + _NUMBER.pack(zlib.crc32(body)) + body


def unpacked(data: bytes, wanted: Sequence[int]) -> list[Any]:
    """The sections with the numbers ``wanted``. Raises NoEntryError."""
    body = len(_MAGIC) + _NUMBER.size
    at = body + _NUMBER.size
    if not data.startswith(_MAGIC) or len(data) < at or len(data) > LARGEST:
        raise NoEntryError("no file of this version of the cache")
    (checksum,) = _NUMBER.unpack_from(data, len(_MAGIC))
    if zlib.crc32(memoryview(data)[body:]) != checksum:
        raise NoEntryError("corrupt or truncated")
    (number,) = _NUMBER.unpack_from(data, body)
    found: dict[int, Any] = {}
    for place in range(min(number, max(wanted) + 1)):
        if at + _SIZES.size > len(data):
            raise NoEntryError("a section is missing")
        raw, small = _SIZES.unpack_from(data, at)
        at += _SIZES.size
        if place in wanted:
            found[place] = _section(data[at : at + small], raw)
        at += small
    if len(found) != len(set(wanted)):
        raise NoEntryError("a section is missing")
    return [found[place] for place in wanted]


def _section(small: bytes, size: int) -> Any:
    if size > LARGEST:
        raise NoEntryError("a section is too large")
    reader = zlib.decompressobj()
    try:
        raw = reader.decompress(small, size + 1)
        if len(raw) != size or not reader.eof:
            raise NoEntryError("a section has another size than it says")
        if _marks(raw) > MOST:
            raise NoEntryError("a section has too many values")
        return json.loads(raw)
    except (zlib.error, ValueError, RecursionError) as error:
        raise NoEntryError(str(error)) from error


def _marks(raw: bytes) -> int:
    return sum(raw.count(mark) for mark in (b",", b"[", b"{"))
