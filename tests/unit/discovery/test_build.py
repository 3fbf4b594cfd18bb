"""Building models without their weights."""

from __future__ import annotations

import contextlib
import random
import resource
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from rfa_core.discovery.build import Built, build
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.failures import FailedBuildError
from rfa_core.discovery.load import load
from rfa_core.errors import BuildError

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

Tree = Callable[[Mapping[str, str]], str]

HEAD = "import torch\nfrom torch import nn\n"


def built(root: str, name: str, **kwargs: object) -> Built:
    target = Target(name)
    return build(load(target, root), target, kwargs, root)


def devices(model: Any) -> dict[str, str]:
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {name: tensor.device.type for name, tensor in tensors.items()}


def make(tree: Tree, body: str, **kwargs: object) -> Built:
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    root = tree({"models.py": f"{HEAD}\ndef net(**kwargs):\n{indented}"})
    return built(root, "models.py::net", **kwargs)


def test_parameters_and_float_buffers_are_on_meta_and_index_buffers_stay(tree: Tree) -> None:
    body = (
        "net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))\n"
        "net.register_buffer('index', torch.arange(9))\n"
        "return net"
    )

    model = make(tree, body).model

    assert devices(model) == {
        "0.weight": "meta",
        "0.bias": "meta",
        "1.weight": "meta",
        "1.bias": "meta",
        "1.running_mean": "meta",
        "1.running_var": "meta",
        "1.num_batches_tracked": "cpu",
        "index": "cpu",
    }


@pytest.mark.parametrize(
    "body",
    [
        "net = nn.Conv2d(3, 3, 1)\nassert net.weight.sum().item() == 0\nreturn net",
        "net = nn.Linear(3, 3)\nnet(torch.ones(1, 3)).tolist()\nreturn net",
    ],
)
def test_a_constructor_that_needs_values_is_built_on_the_cpu_and_moved(
    tree: Tree, body: str
) -> None:
    made = make(tree, body)

    assert set(devices(made.model).values()) == {"meta"}
    assert made.notes[0].startswith("built on the CPU, since the meta device refused: ")


def test_rates_computed_with_item_do_not_need_the_cpu(tree: Tree) -> None:
    made = make(tree, "r = torch.linspace(0, 1, 3)[1].item()\nreturn nn.Sequential(nn.Dropout(r))")

    assert made.notes == ()


def test_shared_weights_stay_shared(tree: Tree) -> None:
    body = (
        "a, b = nn.Linear(3, 3), nn.Linear(3, 3)\nb.weight = a.weight\nreturn nn.Sequential(a, b)"
    )

    on_meta = make(tree, body).model
    on_cpu = make(tree, f"nn.Linear(1, 1).weight.sum().item()\n{body}").model

    for model in (on_meta, on_cpu):
        weights: Any = list(model)  # type: ignore[call-overload]
        assert weights[0].weight is weights[1].weight


def test_recurrent_layers_run_on_meta_after_a_build_on_the_cpu(tree: Tree) -> None:
    model: Any = make(tree, "nn.Linear(1, 1).weight.sum().item()\nreturn nn.LSTM(3, 5)").model

    output, _ = model(torch.empty(2, 1, 3, device="meta"))

    assert output.shape == (2, 1, 5)


def test_devices_asked_for_by_the_factory_are_ignored(tree: Tree) -> None:
    made = make(tree, "return nn.Sequential(nn.Conv2d(3, 3, 1)).to('cuda').cuda().cpu()")

    assert set(devices(made.model).values()) == {"meta"}


@pytest.mark.parametrize(
    "load",
    [
        "torch.load('weights.pt')",
        "torch.load('weights.pt')['state_dict']",
        "torch.hub.load_state_dict_from_url('https://example.invalid/w.pth')",
        "load_state_dict_from_url('https://example.invalid/w.pth')",
        "torch.utils.model_zoo.load_url('https://example.invalid/w.pth')",
    ],
)
def test_loading_weights_does_nothing(tree: Tree, load: str) -> None:
    body = (
        "from torch.hub import load_state_dict_from_url\nimport torch.utils.model_zoo\n"
        f"net = nn.Sequential(nn.Conv2d(3, 3, 1))\nnet.load_state_dict({load})\nreturn net"
    )

    made = make(tree, body)

    assert made.notes == ()


