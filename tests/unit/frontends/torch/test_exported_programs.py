"""Exported programs say the same as the models they were exported from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

import rfa_core as rfa
from rfa_core.frontends import frontend_of, input_spec, open_file
from rfa_core.frontends.base import ForwardError
from rfa_core.graph.model import Graph
from rfa_core.receptive.collect import analyse_graph

torch = pytest.importorskip("torch")
nn = torch.nn
Dim, export, save = torch.export.Dim, torch.export.export, torch.export.save

pytestmark = [
    pytest.mark.torch,
    pytest.mark.skipif(Version(torch.__version__) < Version("2.9"), reason="needs PyTorch 2.9"),
]

ROOT = str(Path(__file__).parent)


class Block(nn.Module):
    """A skip, functional calls, a module that is called twice, and weights without gradients."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=2, dilation=2)
        self.second = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Any) -> Any:
        with torch.no_grad():
            y = torch.relu(self.first(x))
        y = torch.relu(self.second(y))
        return torch.relu(self.second(y)) + x


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 7, stride=2, padding=3)
        self.blocks = nn.Sequential(Block(8), nn.MaxPool2d(3, 2, 1), Block(8))
        self.register_buffer("order", torch.tensor([7, 6, 5, 4, 3, 2, 1, 0]))
        self.up = nn.ConvTranspose2d(8, 8, 4, stride=2, padding=1)
        self.head = nn.Linear(8, 10)

    def forward(self, x: Any) -> Any:
        y = self.up(self.blocks(self.stem(x))[:, self.order])
        y = nn.functional.interpolate(y, scale_factor=2.0, mode="bilinear")
        return self.head(y.mean((2, 3)))


@cache
def program() -> Any:
    """The network as a program of many sizes; what exports it takes seconds to import."""
    return dynamic(Net())


def dynamic(model: Any, shape: Sequence[int] = (2, 3, 64, 64)) -> Any:
    sizes = {0: Dim("n", min=1, max=8), 2: Dim("h", min=16, max=512), 3: Dim("w", min=16, max=512)}
    return export(model.eval(), (torch.zeros(*shape),), dynamic_shapes=(sizes,))


def traced(model: object, resolution: Sequence[int] = (64, 96)) -> Graph:
    frontend = frontend_of(model)
    spec = frontend.guess_inputs(model)[0]
    return frontend.trace(model, spec, resolution, "net", None, ROOT)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("programs") / "net.pt2"
    save(program(), path)
    return str(path)


def test_the_layers_of_a_file_are_those_of_the_model(file: str) -> None:
    model = Net().eval()

    expected, found = traced(model), traced(open_file("torch", file))

    assert analyse_graph(found) == analyse_graph(expected)
    assert found.parameters == expected.parameters


def test_a_live_program_is_a_model() -> None:
    analysis = rfa.analyse(program(), resolution=64)

    assert {judged.layer.name for judged in analysis.layers} == {
        layer.name for layer in analyse_graph(traced(Net()))
    }


def test_shared_weights_count_once(tmp_path: Path) -> None:
    model = nn.Sequential(nn.Conv2d(3, 3, 3), nn.Conv2d(3, 3, 3), nn.Linear(8, 8))
    model[1].weight = model[0].weight
    save(export(model, (torch.zeros(1, 3, 12, 12),)), tmp_path / "shared.pt2")

    graph = traced(open_file("torch", str(tmp_path / "shared.pt2")), (12, 12))

    assert graph.parameters == 81 + 3 + 3 + 72
    assert sum(node.parameters for node in graph) == graph.parameters


def test_a_program_of_fixed_size_says_so(tmp_path: Path) -> None:
    save(export(nn.Conv2d(3, 8, 3), (torch.zeros(1, 3, 32, 48),)), tmp_path / "fixed.pt2")
    program = open_file("torch", str(tmp_path / "fixed.pt2"))

    with pytest.raises(ForwardError) as error:
        traced(program, (32, 32))

    assert "exported for input of [1, 3, 32, 48] only" in error.value.reason
    assert frontend_of(program).sizes_named_by(program) == ((32, 48),)


def test_a_multiple_and_a_range_are_kept(tmp_path: Path) -> None:
    half = Dim("half", min=2, max=16)
    sizes = ({2: 8 * half, 3: 8 * half},)
    exported = export(nn.Conv2d(3, 8, 3), (torch.zeros(1, 3, 32, 32),), dynamic_shapes=sizes)
    save(exported, tmp_path / "multiple.pt2")
    program = open_file("torch", str(tmp_path / "multiple.pt2"))
    (spec,) = frontend_of(program).guess_inputs(program)

    reasons = []
    for resolution in ((36, 36), (32, 40), (136, 136), (8, 8)):
        with pytest.raises(ForwardError) as error:
            traced(program, resolution)
        reasons.append(error.value.reason.partition("exported for ")[2][:14])

    assert traced(program, (40, 40)).resolution == (40, 40)
    assert reasons == ["input of [1, 3", "sizes that are", "input of [1, 3", "input of [1, 3"]
    assert "16..128 in steps of 8" in spec.origin


def test_channels_come_last_where_there_are_few(tmp_path: Path) -> None:
    class Last(nn.Module):
        def forward(self, x: Any) -> Any:
            return x.permute(0, 3, 1, 2)

    save(export(Last(), (torch.zeros(1, 32, 48, 3),)), tmp_path / "last.pt2")
    program = open_file("torch", str(tmp_path / "last.pt2"))

    (spec,) = frontend_of(program).guess_inputs(program)

    assert spec.at((10, 20)) == ((1, 10, 20, 3),)


def test_a_shape_that_is_given_is_taken(file: str) -> None:
    program = open_file("torch", file)
    given = input_spec((4, 3, "H", "W"), "given")

    assert frontend_of(program).guess_inputs(program, given) == (given,)
