"""The archive of an exported program: a zip file of JSON and raw numbers; pickles stay closed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from rfa_core.errors import TraceError

_MODELS = "models/"
_OLD = "serialized_exported_program.json"
_AGAIN = "save it once more with torch.export.save"
_TABLES = (
    ("data/weights/", "data/weights/{}_weights_config.json"),
    ("data/constants/", "data/constants/{}_constants_config.json"),
)
_LARGEST_TABLE = 1 << 24
"""Bytes of the largest tensor whose numbers are read: indices, not weights."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The graph as it is written, and by the names of the model what is said of its tensors.

    ``numbers`` are the bytes of tensors that hold whole numbers, which indices are read from.
    """

    document: Mapping[str, Any]
    described: Mapping[str, Mapping[str, Any]]
    numbers: Mapping[str, bytes]


def read(file: str | IO[bytes], where: str) -> Saved:
    """What ``file`` holds; nothing is unpacked. Raises TraceError, which begins with ``where``."""
    try:
        with ZipFile(file) as archive:
            return _read(archive, where)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise TraceError(
            f"{where} is damaged: it is not written as PyTorch writes exported programs"
            f" ({type(error).__name__}: {str(error)[:200]})",
            _AGAIN,
        ) from error
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError) as error:
        raise TraceError(
            f"{where} cannot be read as an exported program: {error}", f"if it is cut off, {_AGAIN}"
        ) from error


def _read(archive: ZipFile, where: str) -> Saved:
    members = {_inner(name): name for name in archive.namelist()}
    models = sorted(name for name in members if name.startswith(_MODELS) and name.endswith(".json"))
    if _OLD in members:
        return Saved(_json(archive, members[_OLD]), {}, {})
    if not models:
        raise TraceError(
            f"{where} holds no exported program", _NO_PROGRAM[any(map(_is_compiled, members))]
        )
    chosen = f"{_MODELS}model.json" if f"{_MODELS}model.json" in models else models[0]
    if len(models) > 1 and chosen != f"{_MODELS}model.json":
        names = ", ".join(model[len(_MODELS) : -len(".json")] for model in models)
        raise TraceError(f"{where} holds several programs ({names})", "save each in a file")
    name = chosen[len(_MODELS) : -len(".json")]
    described: dict[str, Mapping[str, Any]] = {}
    numbers: dict[str, bytes] = {}
    for folder, table in _TABLES:
        member = members.get(table.format(name))
        for own, entry in _json(archive, member)["config"].items() if member else ():
            described[own] = entry
            stored = members.get(f"{folder}{entry['path_name']}")
            if stored and _holds_whole_numbers(entry):
                numbers[own] = _bytes(archive, stored, _LARGEST_TABLE)
    return Saved(_json(archive, members[chosen]), described, numbers)


def _inner(name: str) -> str:
    """The name without the folder that PyTorch puts everything in."""
    inner = name.partition("/")[2]
    known = (_MODELS, "data/", "archive_")
    return inner if inner.startswith(known) and not name.startswith(known) else name


def _is_compiled(name: str) -> bool:
    return name.startswith("data/aotinductor/")


_NO_PROGRAM = {
    False: "expected a file that torch.export.save wrote",
    True: "it holds machine code (AOTInductor), which has no graph: save the exported program",
}


def _holds_whole_numbers(entry: Mapping[str, Any]) -> bool:
    meta: Mapping[str, Any] = entry.get("tensor_meta") or {}
    return not entry["use_pickle"] and meta.get("dtype") in _WHOLE_NUMBERS


_WHOLE_NUMBERS = frozenset({1, 2, 3, 4, 5, 12})
"""Bytes, whole numbers and booleans, as PyTorch's schema numbers its types."""


def _json(archive: ZipFile, member: str) -> Any:
    return json.loads(_bytes(archive, member))


def _bytes(archive: ZipFile, member: str, most: int | None = None) -> bytes:
    """The bytes of a member, none if there are more than ``most``; PyTorch compresses nothing,
    and what is not compressed cannot be larger than its file."""
    info = archive.getinfo(member)
    if info.compress_type != ZIP_STORED:
        raise ValueError(f"{member} is compressed")
    return b"" if most is not None and info.file_size > most else archive.read(info)
