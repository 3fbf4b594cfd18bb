"""Models that are a factory with some of its arguments: ``small = partial(Net, depth=18)``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from scanned import HEAD, NET, listed

from rfa_core.discovery.build import build
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.load import load
from rfa_core.discovery.scan import scan

Tree = Callable[[Mapping[str, str]], str]

FACTORIES = f"""\
from functools import partial
{HEAD}
class ResNet(nn.Module):
    def __init__(self, depth, num_classes): ...
    def forward(self, x): ...

def resnet(depth, num_classes):
    return ResNet(depth, num_classes)

resnet18 = partial(ResNet, 18)
resnet34 = partial(resnet, depth=34)
wide34 = partial(resnet34, width=2)
ready = partial(ResNet, 18, num_classes=3)
unknown = partial(ResNet, num_classes=3)
left = partial(ResNet, 18, 10)  # rfa: not-a-model
conv3 = partial(nn.Conv2d, kernel_size=3)
"""


def test_a_partial_call_is_a_model_with_the_arguments_that_it_leaves_open(tree: Tree) -> None:
    root = tree({"models.py": FACTORIES})

    listing = scan(["."], root, ())

    assert [(one.name, one.line, dict(one.arguments)) for one in listing.targets] == [
        ("models.py::resnet18", 12, {"num_classes": 10}),
        ("models.py::resnet34", 13, {"num_classes": 10}),
        ("models.py::wide34", 14, {"num_classes": 10}),
        ("models.py::ready", 15, {}),
    ]
    assert listed(listing)[1] == {
        "models.py::ResNet": "built by ready, which is checked",
        "models.py::resnet": "needs arguments: depth",
        "models.py::unknown": "needs arguments: depth",
        "models.py::left": "marked `# rfa: not-a-model`",
    }


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("from functools import partial as p\nsmall = p(Net)", True),
        ("import functools\nsmall = functools.partial(Net)", True),
        ("import functools as ft\nsmall = ft.partial(Net)", True),
        ("from functools import partial\nsmall, other = partial(Net), 3", False),
        ("from functools import partial\nsmall = partial()", False),
        ("from functools import partial\nsmall = partial(list[int])", False),
        ("from mine import partial\nsmall = partial(Net)", False),
        ("small = Net()", False),
    ],
)
def test_a_partial_call_of_one_name_stands_besides_what_it_calls(
    tree: Tree, lines: str, found: bool
) -> None:
    root = tree({"models.py": f"{NET}\n{lines}\n"})

    targets, _ = listed(scan(["."], root, ()))

    assert targets == ["models.py::Net", *(["models.py::small"] if found else [])]


def test_partial_calls_that_go_round_in_a_circle_are_none(tree: Tree) -> None:
    source = "from functools import partial\nimport torch\na = partial(b)\nb = partial(a)\n"
    root = tree({"models.py": source})

    assert listed(scan(["."], root, ())) == ([], {})


def test_a_partial_call_is_built_with_the_framework_of_what_it_calls(tree: Tree) -> None:
    source = (
        "from functools import partial\nimport rfa_core\n"
        "def make(size):\n"
        "    graph = rfa_core.Graph('small')\n"
        "    graph.conv('conv', filters=8, kernel=size)\n"
        "    return graph\n"
        "small = partial(partial(make), 3)\n"
    )
    root = tree({"models.py": source})
    target = Target("models.py::small")

    built = build(load(target, root), target, {}, root)

    assert built.framework == "custom"
