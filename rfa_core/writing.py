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
    path = Path(name).resolve()
    replaces = path.is_file() or not path.exists()
    draft = path.with_name(f".{path.name}.{os.getpid()}") if replaces else path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(content.encode() if isinstance(content, str) else content)
        if replaces:
            draft.replace(path)
    except OSError as error:
        if replaces:
            with suppress(OSError):
                draft.unlink()
        raise UsageError(f"cannot write {name}: {error.strerror}") from error
