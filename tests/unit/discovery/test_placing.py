"""Where a source file stands in the import system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rfa_core.discovery.placing import find_module, own_file, place, target_name

Tree = Callable[[Mapping[str, str]], str]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("acme/models.py", "acme.models:net"),
        ("acme/deep/models.py", "acme.deep.models:net"),
        ("acme/__init__.py", "acme:net"),
        ("src/pack/models.py", "pack.models:net"),
        ("src/space/models.py", "space.models:net"),
        ("src/train.py", "src/train.py::net"),
        ("scripts/train.py", "scripts/train.py::net"),
        ("top.py", "top.py::net"),
        ("sub/inner/models.py", "sub/inner/models.py::net"),
        ("acme/not-a-name.py", "acme/not-a-name.py::net"),
    ],
)
def test_a_factory_is_named_the_shortest_way_that_finds_it_from_the_root(
    tree: Tree, path: str, name: str
) -> None:
    packages = ["acme", "acme/deep", "src/pack", "sub/inner"]
    root = tree({path: "", **{f"{package}/__init__.py": "" for package in packages}})

    found = target_name(str(Path(root, path)), root, "net")

    assert found == name


def test_a_module_inside_a_package_is_imported_from_the_folder_above_the_package(
    tree: Tree,
) -> None:
    root = tree({"sub/inner/__init__.py": "", "sub/inner/models.py": ""})

    found = place(str(Path(root, "sub/inner/models.py")), root)

    assert (found.module, found.search) == ("inner.models", (str(Path(root, "sub")), root))


def test_a_script_finds_the_package_of_its_project_below_the_source_folder(tree: Tree) -> None:
    root = tree({"src/acme/__init__.py": "", "scripts/net.py": "from acme import Net\n"})

    found = place(str(Path(root, "scripts/net.py")), root)

    assert found.search == (str(Path(root, "scripts")), root, str(Path(root, "src")))


def test_a_file_outside_of_packages_that_imports_its_siblings_relatively_is_a_module(
    tree: Tree,
) -> None:
    relative = "import torch\nfrom .blocks import Block\n"
    root = tree({"models/net.py": relative, "my-code/zoo/net.py": relative, "top.py": relative})

    named, below, top = (
        place(str(Path(root, path)), root)
        for path in ("models/net.py", "my-code/zoo/net.py", "top.py")
    )

    assert (named.module, named.search[0]) == ("models.net", root)
    assert (below.module, below.search[0]) == ("zoo.net", str(Path(root, "my-code")))
    assert top.script


def test_scripts_of_one_name_get_module_names_of_their_own(tree: Tree) -> None:
    root = tree({"a/model.py": "", "b/model.py": ""})

    one, two = (place(str(Path(root, folder, "model.py")), root) for folder in "ab")

    assert one.script
    assert two.script
    assert one.module != two.module


def test_a_dotted_name_is_looked_for_below_the_root_and_below_src(tree: Tree) -> None:
    root = tree({"src/acme/__init__.py": "", "src/acme/models.py": "", "tool.py": ""})

    files = [find_module(name, root) for name in ("acme", "acme.models", "tool", "acme.other")]

    shown = [Path(found.file or "").relative_to(root).as_posix() for found in files[:3] if found]
    assert shown == ["src/acme/__init__.py", "src/acme/models.py", "tool.py"]
    assert files[3] is None


def test_installed_files_below_the_root_are_not_the_projects_own(tree: Tree) -> None:
    root = tree({"models.py": "", ".venv/lib/site-packages/other.py": ""})

    own = own_file(str(Path(root, "models.py")), root)
    installed = own_file(str(Path(root, ".venv/lib/site-packages/other.py")), root)

    assert own == str(Path(root, "models.py"))
    assert installed is None