@pytest.mark.parametrize(
    "download",
    [
        "torch.hub.load('pytorch/vision', 'resnet18')",
        "__import__('urllib.request').request.urlopen('https://example.invalid')",
        "__import__('socket').create_connection(('example.invalid', 80))",
    ],
)
def test_the_network_is_refused(tree: Tree, download: str) -> None:
    with pytest.raises(BuildError, match="is refused while a model is built"):
        make(tree, f"return {download}")


def test_pretrained_defaults_are_switched_off(tree: Tree) -> None:
    source = f"{HEAD}\ndef net(pretrained=True):\n    assert not pretrained\n    return nn.ReLU()\n"
    root = tree({"models.py": source})

    made = built(root, "models.py::net")

    assert made.notes == ("called with pretrained=False: weights are not needed",)


PASSED_ON = """
def base(pretrained_base=True):
    if pretrained_base:
        raise OSError("no weights on this disk")
    return nn.ReLU()

def outer(weights="published", **kwargs):
    assert weights is None
    return base(**kwargs)

def net(**kwargs):
    return outer(**kwargs) if "weights" in kwargs else outer("published", **kwargs)

def strict():
    return outer(None)
"""


def test_weights_that_another_function_asks_for_are_switched_off_where_arguments_are_passed_on(
    tree: Tree,
) -> None:
    root = tree({"models.py": f"{HEAD}{PASSED_ON}"})

    made = built(root, "models.py::net")

    assert made.notes == (
        "called with weights=None: weights are not needed",
        "called with pretrained_base=False: weights are not needed",
    )
    with pytest.raises(FailedBuildError, match="no weights on this disk"):
        built(root, "models.py::strict")


def test_each_module_knows_the_lines_that_constructed_it(tree: Tree) -> None:
    root = tree(
        {
            "acme/__init__.py": "",
            "acme/blocks.py": (
                f"{HEAD}\n"
                "class Block(nn.Module):\n"
                "    def __init__(self, n):\n"
                "        super().__init__()\n"
                "        self.conv = nn.Conv2d(\n"
                "            n, n, 3)\n"
            ),
            "acme/models.py": (
                f"{HEAD}from .blocks import Block\n\n"
                "class Base(nn.Module):\n"
                "    def __init__(self):\n"
                "        super().__init__()\n"
                "        self.stem = nn.Conv2d(3, 8, 3)\n"
                "class Net(Base):\n"
                "    def __init__(self):\n"
                "        super().__init__()\n"
                "        self.layer = self.make()\n"
                "    def make(self):\n"
                "        return nn.Sequential(*[Block(8) for _ in range(2)])\n"
                "def net():\n"
                "    return Net()\n"
            ),
        }
    )

    made = built(root, "acme.models:net")

    lines = {
        name: [(Path(at.file).name, at.line, at.column) for at in made.constructed[id(module)]]
        for name, module in made.model.named_modules()  # type: ignore[attr-defined]
    }
    here = [("models.py", 16, 1), ("models.py", 12, 1), ("models.py", 14, 1)]
    assert lines == {
        "": [("models.py", 16, 1)],
        "stem": [("models.py", 16, 1), ("models.py", 11, 1), ("models.py", 8, 1)],
        "layer": here,
        "layer.0": here,
        "layer.0.conv": [*here, ("blocks.py", 7, 1)],
        "layer.1": here,
        "layer.1.conv": [*here, ("blocks.py", 7, 1)],
    }
    assert all(at.file.startswith(root) for stack in made.constructed.values() for at in stack)


def test_a_line_knows_whether_it_constructed_a_layer_itself_or_asked_a_library(tree: Tree) -> None:
    source = f"{HEAD}\ndef net():\n    own = nn.ReLU()\n    return nn.Sequential(own, {{}})\n"
    asked = "nn.MultiheadAttention(8, 2)"
    root = tree({"models.py": source.format(asked)})

    made = built(root, "models.py::net")

    model: Any = made.model
    layers = {"own": model[0], "asked": model[1], "inside": model[1].out_proj}
    (own, called, inside) = (made.constructed[id(layer)] for layer in layers.values())
    assert [at.library for at in (*own, *called, *inside)] == [False, False, True]


def test_a_class_is_a_factory_too(tree: Tree) -> None:
    root = tree(
        {
            "models.py": f"{HEAD}\nclass Net(nn.Module):\n"
            "    def __init__(self, depth=1):\n"
            "        super().__init__()\n"
            "        self.layers = nn.ModuleList(nn.ReLU() for _ in range(depth))\n"
        }
    )

    made = built(root, "models.py::Net", depth=3)

    model: Any = made.model
    assert len(model.layers) == 3
    assert [at.line for at in made.constructed[id(model.layers[0])]] == [7]


