"""Layers know the project's lines that constructed and that called them."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from rfa_core.discovery.build import build
from rfa_core.discovery.candidates import Target
from rfa_core.discovery.load import load
from rfa_core.frontends import frontend_of
from rfa_core.frontends.base import input_spec
from rfa_core.graph.model import Location, Node

pytest.importorskip("torch")

pytestmark = pytest.mark.torch

SOURCE = """\
    import torch
    import torch.nn.functional as F
    from torch import nn


    def conv(channels):
        return nn.Conv2d(channels, 4, 3, padding=1)


    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.stem = conv(3)
            self.body = nn.Sequential(
                conv(4),
                nn.ReLU(),
            )
            self.weight = nn.Parameter(torch.zeros(4, 4, 3, 3))

        def forward(self, x):
            x = self.stem(x)
            x = F.max_pool2d(
                self.body(x),
                2,
            )
            return F.conv2d(x, self.weight)


    def net():
        return Net()
"""


@pytest.fixture
def nodes(tmp_path: Path) -> dict[str, Node]:
    """The nodes of the model above by layer, built and traced as a target is."""
    (tmp_path / "nets.py").write_text(dedent(SOURCE), encoding="utf-8")
    target = Target("nets.py::net")
    made = build(load(target, str(tmp_path)), target, {}, str(tmp_path))
    spec = input_spec((1, 3, "H", "W"), "given")
    frontend = frontend_of(made.model)
    graph = frontend.trace(made.model, spec, (20, 20), "net", made.constructed, str(tmp_path))
    return {node.layer: node for node in graph}


def lines(places: tuple[Location, ...]) -> list[int]:
    return [place.line for place in places]


def test_a_module_has_the_lines_of_its_constructor_calls(nodes: dict[str, Node]) -> None:
    assert lines(nodes["stem"].constructed) == [30, 13, 7]
    assert lines(nodes["body.0"].constructed) == [30, 15, 7]
    assert lines(nodes["body.1"].constructed) == [30, 16]


def test_a_functional_call_has_the_lines_of_its_module_and_its_own(nodes: dict[str, Node]) -> None:
    assert lines(nodes["max_pool2d"].constructed) == [30, 22]
    assert lines(nodes["conv2d"].constructed) == [30, 26]


def test_a_layer_has_the_line_of_the_project_that_called_it(nodes: dict[str, Node]) -> None:
    called = {name: node.called.line for name, node in nodes.items() if node.called}

    assert called["stem"] == 21
    assert called["body.0"] == called["body.1"] == 23
    assert called["conv2d"] == 26


def test_lines_are_in_the_file_of_the_project(nodes: dict[str, Node], tmp_path: Path) -> None:
    files = {place.file for node in nodes.values() for place in node.constructed}

    assert files == {str(tmp_path / "nets.py")}


def test_without_a_project_there_are_no_lines(nodes: dict[str, Node], tmp_path: Path) -> None:
    import sys

    module = sys.modules[load(Target("nets.py::net"), str(tmp_path)).__module__]
    model = module.net()

    graph = frontend_of(model).trace(model, input_spec((1, 3, "H", "W"), ""), (20, 20), "net")

    assert all(node.called is None and not node.constructed for node in graph)
    assert {node.layer for node in graph} == set(nodes)
