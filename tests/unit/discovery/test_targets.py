"""What users type, and what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rfa_core.discovery.targets import resolve
from rfa_core.errors import TargetError

Tree = Callable[[Mapping[str, str]], str]

NET = """\
from functools import partial
from torch import nn


class Net(nn.Module):
    def forward(self, x):
        return x

    @classmethod
    def small(cls):
        return cls()


def make(depth):
    return Net()


shallow = partial(make, 1)
"""
PROJECT = {
    "src/acme/__init__.py": "from .models import Net as Exported\n",
    "src/acme/models.py": NET,
    "scripts/train.py": NET,
    "look.ipynb": "{}",
}


@pytest.mark.parametrize(
    ("name", "file", "line", "kind"),
    [
        ("acme.models:Net", "src/acme/models.py", 5, "class"),
        ("acme.models:Net.small", "src/acme/models.py", 5, "function"),
        ("acme.models:make", "src/acme/models.py", 14, "function"),
        ("acme.models:shallow", "src/acme/models.py", 18, "function"),
        ("acme:Exported", "src/acme/models.py", 5, "class"),
        ("scripts/train.py::Net", "scripts/train.py", 5, "class"),
        ("src/acme/models.py::make", "src/acme/models.py", 14, "function"),
    ],
)
def test_a_name_leads_to_its_definition(
    tree: Tree, name: str, file: str, line: int, kind: str
) -> None:
    root = tree(PROJECT)

    (target,) = resolve([name], root, ()).targets

    assert target.name == name
    assert target.named
    assert (target.file, target.line, target.kind) == (str(Path(root, file)), line, kind)


def test_the_framework_of_a_named_model_is_known(tree: Tree) -> None:
    root = tree(PROJECT)

    (target,) = resolve(["acme.models:make"], root, ()).targets

    assert target.framework == "torch"


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("acme.models:Nett", "there is no 'Nett' in src/acme/models.py", "'acme.models:Net'"),
        ("scripts/train.py::mak", "there is no 'mak'", "'scripts/train.py::make'"),
        ("acme.model:Net", "there is no module 'acme.model'", "'acme.models'"),
        ("nowhere.at_all:net", "there is no module 'nowhere.at_all'", "acme, acme.models"),
        ("scripts/trian.py::Net", "there is no file 'scripts/trian.py'", "'scripts/train.py'"),
        ("scripts/trian.py", "there is no file or folder", "'scripts/train.py'"),
        ("script/", "there is no file or folder 'script/'", "'scripts'"),
        ("nett.rfa.json", "there is no file 'nett.rfa.json'", ""),
        ("resnet18", "'resnet18' is no target", "`package.module:factory`"),
        ("make", "'make' is no target", "'acme.models:make' or 'scripts/train.py::make'"),
        ("acme.models.Net", "is no target", "'acme.models:Net' or 'scripts/train.py::Net'"),
        ("models.py:Net", "'models.py:Net' is no target", "'models.py::Net'"),
        ("torchvision.models.resnet18", "is no target", "'torchvision:resnet18'"),
        ("", "'' is no target", "`package.module:factory`"),
        ("not a module:net", "is no target", "`path/to/file.py::factory`"),
        ("acme:Net", "there is no 'Net' in src/acme/__init__.py", "'acme.models:Net'"),
        ("torchvison:resnet18", "there is no module 'torchvison'", "'torchvision'"),
        ("timm", "'timm' is no target", "'timm:NAME', or all: 'timm:*'"),
        ("acme.models:Net(3)", "is no target", "kwargs = { … }"),
        ("look.ipynb", "'look.ipynb' is a notebook, which is not read", ".py file"),
        ("acme.models:", "is no target", "`torchvision:resnet18`"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(
    tree: Tree, name: str, message: str, hint: str
) -> None:
    root = tree(PROJECT)

    with pytest.raises(TargetError) as caught:
        resolve([name], root, ())

    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_module_that_makes_its_names_up_is_believed(tree: Tree) -> None:
    root = tree({"zoo.py": "for n in (18, 34):\n    globals()[f'resnet{n}'] = n\n"})

    (target,) = resolve(["zoo:resnet18"], root, ()).targets

    assert (target.name, target.line) == ("zoo:resnet18", None)


def test_a_factory_of_an_installed_library_has_no_file(tree: Tree) -> None:
    root = tree(PROJECT)

    (target,) = resolve(["json.decoder:JSONDecoder"], root, ()).targets

    assert (target.name, target.file) == ("json.decoder:JSONDecoder", None)


def test_a_path_stands_for_the_models_below_it(tree: Tree) -> None:
    root = tree(PROJECT)

    listing = resolve(["scripts"], root, ())

    assert [target.name for target in listing.targets] == [
        "scripts/train.py::Net",
        "scripts/train.py::shallow",
    ]
    assert [skipped.name for skipped in listing.left_alone] == ["scripts/train.py::make"]


def test_a_model_is_listed_once_however_it_is_named(tree: Tree) -> None:
    root = tree(PROJECT)
    names = ["scripts", "acme:Exported", "acme.models:Net", "scripts/train.py::Net", "src"]

    targets = resolve(names, root, ()).targets

    assert [(target.name, target.named) for target in targets] == [
        ("scripts/train.py::Net", True),
        ("scripts/train.py::shallow", False),
        ("acme:Exported", True),
        ("acme.models:shallow", False),
    ]


def test_what_was_left_alone_is_a_target_when_it_is_named(tree: Tree) -> None:
    root = tree(PROJECT)

    listing = resolve(["scripts", "scripts/train.py::make"], root, ())

    assert [target.name for target in listing.targets][-1] == "scripts/train.py::make"
    assert listing.left_alone == ()


def test_a_saved_model_that_is_not_there_is_answered_with_the_nearest_beside_it(
    tmp_path: Path,
) -> None:
    (tmp_path / "net.onnx").touch()

    with pytest.raises(TargetError) as caught:
        resolve([f"{tmp_path}/nett.onnx"], str(tmp_path), ())

    assert str(caught.value) == (
        f"there is no file '{tmp_path}/nett.onnx'\n  did you mean '{tmp_path}/net.onnx'?"
    )


@pytest.mark.torch
def test_the_zoo_of_torchvision_has_eighty_classifiers(tree: Tree) -> None:
    pytest.importorskip("torchvision")

    targets = resolve(["torchvision:*", "torchvision:resnet18"], tree({}), ()).targets

    assert len(targets) == 80
    assert {(target.kind, target.framework, target.file) for target in targets} == {
        ("zoo", "torch", None)
    }


@pytest.mark.torch
def test_part_of_a_zoo_can_be_asked_for(tree: Tree) -> None:
    pytest.importorskip("torchvision")

    targets = resolve(["torchvision:resnet[135]?"], tree({}), ()).targets

    assert [target.name for target in targets] == [
        "torchvision:resnet18",
        "torchvision:resnet34",
        "torchvision:resnet50",
    ]


@pytest.mark.torch
@pytest.mark.parametrize(
    ("pattern", "count", "first"),
    [
        ("segmentation/*", 6, "deeplabv3_mobilenet_v3_large"),
        ("detection/ssd*", 2, "ssd300_vgg16"),
        ("video/*", 9, "mc3_18"),
        ("optical_flow/*", 2, "raft_large"),
        ("quantization/*", 12, "quantized_googlenet"),
        ("classification/*", 80, "alexnet"),
        ("*/*", 121, "alexnet"),
        ("r3d_18", 1, "r3d_18"),
    ],
)
def test_a_task_of_torchvision_can_be_asked_for(
    pattern: str, count: int, first: str, tree: Tree
) -> None:
    pytest.importorskip("torchvision")

    targets = resolve([f"torchvision:{pattern}"], tree({}), ()).targets

    assert (len(targets), targets[0].name) == (count, f"torchvision:{first}")


@pytest.mark.torch
def test_a_wrong_model_of_a_zoo_is_answered_with_the_nearest(tree: Tree) -> None:
    pytest.importorskip("torchvision")

    with pytest.raises(TargetError) as caught:
        resolve(["torchvision:resnett18"], tree({}), ())

    assert str(caught.value) == (
        "torchvision has no model 'resnett18'\n  did you mean 'torchvision:resnet18'?"
    )


def test_a_wrong_name_beside_a_right_one_is_a_target_with_a_problem(tree: Tree) -> None:
    root = tree(PROJECT)

    right, wrong = resolve(["acme.models:Net", "acme.models:Nett"], root, ()).targets

    assert (right.name, right.problem) == ("acme.models:Net", "")
    assert wrong.name == "acme.models:Nett"
    assert wrong.problem == (
        "acme.models:Nett: there is no 'Nett' in src/acme/models.py; did you mean "
        "'acme.models:Net'?"
    )


@pytest.mark.parametrize("name", ["models.py::Net", "models.py"])
def test_paths_are_those_of_the_folder_one_stands_in(tree: Tree, name: str) -> None:
    root = tree(PROJECT)

    (target, *_) = resolve([name], root, (), f"{root}/src/acme").targets

    assert target.name in ("src/acme/models.py::Net", "acme.models:Net")


UNREADABLE = {
    "PyTorch": (b"from torch import nn\n\n\nclass Net(nn.Module:\n    pass\n", 4, "parsed"),
    "Keras": (b"import keras\n\nclass Net(keras.Model):\n    print 'made'\n", 4, "parsed"),
    "zero bytes": (b"from torch import nn\nclass Net(nn.Module): ...\n\0", 1, "parsed"),
    "no UTF-8": (b"from torch import nn\n# caf\xe9\nclass Net(nn.Module): ...\n", 2, "decoded"),
}


@pytest.mark.parametrize(("broken", "line", "how"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_of_networks_that_python_cannot_read_is_a_target_with_a_problem(
    tree: Tree, broken: bytes, line: int, how: str
) -> None:
    root = tree({**PROJECT, "src/acme/broken.py": "", "tests/test_it.py": ""})
    for file in ("src/acme/broken.py", "tests/test_it.py"):
        Path(root, file).write_bytes(broken)

    listing = resolve(["."], root, ())

    (target,) = listing.broken
    assert (target.name, target.line, target.named) == ("src/acme/broken.py", line, False)
    assert target.problem.startswith(f"src/acme/broken.py cannot be {how}: ")
