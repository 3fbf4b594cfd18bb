"""Small projects on disk, written from a mapping of paths to sources."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from textwrap import dedent

import pytest
from projects import written

sys.path.insert(0, str(Path(__file__).parent))

Tree = Callable[[Mapping[str, str]], str]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """Write files below a fresh project root; returns the root."""
    root = tmp_path / "project"
    root.mkdir()

    def write(files: Mapping[str, str]) -> str:
        return str(written(root, {path: dedent(text) for path, text in files.items()}))

    return write


@pytest.fixture(autouse=True)
def imported_anew(tmp_path: Path) -> Iterator[None]:
    """Forget the modules that a test imported from its own project."""
    yield
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", None)).startswith(str(tmp_path)):
            del sys.modules[name]
