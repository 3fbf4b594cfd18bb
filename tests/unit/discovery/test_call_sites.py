"""Arguments that a project itself says a network is called with."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from rfa_core.discovery.candidates import Target
from rfa_core.discovery.scan import scan
from rfa_core.discovery.targets import resolve

Tree = Callable[[Mapping[str, str]], str]

HEAD = "import torch\nfrom torch import nn\n"
NET = f"""\
{HEAD}
class Net(nn.Module):
    def __init__(self, depth, width=1):
        self.depth = depth
    def forward(self, x):
        return x
"""
USES = "import argparse\nfrom models import Net\n"


def found(root: str) -> dict[str, Target]:
    return {target.name: target for target in scan(["."], root, ()).targets}


@pytest.mark.parametrize(
    ("call", "depth"),
    [
        ("Net(3)", 3),
        ("Net(depth=3)", 3),
        ("Net(depth=-3)", -3),
        ("Net('B')", "B"),
        ("Net((1, 2))", (1, 2)),
        ("Net([1] * 3)", [1, 1, 1]),
        ("Net([*(1, 2), 3])", [1, 2, 3]),
        ("Net({'a': [1, 2]}['a'])", [1, 2]),
        ("Net(int(6 * 0.5))", 3),
        ("Net(len((1, 2, 3)))", 3),
        ("depth = 4\nnet = Net(depth)", 4),
        ("depth = 4\ndepth = 5\nnet = Net(depth)\ndepth = 6", 5),
        ("high, wide = 4, 5\nnet = Net((high, wide))", (4, 5)),
        ("depth = 4\ndef main():\n    depth = 5\n    return 1 * len(str(Net(depth)))", 5),
        ("def main():\n    print(Net(depth))\ndepth = 4", 4),
        ("if __name__ == '__main__':\n    print(Net(3))", 3),
        ("net = nn.DataParallel(Net(3))", 3),
        ("Net(unknown)\nNet(3)", 3),
    ],
)
def test_the_required_arguments_are_taken_from_a_call(tree: Tree, call: str, depth: object) -> None:
    root = tree({"models.py": NET, "train.py": f"{USES}{call}\n"})

    target = found(root)["models.py::Net"]

    assert target.arguments == {"depth": depth}
    assert target.reasons[-1].startswith("called as in train.py, line ")


WIDE = f"""\
{HEAD}
class Net(nn.Module):
    def __init__(self, depth, stride=1, norm="batch", device="cpu", pretrained=False, *, gap=4):
        self.depth = depth
    def forward(self, x):
        return x
