"""Which source files are the user's."""

from __future__ import annotations

import sysconfig
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=8)
def project_test(root: str | None) -> Callable[[str], bool]:
    """Whether a file name is source of the project below ``root`` (absolute)."""
    if root is None:
        return lambda _file: False
    home = str(Path(root)) + "/"
    paths = {sysconfig.get_path(key) for key in ("stdlib", "purelib", "platlib")}
    libraries = tuple(f"{path}/" for path in (*paths, Path(__file__).parents[1]))

    @lru_cache(maxsize=4096)
    def is_project(file: str) -> bool:
        if file.startswith(libraries) or "/site-packages/" in file:
            return False
        return file.startswith(home) and not file.startswith("<")

    return is_project
