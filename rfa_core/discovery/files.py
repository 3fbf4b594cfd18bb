"""The Python files of a project: found, filtered and decoded, never imported."""

from __future__ import annotations

import io
import os
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from rfa_core.discovery.naming import nearest
from rfa_core.discovery.placing import FOREIGN_FOLDERS, relative
from rfa_core.errors import TargetError

MAXIMUM_BYTES = 1_000_000

_SKIPPED = FOREIGN_FOLDERS | {"build", "dist", "__pycache__"}
_FRAMEWORK = re.compile(rb"torch|keras|tensorflow|timm|lightning|monai|rfa_core|flax")
_NETWORKS = re.compile(rb"Module|Sequential\(|\bModel[()]")


@dataclass(frozen=True, slots=True)
class Text:
    """What a file holds: its text, or why it cannot be read."""

    content: str = ""
    problem: str = ""
    framework: bool = False


def python_files(paths: Sequence[str], root: str, exclude: Sequence[str]) -> tuple[str, ...]:
    """The ``.py`` files below ``paths`` (absolute, or relative to the root), sorted, once each.

    Hidden folders, environments, installed packages, build folders and what the ``exclude``
    globs match are left out. Raises TargetError for a path that does not exist.
    """
    found: dict[Path, str] = {}
    for path in paths:
        start = existing(path, root)
        if start is None:
            raise TargetError(f"paths: there is no file or folder {path!r}", near(path, root))
        for file in _below(start):
            if not is_excluded(relative(str(file), root), exclude):
                real = file.resolve()
                if real not in found or not file.is_symlink():
                    found[real] = str(file)
    return tuple(sorted(found.values()))


def existing(path: str, *folders: str) -> Path | None:
    """``path`` made absolute from the first of ``folders`` in which it exists."""
    for folder in folders:
        candidate = Path(os.path.normpath(Path(folder) / path))
        if is_there(candidate):
            return candidate
    return None


def near(path: str, root: str) -> str:
    """A hint at the Python file or the folder of the project that ``path`` was to name."""
    files = [PurePosixPath(relative(file, root)) for file in python_files([root], root, ())]
    folders = {folder for file in files for folder in file.parents} - {PurePosixPath()}
    return nearest(path, sorted(map(str, {*files, *folders})))


def is_there(path: Path) -> bool:
    """Whether there is a file or folder ``path``, be it a name that no file could have."""
    try:
        return path.exists()
    except OSError:
        return False


def is_excluded(path: str, exclude: Iterable[str]) -> bool:
    """Whether a glob matches ``path`` (relative, forward slashes) or a folder above it.

    A glob without a slash matches any part of the path; ``**/`` also matches nothing.
    """
    return any(_matches(path, glob.strip().rstrip("/")) for glob in exclude)


def is_test(path: str) -> bool:
    """Whether ``path`` (relative, forward slashes) is that of a file of tests."""
    parts = PurePosixPath(path)
    is_named = parts.name.startswith("test_") or parts.name.endswith("_test.py")
    return is_named or parts.name == "conftest.py" or not {"test", "tests"}.isdisjoint(parts.parts)


def read(file: str) -> Text:
    """Decode a source file as Python would; huge and undecodable ones are a problem."""
    try:
        data = _head(file)
    except OSError as error:
        return Text(problem=f"cannot be read: {error.strerror}", framework=True)
    framework = _FRAMEWORK.search(data) is not None
    if len(data) > MAXIMUM_BYTES:
        return Text(problem="is larger than 1 MB", framework=framework)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return Text(data.decode(encoding), framework=framework)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        start = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = data.count(b"\n", 0, start) + 1
        return Text(problem=f"cannot be decoded: {error} (line {line})", framework=framework)


def names_networks(file: str) -> bool:
    """Whether a source file, be it one that Python cannot read, says the names of networks."""
    return _NETWORKS.search(_head(file)) is not None


def _head(file: str) -> bytes:
    with Path(file).open("rb") as stream:
        return stream.read(MAXIMUM_BYTES + 1)


def _below(start: Path) -> Iterator[Path]:
    if start.is_file():
        yield start
        return
    for folder, folders, names in os.walk(start):
        here = Path(folder)
        folders[:] = [name for name in folders if not _is_skipped(here / name)]
        for name in names:
            if name.endswith(".py") and (here / name).is_file():
                yield here / name


def _is_skipped(folder: Path) -> bool:
    return (
        folder.name.startswith(".")
        or folder.name in _SKIPPED
        or folder.name.endswith(".egg-info")
        or (folder / "pyvenv.cfg").is_file()
    )


def _matches(path: str, glob: str) -> bool:
    if "/" not in glob:
        return any(fnmatchcase(part, glob) for part in path.split("/"))
    globs = (glob, glob.removeprefix("**/"))
    return any(fnmatchcase(path, each) or fnmatchcase(path, f"{each}/*") for each in globs)