def test_modules_built_later_are_constructed_as_ever(tree: Tree) -> None:
    make(tree, "return nn.ReLU()")

    class Mixin:
        def __new__(cls, *args: object) -> Mixin:
            made = super().__new__(cls)
            made.seen = args  # type: ignore[attr-defined]
            return made

    class Late(torch.nn.Module, Mixin):  # type: ignore[name-defined,misc]
        def __init__(self, depth: int) -> None:
            super().__init__()
            self.depth = depth

    late: Any = Late(3)

    assert (late.depth, late.seen) == (3, (3,))
    assert torch.nn.Linear(3, 4).weight.device.type == "cpu"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("return None", "returns None, not a model"),
        ("return nn.ReLU(), 3", "returns a tuple of (ReLU, int), not a model"),
        ("return nn.ReLU", "returns the class ReLU, not an instance"),
        ("return 'resnet18'", "returns a str, not a model"),
        ("raise ValueError('odd')", "raises ValueError: odd when it is called (at models.py:5)"),
        ("raise ValueError('odd.')", "raises ValueError: odd when it is called (at models.py:5)"),
        ("raise SystemExit(2)", "exits when it is called (at models.py:5)"),
    ],
)
def test_a_factory_that_yields_no_model_says_what_it_did(
    tree: Tree, body: str, message: str
) -> None:
    with pytest.raises(BuildError) as caught:
        make(tree, body)

    assert caught.value.message == f"models.py::net {message}"


def test_a_failed_build_keeps_the_traceback_and_the_line(tree: Tree) -> None:
    with pytest.raises(FailedBuildError) as caught:
        make(tree, "print('before')\nraise ValueError('odd')")

    assert "Traceback" in caught.value.details
    assert "before" in caught.value.details
    assert caught.value.line == 6


def test_wrappers_are_taken_off(tree: Tree) -> None:
    made = make(tree, "return torch.compile(nn.DataParallel(nn.Conv2d(3, 3, 1)))")

    assert type(made.model) is torch.nn.Conv2d


def test_an_interrupt_passes_through(tree: Tree) -> None:
    with pytest.raises(KeyboardInterrupt):
        make(tree, "raise KeyboardInterrupt")


@pytest.mark.parametrize("ending", ["return nn.Conv2d(3, 3, 1)", "raise ValueError('odd')"])
def test_everything_is_left_as_it_was_found(tree: Tree, ending: str) -> None:
    patched = {
        (owner, name): getattr(owner, name)
        for owner, names in (
            (torch, ("load",)),
            (torch.hub, ("load", "load_state_dict_from_url", "download_url_to_file")),
            (torch.nn.Module, ("to", "cuda", "cpu", "load_state_dict", "register_parameter")),
            (torch.nn.init, ("kaiming_normal_", "zeros_")),
        )
        for name in names
    }
    states = (torch.get_rng_state(), random.getstate(), torch.get_default_dtype())
    meddling = (
        "import random\ntorch.manual_seed(3)\nrandom.seed(3)\n"
        "torch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n"
    )

    with contextlib.suppress(BuildError):
        make(tree, meddling + ending)

    assert {key: getattr(*key) for key in patched} == patched
    assert torch.equal(torch.get_rng_state(), states[0])
    assert (random.getstate(), torch.get_default_dtype()) == states[1:]
    assert torch.is_grad_enabled()


def test_warnings_of_the_factory_break_nothing(tree: Tree) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = make(tree, "import warnings\nwarnings.warn('old')\nreturn nn.ReLU()")

    assert made.framework == "torch"


def test_the_largest_model_of_torchvision_allocates_no_weights(tree: Tree) -> None:
    pytest.importorskip("torchvision")
    root = tree({})
    built(root, "torchvision:resnet18")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    made = built(root, "torchvision:regnet_y_128gf")

    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert made.notes == ()
    assert grown < 100_000


@pytest.mark.zoo
def test_every_classifier_of_torchvision_is_built_on_meta(tree: Tree) -> None:
    torchvision = pytest.importorskip("torchvision")
    root = tree({})
    names = torchvision.models.list_models(module=torchvision.models)

    notes = {name: built(root, f"torchvision:{name}").notes for name in names}

    assert notes == dict.fromkeys(names, ())
