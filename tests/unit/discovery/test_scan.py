"""What discovery finds by reading."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from scanned import HEAD, NET, listed

from rfa_core.discovery.candidates import Listing
from rfa_core.discovery.scan import scan

Tree = Callable[[Mapping[str, str]], str]


def test_a_class_without_arguments_is_a_model(tree: Tree) -> None:
    root = tree({"acme/__init__.py": "", "acme/models.py": NET})

    (target,) = scan(["."], root, ()).targets

    assert target.name == "acme.models:Net"
    assert target.file == str(Path(root, "acme/models.py"))
    assert (target.line, target.kind, target.framework) == (4, "class", "torch")
    assert not target.named
    assert 0.5 <= target.confidence <= 1.0
    assert "subclass of torch.nn.Module" in target.reasons


@pytest.mark.parametrize(
    "body",
    [
        "return Net()",
        "return Net().to('cpu').eval()",
        "model = Net()\n    model.eval()\n    return model",
        "model = Net()\n    return nn.DataParallel(model)",
        "model: nn.Module = Net()\n    if quick:\n        return model\n    return Net()",
        "return Net() if quick else Net(3)",
        "return helper()",
        "return torch.compile(Net())",
        "cls = Net\n    return cls()",
        "from torchvision.models import resnet18\n    return resnet18()",
        "import timm\n    return timm.create_model('resnet18')",
        "return nn.Sequential(Net(), nn.Flatten())",
    ],
)
def test_a_function_that_returns_a_network_is_a_model(tree: Tree, body: str) -> None:
    source = f"{NET}\ndef helper():\n    return Net()\n\ndef make(quick=False):\n    {body}\n"
    root = tree({"models.py": source})

    targets, _ = listed(scan(["."], root, ()))

    assert "models.py::make" in targets


def test_a_return_annotation_is_enough(tree: Tree) -> None:
    root = tree({"models.py": f"{HEAD}\ndef net(n: int = 3) -> nn.Module:\n    return REG[n]()\n"})

    targets, _ = listed(scan(["."], root, ()))

    assert targets == ["models.py::net"]


@pytest.mark.parametrize(
    ("base", "imports"),
    [
        ("Base", "from .base import Base"),
        ("Base", "from acme.base import Base"),
        ("base.Base", "from . import base"),
        ("B", "from .base import Base as B"),
        ("Base", "from .base import *"),
        ("Base", "from acme import Base"),
        ("Alias", "from .base import Base\nAlias = Base"),
    ],
)
def test_a_base_class_is_followed_into_other_files(tree: Tree, base: str, imports: str) -> None:
    root = tree(
        {
            "acme/__init__.py": "from .base import Base\n",
            "acme/base.py": f"{HEAD}\nclass Base(nn.Module):\n    def forward(self, x): ...\n",
            "acme/models.py": f"{imports}\n\nclass Deep({base}):\n    depth = 3\n",
        }
    )

    targets, _ = listed(scan(["."], root, ()))

    assert "acme.models:Deep" in targets


@pytest.mark.parametrize(
    ("imports", "base"),
    [
        ("import torch", "torch.nn.Module"),
        ("import torch.nn as nn", "nn.Module"),
        ("from torch.nn import Module", "Module"),
        ("from torch.nn import *", "Module"),
        ("from torch import nn", "nn.Module"),
        ("import pytorch_lightning as pl", "pl.LightningModule"),
        ("from lightning import LightningModule", "LightningModule"),
    ],
)
def test_the_base_classes_of_the_framework_are_known(tree: Tree, imports: str, base: str) -> None:
    source = f"{imports}\nclass Net({base}):\n    def forward(self, x): ...\n"
    root = tree({"models.py": source})

    targets, _ = listed(scan(["."], root, ()))

    assert targets == ["models.py::Net"]


def test_re_exports_are_found_once_at_their_definition(tree: Tree) -> None:
    root = tree(
        {
            "acme/__init__.py": "from .models import Net, Net as Other\nThird = Net\n",
            "acme/models.py": NET,
        }
    )

    targets, left_alone = listed(scan(["."], root, ()))

    assert (targets, left_alone) == (["acme.models:Net"], {})


def test_a_comment_settles_a_doubtful_case(tree: Tree) -> None:
    root = tree({"models.py": f"{NET}\nclass ConvBlock(Net):  # rfa: model\n    ...\n"})

    listing = scan(["."], root, ())

    assert ("models.py::ConvBlock", 1.0) in [(t.name, t.confidence) for t in listing.targets]


def test_arguments_that_ask_for_weights_are_filled_in(tree: Tree) -> None:
    root = tree({"models.py": f"{NET}\ndef make(pretrained):\n    return Net()\n"})

    (target,) = scan(["."], root, ()).targets

    assert target.arguments == {"pretrained": False}


@pytest.mark.parametrize(
    "source",
    [
        "import keras\nclass Net(keras.Model):\n    def call(self, x): ...\n",
        "from keras import Model, Input\ndef Net():\n    return Model(Input(()), 1)\n",
        "from tensorflow import keras\ndef Net():\n    return keras.Sequential()\n",
        "import tensorflow as tf\ndef Net():\n    return tf.keras.applications.VGG16()\n",
    ],
)
def test_keras_models_are_found(tree: Tree, source: str) -> None:
    root = tree({"models.py": source})

    found = scan(["."], root, ())

    assert [(one.name, one.framework) for one in found.targets] == [("models.py::Net", "keras")]


def test_a_file_that_does_not_parse_is_named_and_the_others_are_read(tree: Tree) -> None:
    root = tree({"old.py": "import torch\nprint 'python 2'\n", "models.py": NET})

    targets, left_alone = listed(scan(["."], root, ()))

    assert targets == ["models.py::Net"]
    assert left_alone["old.py"].startswith("cannot be parsed: ")


def test_excluded_files_are_not_reported_but_still_understood(tree: Tree) -> None:
    root = tree({"base.py": NET, "models.py": "from base import Net\nclass Deep(Net): ...\n"})

    targets, left_alone = listed(scan(["."], root, ["base.py"]))

    assert (targets, left_alone) == (["models.py::Deep"], {})


def test_a_single_file_can_be_scanned(tree: Tree) -> None:
    root = tree({"one.py": NET, "two.py": NET})

    targets, _ = listed(scan(["two.py"], root, ()))

    assert targets == ["two.py::Net"]


def test_bases_that_inherit_from_each_other_are_survived(tree: Tree) -> None:
    root = tree(
        {
            "a.py": "import torch\nfrom b import B\nclass A(B): ...\n",
            "b.py": "import torch\nfrom a import A\nclass B(A): ...\n",
            "c.py": "import torch\nC = C\nfrom c import *\ndef f():\n    return f()\n",
        }
    )

    listing = scan(["."], root, ())

    assert listing == Listing((), ())


def test_scanning_imports_no_framework() -> None:
    code = (
        "import sys, rfa_core.discovery.scan, rfa_core.discovery.targets;"
        "sys.exit(bool({'torch', 'numpy', 'timm'} & set(sys.modules)))"
    )

    finished = subprocess.run([sys.executable, "-c", code], check=False)

    assert finished.returncode == 0


def test_two_thousand_files_are_scanned_within_five_seconds(tree: Tree) -> None:
    plain = "import json\n\n" + "def load(path):\n    return json.loads(path)\n\n" * 30
    root = tree({f"p{n // 50}/m{n}.py": plain if n % 4 else NET for n in range(2000)})

    start = time.process_time()
    listing = scan(["."], root, ())
    seconds = time.process_time() - start

    assert len(listing.targets) == 500
    assert seconds < 5
