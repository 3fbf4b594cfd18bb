"""Which files discovery looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rfa_core.discovery.files import MAXIMUM_BYTES, is_excluded, python_files, read
from rfa_core.discovery.placing import relative
from rfa_core.errors import TargetError

Tree = Callable[[Mapping[str, str]], str]


def test_hidden_built_and_installed_folders_are_passed_over(tree: Tree) -> None:
    folders = [".git", "build", "dist", "node_modules", "x/site-packages", "a.egg-info"]
    root = tree({"models.py": "", **{f"{folder}/m.py": "" for folder in folders}})

    files = python_files(["."], root, ())

    assert [relative(file, root) for file in files] == ["models.py"]


def test_a_virtual_environment_of_any_name_is_passed_over(tree: Tree) -> None:
    root = tree({"models.py": "", "mine/pyvenv.cfg": "", "mine/lib/m.py": ""})

    files = python_files(["."], root, ())

    assert [relative(file, root) for file in files] == ["models.py"]


def test_links_that_lead_round_in_a_circle_are_survived(tree: Tree) -> None:
    root = tree({"pack/models.py": ""})
    Path(root, "pack", "round").symlink_to(root)
    Path(root, "gone.py").symlink_to(Path(root, "gone.py"))
    Path(root, "pack", "twice.py").symlink_to(Path(root, "pack", "models.py"))

    files = python_files(["."], root, ())

    assert [relative(file, root) for file in files] == ["pack/models.py"]


def test_a_path_that_does_not_exist_is_an_error(tree: Tree) -> None:
    root = tree({"src/acme/models.py": ""})

    with pytest.raises(TargetError) as caught:
        python_files(["src/acme/model"], root, ())

    assert str(caught.value) == (
        "paths: there is no file or folder 'src/acme/model'\n  did you mean 'src/acme/models.py'?"
    )


@pytest.mark.parametrize(
    ("path", "glob", "excluded"),
    [
        ("acme/blocks.py", "**/blocks.py", True),
        ("blocks.py", "**/blocks.py", True),
        ("acme/blocks.py", "blocks.py", True),
        ("acme/legacy/net.py", "acme/legacy/", True),
        ("acme/legacy/net.py", "legacy", True),
        ("acme/legacy/net.py", "acme/*/net.py", True),
        ("acme/net.py", "other/*", False),
        ("acme/netblocks.py", "blocks.py", False),
    ],
)
def test_globs_match_files_and_folders(path: str, glob: str, excluded: bool) -> None:
    assert is_excluded(path, [glob]) is excluded


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"import torch\n\xff\xfe", "cannot be decoded"),
        (b"# -*- coding: nonsense -*-\nimport torch\n", "cannot be decoded"),
        (b"import torch\n" + b"#" * MAXIMUM_BYTES, "is larger than 1 MB"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(tmp_path: Path, data: bytes, problem: str) -> None:
    file = tmp_path / "models.py"
    file.write_bytes(data)

    text = read(str(file))

    assert text.framework
    assert text.problem.startswith(problem)


def test_a_declared_encoding_is_respected(tmp_path: Path) -> None:
    file = tmp_path / "models.py"
    file.write_bytes("# coding: latin-1\nname = 'Gr\xfc\xdfe'\n".encode("latin-1"))

    text = read(str(file))

    assert "Gr\xfc\xdfe" in text.content
