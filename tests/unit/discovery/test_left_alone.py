"""What discovery leaves alone by reading, and the reason that it gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from scanned import HEAD, NET, listed

from rfa_core.discovery.scan import scan

Tree = Callable[[Mapping[str, str]], str]


@pytest.mark.parametrize(
    "source",
    [
        "def make():\n    return Net(), 3",
        "def make():\n    yield Net()",
        "def make():\n    net = Net()\n    print(net)",
        "def make():\n    def inner():\n        return Net()\n    return inner",
        "def make(net=None):\n    return net",
        "def make():\n    return nn.Conv2d(3, 3, 3)",
        "def make() -> nn.Module:\n    return nn.PReLU()",
        "class Own(nn.GELU): ...\ndef make() -> nn.Module:\n    return Own()",
    ],
)
def test_a_function_that_returns_something_else_is_none(tree: Tree, source: str) -> None:
    root = tree({"models.py": f"{NET}\n{source}\n"})

    targets, _ = listed(scan(["."], root, ()))

    assert targets == ["models.py::Net"]


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (
            "class A(nn.Module):\n    def __init__(self, a, b): ...\n    def forward(self, x): ...",
            "needs arguments: a, b",
        ),
        (
            "class A(nn.Module):\n    def __init__(self, a): ...\n    def forward(self, x, y): ...",
            "its forward method needs 2 inputs",
        ),
        ("class SmallBlock(nn.Module):\n    def __init__(self, a): ...", "has no forward method"),
        ("def make(depth):\n    return Net()", "needs arguments: depth"),
        ("def make(*, depth):\n    return Net()", "needs arguments: depth"),
        (
            "class A(nn.Module):\n    def __init__(self, depth): ...\n"
            "def make(**kwargs):\n    return A(**kwargs)",
            "needs arguments: depth",
        ),
        (
            "class A(nn.Module):\n"
            "    def __init__(self, model, loss, rate): ...\n    def forward(self, x): ...\n"
            "class B(A):\n"
            "    def __init__(self, *args, **kw):\n"
            "        super().__init__(*args, rate=1, **kw)\n",
            "needs arguments: model, loss",
        ),
        (
            "class SmoothUnit(nn.Module):\n    def forward(self, x): ...\n"
            "def swish():\n    return SmoothUnit()",
            "named like a building block: swish",
        ),
        (
            "class DiceLoss(nn.Module):\n    def forward(self, x): ...\n"
            "def overlap():\n    return DiceLoss()",
            "returns a loss: DiceLoss",
        ),
        ("def _make():\n    return Net()", "private"),
        ("class ConvBlock(Net): ...", "named like a building block: ConvBlock"),
        ("class DiceLoss(Net): ...", "named like a loss: DiceLoss"),
        ("class Thing(nn.Conv2d): ...", "inherits unknown arguments from torch.nn.Conv2d"),
        ("class Plain(nn.Module): ...", "has no forward method"),
        ("class Other(Net):  # rfa: not-a-model\n    ...", "marked `# rfa: not-a-model`"),
        (
            "class Pair(nn.Module):\n    def forward(self, a, b): ...",
            "its forward method needs 2 inputs",
        ),
    ],
)
def test_what_is_no_model_is_left_alone_with_the_reason(
    tree: Tree, source: str, reason: str
) -> None:
    root = tree({"models.py": f"{NET}\n{source}\n"})

    _, left_alone = listed(scan(["."], root, ()))

    assert reason in left_alone.values()


@pytest.mark.parametrize(
    ("base", "run", "reason"),
    [
        ("keras.Model", "def call(self, a, b)", "its call method needs 2 inputs"),
        ("tf_keras.Model", "def call(self, a, b)", "its call method needs 2 inputs"),
        ("tensorflow.Module", "def __call__(self, a, b)", "its __call__ method needs 2 inputs"),
        ("tensorflow.Module", "def other(self)", "has no __call__ method"),
        ("flax.linen.Module", "def __call__(self, a, b)", "its __call__ method needs 2 inputs"),
        ("flax.linen.Module", "def other(self)", "has no __call__ method"),
        ("flax.nnx.Module", "def __call__(self, a, b)", "its __call__ method needs 2 inputs"),
    ],
)
def test_the_method_that_runs_a_model_is_called_as_in_its_framework(
    tree: Tree, base: str, run: str, reason: str
) -> None:
    library = base.partition(".")[0]
    root = tree({"models.py": f"import {library}\nclass Pair({base}):\n    {run}: ...\n"})

    _, left_alone = listed(scan(["."], root, ()))

    assert left_alone == {"models.py::Pair": reason}


@pytest.mark.parametrize(
    "source",
    [
        "class Attention(nn.Module):\n"
        "    def __init__(self, blocks): ...\n    def forward(self, x): ...\n"
        "def attention():\n    return Attention([1, 1])\n",
        "class Encoder(Net): ...\ndef network():\n    return Encoder()\n",
        "class A(nn.Module):\n"
        "    def __init__(self, depth): ...\n    def forward(self, x): ...\n"
        "class B(A):\n"
        "    def __init__(self, **kw):\n"
        "        kw.setdefault('depth', 3)\n        super().__init__(**kw)\n"
        "def network():\n    return B()\n",
        "class A(nn.Module):\n"
        "    def __init__(self, depth): ...\n    def forward(self, x): ...\n"
        "class B(A):\n"
        "    def __init__(self, **kw):\n        super().__init__(3, options=kw)\n"
        "def network():\n    return B()\n",
    ],
    ids=("told how large", "a plain name", "filled in", "not handed up"),
)
def test_a_function_that_returns_a_finished_network_stays_a_model(tree: Tree, source: str) -> None:
    root = tree({"models.py": f"{NET}{source}"})

    targets, _ = listed(scan(["."], root, ()))

    assert targets[-1] in ("models.py::attention", "models.py::network")


def test_what_another_network_uses_is_a_building_block(tree: Tree) -> None:
    root = tree(
        {
            "parts.py": f"{HEAD}\nclass Mixer(nn.Module):\n    def forward(self, x): ...\n"
            "class Part(nn.Module):\n    def forward(self, x): ...\n",
            "models.py": f"{HEAD}\nfrom parts import Mixer, Part\n"
            "class Net(nn.Module):\n"
            "    def __init__(self, block=None):\n"
            "        self.mixer = Mixer()\n"
            "    def forward(self, x): ...\n"
            "def net():\n"
            "    return Net(Part)\n",
        }
    )

    targets, left_alone = listed(scan(["parts.py"], root, ()))

    assert targets == []
    assert left_alone == {
        "parts.py::Mixer": "building block: used inside Net",
        "parts.py::Part": "building block: passed to Net",
    }


def test_what_a_function_stacks_is_a_part_unless_it_stands_alone(tree: Tree) -> None:
    root = tree(
        {
            "stacks.py": "from torch import nn\n"
            "class Shortcut(nn.Module):\n"
            "    def __init__(self, width): ...\n"
            "    def forward(self, x): ...\n"
            "class Net(nn.Module):\n"
            "    def forward(self, x): ...\n"
            "def stacked():\n"
            "    return nn.Sequential(Shortcut(4), Net())\n",
        }
    )

    targets, left_alone = listed(scan(["stacks.py"], root, ()))

    assert targets == ["stacks.py::Net", "stacks.py::stacked"]
    assert left_alone == {"stacks.py::Shortcut": "building block: stacked in stacked"}


def test_what_a_function_puts_into_a_network_of_a_library_is_a_part(tree: Tree) -> None:
    root = tree(
        {
            "fid.py": "from torch import nn\n"
            "from torchvision import models\n"
            "class Mixed(nn.Module):\n"
            "    def __init__(self, width): ...\n"
            "    def forward(self, x): ...\n"
            "class Net(nn.Module):\n"
            "    def __init__(self, num_classes): ...\n"
            "    def forward(self, x): ...\n"
            "def inception():\n"
            "    net = models.inception_v3(weights=None)\n"
            "    net.Mixed_5b = Mixed(192)\n"
            "    return net\n"
            "def state(holder):\n"
            "    holder.net = Net(10)\n",
        }
    )

    targets, left_alone = listed(scan(["fid.py"], root, ()))

    assert targets == ["fid.py::Net", "fid.py::inception"]
    assert left_alone == {"fid.py::Mixed": "building block: stacked in inception"}


def test_a_class_that_a_factory_builds_is_not_reported_again(tree: Tree) -> None:
    root = tree({"models.py": f"{NET}\ndef net():\n    return Net()\n"})

    targets, left_alone = listed(scan(["."], root, ()))

    assert targets == ["models.py::net"]
    assert left_alone == {"models.py::Net": "built by net, which is checked"}


def test_a_function_that_chooses_among_models_gives_way_to_them(tree: Tree) -> None:
    chooser = "def get(name='a'):\n    if name == 'a':\n        return a()\n    return b()\n"
    makers = "def a():\n    return Net(1)\ndef b():\n    return Net(2)\n"
    root = tree({"models.py": f"{NET}\n{makers}{chooser}"})

    targets, left_alone = listed(scan(["."], root, ()))

    assert targets == ["models.py::a", "models.py::b"]
    assert left_alone["models.py::get"] == "chooses between a, b, which are checked themselves"


def test_networks_in_test_files_are_left_alone(tree: Tree) -> None:
    root = tree({"tests/helpers.py": NET, "test_models.py": NET})

    targets, left_alone = listed(scan(["."], root, ()))

    assert targets == []
    assert set(left_alone.values()) == {"in a test file"}


def test_a_network_that_is_only_wrapped_for_training_stays_a_model(tree: Tree) -> None:
    source = (
        f"{NET}\nfrom lightning import LightningModule\n"
        "class Trainer(LightningModule):\n"
        "    def __init__(self, rate):\n"
        "        self.net = Net()\n"
        "    def forward(self, x): ...\n"
    )
    root = tree({"models.py": source})

    targets, _ = listed(scan(["."], root, ()))

    assert targets == ["models.py::Net"]


def test_a_script_that_trains_on_import_is_left_alone(tree: Tree) -> None:
    loop = "for epoch in range(9):\n    loss.backward()\n"
    root = tree({"train.py": NET + loop, "fine.py": f"{NET}if __name__ == '__main__':\n    1\n"})

    targets, left_alone = listed(scan(["."], root, ()))

    assert targets == ["fine.py::Net"]
    assert "trains on import (line 7)" in left_alone["train.py::Net"]


@pytest.mark.parametrize(
    ("source", "name", "reason"),
    [
        (
            "class Vit(nn.Module):\n    def __init__(self): ...\n    def forward(self, x): ...\n"
            "class VitEncoder(Vit):\n    def __init__(self, n=3): ...\n",
            "Vit",
            "base class of VitEncoder",
        ),
        (
            "class SegNet(nn.Module):\n    def forward(self, x): ...\n"
            "class Unet(SegNet):\n    def __init__(self, n=3): ...\n",
            "SegNet",
            "base class of Unet",
        ),
        ("class LambdaMap(Net): ...\n", "LambdaMap", "named like a building block: LambdaMap"),
    ],
)
def test_what_only_parts_or_finished_models_inherit_from_is_no_model(
    tree: Tree, source: str, name: str, reason: str
) -> None:
    root = tree({"models.py": f"{NET}{source}"})

    _, left_alone = listed(scan(["."], root, ()))

    assert left_alone[f"models.py::{name}"] == reason
