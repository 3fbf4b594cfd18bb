"""Pictures of PyTorch models, by way of both doors."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import rfa_core as rfa

pytestmark = pytest.mark.torch
torchvision = pytest.importorskip("torchvision")
graphviz = pytest.importorskip("graphviz")
torch = pytest.importorskip("torch")
nn = torch.nn

EXAMPLE = Path(__file__).parents[2] / "examples" / "tiny_images"


def zoo(name: str) -> object:
    options = {"init_weights": False} if name == "googlenet" else {}
    with torch.device("meta"):
        return torchvision.models.get_model(name, **options)


def nodes(picture: graphviz.Digraph) -> list[str]:
    """The statements of the nodes, joined over lines."""
    return re.findall(r"^\s*n\d+ \[.*?(?=^\s*(?:n\d+ |subgraph|\}))", picture.source, re.M | re.S)


def node(picture: graphviz.Digraph, path: str) -> str:
    (found,) = (one for one in nodes(picture) if f'tooltip="{path} · ' in one)
    return found


@pytest.mark.parametrize(
    ("name", "operations", "most"),
    [
        ("resnet152", 500, 50),
        ("densenet121", 420, 40),
        ("maxvit_t", 1200, 150),
        ("googlenet", 190, 90),
        ("vit_b_16", 400, 25),
    ],
)
def test_the_folded_picture_of_a_large_network_is_small(
    name: str, operations: int, most: int
) -> None:
    model = zoo(name)

    folded = nodes(rfa.visualize_architecture(model, name, 224))
    raw = nodes(rfa.visualize_architecture(model, name, 224, raw=True))

    assert len(folded) <= most
    assert len(raw) >= operations


def test_a_picture_says_what_the_analysis_says() -> None:
    model = zoo("resnet18")
    analysis = rfa.analyse(model, 32)

    picture = rfa.visualize_architecture(model, "resnet18", 32)

    for judged in analysis.layers:
        if judged.layer.judgeable == "weights":
            found = node(picture, judged.layer.name)
            low, high = judged.layer.output.min[0], judged.layer.output.max[0]
            sight = "∞" if low is None else str(low) if low == high else f"{low}–{high}"
            assert f">r {sight}<" in found
            assert f"verdict: {judged.verdict}" in found
    assert ">Conv2d 7x7 / 2<" in node(picture, "conv1")
    assert ">64 filters<" in node(picture, "conv1")
    assert ">16x16, stride 2<" in node(picture, "conv1")
    assert ">1000 units<" in node(picture, "fc")
    assert ">r ∞<" in node(picture, "fc")


def test_the_picture_is_a_digraph_named_like_the_model() -> None:
    picture = rfa.visualize_architecture(zoo("alexnet"), input_res=64)

    assert isinstance(picture, graphviz.Digraph)
    assert (picture.name, picture.filename) == ("AlexNet", "AlexNet.gv")
    assert "AlexNet at 64 px" in picture.source


@pytest.mark.parametrize(
    ("model", "size", "shape", "said"),
    [
        (nn.Sequential(nn.Conv1d(2, 4, 5, 2)), "100", None, ">Conv1d kernel 5 / 2<"),
        (nn.Sequential(nn.Conv3d(1, 4, (1, 3, 3))), "8x16x16", None, ">Conv3d 1x3x3<"),
        (nn.Sequential(nn.ConvTranspose2d(3, 4, 4, 2, 1)), 16, None, ">ConvTranspose2d 4x4 up 2<"),
        (nn.Sequential(nn.Conv2d(3, 4, 3, dilation=4)), 16, None, ">Conv2d 3x3, dilation 4<"),
        (nn.Bilinear(4, 4, 2), 9, ((1, "T", 4), (1, "T", 4)), "<B>input_2</B>"),
    ],
)
def test_layers_of_any_kind_are_labelled(
    model: object, size: int | str, shape: object, said: str
) -> None:
    picture = rfa.visualize_architecture(model, "net", size, input_shape=shape)

    assert said in picture.source


def test_a_resolution_that_the_model_cannot_take_is_said() -> None:
    picture = rfa.visualize_architecture(zoo("alexnet"), "alexnet", 16)

    assert re.search(r"<I>cannot run at 16 px, it stops at [\w.]+; maps are those at \d+ px</I>", picture.source)  # fmt: skip  # noqa: E501


def test_the_model_is_left_as_it_was() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU()).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}

    rfa.visualize_architecture(model, "net", 16)

    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"model_or_graph": 3}, "TraceError", "an object of type int is no model"),
        ({"input_res": 0}, "ResolutionError", "resolution '0' is impossible"),
        ({"input_res": "8x8x8"}, "ResolutionError", "has 3 numbers"),
        ({"depth": 0}, "UsageError", "depth 0 is impossible: it has at least one level"),
        ({"depth": 2, "raw": True}, "UsageError", "depth 2 is impossible: a raw picture"),
    ],
)
def test_impossible_arguments_are_errors(
    arguments: dict[str, object], error: str, message: str
) -> None:
    given = {"model_or_graph": nn.Sequential(nn.Conv2d(3, 4, 3)), "input_res": 16, **arguments}

    with pytest.raises(rfa.RfaError, match=message) as caught:
        rfa.visualize_architecture(**given)

    assert type(caught.value).__name__ == error


def test_the_command_draws_a_model_of_the_project() -> None:
    command = ["show", "tiny_images.models:resnet18_imagenet_stem", "--res", "64", "--format"]

    result = subprocess.run(
        [sys.executable, "-m", "rfa_core", *command, "dot"],
        cwd=EXAMPLE,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )

    assert result.stderr == ""
    assert "resnet18_imagenet_stem at 64 px" in result.stdout
    assert "src/tiny_images/models.py:15" in result.stdout
    assert "</FONT> 1 unproductive" in result.stdout


def test_neither_door_imports_graphviz_before_there_is_something_to_draw() -> None:
    code = (
        "import sys, rfa_core, rfa_core.api, rfa_core.cli.commands\n"
        "rfa_core.visualize_architecture\n"
        "print('graphviz' in sys.modules)"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert result.stdout == "False\n"