"""


@pytest.mark.parametrize(
    ("call", "expected", "reason"),
    [
        ("gap = 12\nnet = Net(3, gap=gap)", {"gap": 12}, "line 4"),
        ("Net(3, 2)", {"stride": 2}, "line 3"),
        ("Net(norm=None, depth=3)", {"norm": None}, "line 3"),
        ("Net(3, stride=stride, gap=2)", {"gap": 2}, "line 3 (but for stride)"),
        ("Net(3, device='cuda', pretrained=True)", {}, "line 3"),
        ("Net(3, height=7)", {}, "line 3"),
    ],
)
def test_all_that_a_call_states_of_the_network_is_taken_from_it(
    tree: Tree, call: str, expected: Mapping[str, object], reason: str
) -> None:
    root = tree({"models.py": WIDE, "train.py": f"{USES}{call}\n"})

    target = found(root)["models.py::Net"]

    assert target.arguments == {"depth": 3, **expected}
    assert target.reasons[-1] == f"called as in train.py, {reason}"


@pytest.mark.parametrize(
    ("option", "depth"),
    [
        ("'--depth', type=int, default=28", 28),
        ("'-d', '--depth', default=28", 28),
        ("'--net-depth', dest='depth', default=28", None),
        ("'--depth', action='store_true'", False),
        ("'--depth', type=int, required=True", None),
        ("'--depth', default=None", None),
    ],
)
def test_a_command_line_option_has_its_default(
    tree: Tree, option: str, depth: object | None
) -> None:
    script = (
        f"{USES}parser = argparse.ArgumentParser()\nparser.add_argument({option})\n"
        "args = parser.parse_args()\nnet = Net(args.depth)\n"
    )
    root = tree({"models.py": NET, "train.py": script})

    targets = found(root)

    expected = {} if depth is None else {"models.py::Net": {"depth": depth}}
    assert {name: dict(target.arguments) for name, target in targets.items()} == expected


@pytest.mark.parametrize(
    "call",
    [
        "Net(open('depth').read())",
        "Net(*depths)",
        "Net(**settings)",
        "Net(2 ** 99999999)",
        "Net([1] * 99999999)",
        "Net('%99999999d' % 3)",
        "Net('a' * 2.0)",
        "Net({[]: 3})",
        "Net(-'a')",
        "Net(1 / 0)",
        f"Net({'+'.join(['1'] * 500)})",
        "Net({}['a'])",
        "Net(depth)",
        "depth = depth\nNet(depth)",
        "def main(depth):\n    print(Net(depth))",
        "depth = 3\ndef main(depth):\n    print(Net(depth))",
        "depth = 3\ndepth += 1\nNet(depth)",
        "for depth in (1, 2):\n    print(Net(depth))",
        "import other\nother.Net(3)",
    ],
)
def test_what_only_running_the_program_tells_is_not_guessed(tree: Tree, call: str) -> None:
    root = tree({"models.py": NET, "train.py": f"{USES}{call}\n"})

    listing = scan(["."], root, ())

    assert listing.targets == ()
    assert [each.reason for each in listing.left_alone] == ["needs arguments: depth"]


@pytest.mark.parametrize(
    ("body", "depth"),
    [
        ("self.n = TABLE[depth]", "small"),
        ("assert depth in TABLE", "small"),
        ("assert depth in (18, 34)", 18),
        ("if depth not in [18, 34]:\n            raise ValueError", 18),
        ("if depth == 18:\n            1\n        elif depth == 34:\n            2", 18),
        ("if depth == 18:\n            1", None),
        ("self.n = [1, 2][depth]", None),
        ("self.n = OTHER[depth]", None),
    ],
)
def test_an_argument_that_is_looked_up_takes_the_first_name_there_is(
    tree: Tree, body: str, depth: object | None
) -> None:
    source = (
        f"{HEAD}TABLE = {{'small': 1, 'big': 2}}\nclass Net(nn.Module):\n"
        f"    def __init__(self, depth):\n        {body}\n    def forward(self, x): ...\n"
    )
    root = tree({"models.py": source})

    targets = found(root)

    expected = [] if depth is None else [{"depth": depth}]
    assert [dict(target.arguments) for target in targets.values()] == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("num_classes", 10),
        ("n_classes", 10),
        ("nclass", 10),
        ("class_num", 10),
        ("in_channels", 3),
        ("input_channels", 3),
        ("in_chans", 3),
        ("n_channels", 3),
        ("img_ch", 3),
        ("image_size", 224),
        ("dropout", 0.0),
        ("drop_rate", 0.0),
        ("pretrained", False),
    ],
)
def test_a_name_that_can_only_mean_one_thing_is_filled_in(
    tree: Tree, name: str, value: object
) -> None:
    source = f"def make({name}):\n    return Net(3)\n"
    root = tree({"models.py": NET + source})

    target = found(root)["models.py::make"]

    assert target.arguments == {name: value}
    assert target.reasons[-1] == f"called with {name}={value!r}"


@pytest.mark.parametrize(
    ("arguments", "filled"),
    [
        ("in_channels, out_channels", {"in_channels": 3, "out_channels": 10}),
        ("out_channels", None),
        ("channels", None),
        ("num_channels", None),
        ("hidden_size", None),
    ],
)
def test_a_number_of_outputs_is_known_only_beside_the_channels_of_the_input(
    tree: Tree, arguments: str, filled: Mapping[str, object] | None
) -> None:
    root = tree({"models.py": f"{NET}def make({arguments}):\n    return Net(3)\n"})

    target = found(root).get("models.py::make")

    assert (dict(target.arguments) if target else None) == filled


def test_what_a_call_states_goes_before_what_a_name_means(tree: Tree) -> None:
    source = f"{NET}def make(num_classes, in_channels, pretrained):\n    return Net(3)\n"
    call = "from models import make\nmake(100, channels, True)\n"
    root = tree({"models.py": source, "train.py": call})

    target = found(root)["models.py::make"]

    assert target.arguments == {"num_classes": 100, "in_channels": 3, "pretrained": False}


@pytest.mark.parametrize(
    ("layers", "shape"),
    [
        ("Conv2D, MaxPooling2D", (224, 224, 3)),
        ("Conv1D", (1024, 3)),
        ("Conv3D, Conv3DTranspose", (64, 64, 64, 3)),
        ("Dense", None),
        ("Conv2D, Conv3D", None),
    ],
)
def test_the_shape_of_an_input_follows_from_the_convolutions(
    tree: Tree, layers: str, shape: tuple[int, ...] | None
) -> None:
    calls = "".join(f"    x = {layer}(3)(x)\n" for layer in layers.split(", "))
    source = (
        f"from keras import Model, Input\nfrom keras.layers import {layers}\n"
        f"def net(input_shape):\n    x = Input(input_shape)\n{calls}    return Model(x, x)\n"
    )
    root = tree({"models.py": source})

    targets = found(root)

    expected = [] if shape is None else [{"input_shape": shape}]
    assert [dict(target.arguments) for target in targets.values()] == expected


def test_a_model_that_is_named_is_called_as_one_that_is_found(tree: Tree) -> None:
    root = tree({"models.py": NET, "train.py": f"{USES}Net(3)\n"})

    (target,) = resolve(["models.py::Net"], root, ()).targets

    assert (target.arguments, target.named) == ({"depth": 3}, True)


def test_a_template_that_a_factory_builds_is_checked_as_that_factory(tree: Tree) -> None:
    root = tree({"models.py": f"{NET}def small():\n    return Net(3)\n"})

    listing = scan(["."], root, ())

    assert [target.name for target in listing.targets] == ["models.py::small"]
    assert [each.reason for each in listing.left_alone] == ["built by small, which is checked"]


def test_what_a_chooser_can_build_is_still_called_as_elsewhere(tree: Tree) -> None:
    source = (
        f"{NET}class Other(nn.Module):\n    def forward(self, x): ...\n"
        "def get(name='net'):\n    if name == 'net':\n        return Net(3)\n    return Other()\n"
    )
    root = tree({"models.py": source})

    targets = found(root)

    assert dict(targets["models.py::Net"].arguments) == {"depth": 3}
