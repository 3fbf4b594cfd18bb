"""Files that are written whole, or left as they were."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from rfa_core.errors import UsageError


def write_file(name: str, content: str | bytes) -> None:
    """Write a whole file or leave it as it was; a device or a pipe is written to directly.

    Raises UsageError if that is not possible.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        path = Path(name)
        if path.exists() and (name.startswith("/dev/") or not path.is_file()):
            path.write_bytes(data)
        else:
            _replace(path.resolve(), data)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no file can have that name"
        raise UsageError(f"cannot write {name}: {_in_the_way(Path(name)) or reason}") from error


def _replace(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name[:40]}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except BaseException:  # an interrupt, too, leaves no draft
        with suppress(OSError):
            draft.unlink()
        raise


def _in_the_way(path: Path) -> str:
    """What is where a file or a folder should be."""
    with suppress(OSError, ValueError):
        if path.is_dir():
            return "it is a folder; name a file in it"
        for folder in path.parents:
            if folder.exists() and not folder.is_dir():
                return f"{folder} is a file, not a folder"
    return ""
