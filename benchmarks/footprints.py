"""What tools that know receptive fields say of small networks, beside what NaN says.

``python benchmarks/footprints.py [--page FILE]`` prints a table, and with ``--page`` writes it
into the page; with ``--zoo NAME ...`` it compares ``rfa_toolbox`` and ``rfa`` on whole models.
Tools that are not installed have no column.
"""

from __future__ import annotations

import argparse
import collections
import collections.abc
import contextlib
import importlib.util
import io
import logging
import warnings
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import torch
import torchvision
from torch import Tensor, nn

import rfa_core as rfa

Says = Callable[[nn.Module, int], object]
SIZE, LARGE = 97, 641
"""Sides of images: twice the footprint, and more."""
FIRST, LAST = "<!-- footprints -->", "<!-- end of footprints -->"


def conv(kernel: int = 3, into: int = 4, of: int = 4, **options: int) -> nn.Conv2d:
    """A convolution that keeps the size of the map at a stride of 1."""
    dilation = options.get("dilation", 1)
    return nn.Conv2d(of, into, kernel, padding=dilation * (kernel // 2), **options)


class Residual(nn.Module):
    """A convolution, and two beside a way around them."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.a, self.b = conv(of=3), conv(), conv()

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        return x + self.b(self.a(x))


class Functional(nn.Module):
    """A pooling that is a function, between two convolutions."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = conv(of=3), conv()

    def forward(self, x: Tensor) -> Tensor:
        return self.b(nn.functional.max_pool2d(self.a(x), 2))


class Split(nn.Module):
    """Channels in two halves, one of which is convolved."""

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = conv(of=3), conv(into=2, of=2)

    def forward(self, x: Tensor) -> Tensor:
        left, right = self.a(x).chunk(2, dim=1)
        return torch.cat([left, self.b(right)], dim=1)


class Own(nn.Conv2d):
    """A layer of one's own."""


def resnet18_body() -> nn.Module:
    """torchvision's ResNet-18 up to the pooling."""
    return nn.Sequential(*list(torchvision.models.resnet18().children())[:-2])


NETWORKS: Mapping[str, Callable[[], nn.Module]] = {
    "two 3x3": lambda: nn.Sequential(conv(of=3), conv()),
    "3x3 with dilation 4": lambda: nn.Sequential(conv(of=3, dilation=4)),
    "residual block": Residual,
    "pooling as a function": Functional,
    "channels split": Split,
    "subclass of Conv2d": lambda: nn.Sequential(Own(3, 4, 3, padding=1), conv()),
    "3x3, transposed 4x4 / 2, 3x3": lambda: nn.Sequential(
        conv(of=3), nn.ConvTranspose2d(4, 4, 4, stride=2, padding=1), conv()
    ),
    "3x3 / 2, up-sampling by 2, 3x3": lambda: nn.Sequential(
        conv(of=3, stride=2), nn.Upsample(scale_factor=2), conv()
    ),
    "3x3 / 2, pixel shuffle by 2, 3x3": lambda: nn.Sequential(
        conv(of=3, into=16, stride=2), nn.PixelShuffle(2), conv()
    ),
    "ResNet-18 to the pooling": resnet18_body,
}


@torch.no_grad()
def by_nan(model: nn.Module, size: int) -> int:
    """The rows of the image that decide whether an element in the middle of the map is NaN.

    With NaN in rows ``0..t`` it is NaN if and only if what it reads begins at ``t`` or before; both
    ends are found by bisection. Of eight elements in a row the widest counts.
    """

    def spoilt(rows: slice, row: int) -> bool:
        image = torch.zeros(1, 3, size, 33)
        image[:, :, rows] = torch.nan
        return bool(model(image)[0, :, row].isnan().any())

    middle = model(torch.zeros(1, 3, size, 33)).shape[2] // 2
    widest = 0
    for row in range(middle - 4, middle + 4):
        first = bisect_left(range(size), True, key=lambda t: spoilt(slice(0, t + 1), row))
        after = bisect_left(range(size), True, key=lambda t: not spoilt(slice(t, None), row))
        widest = max(widest, after - first)
    return widest


def _ours(model: nn.Module, size: int) -> object:
    layers = rfa.analyse(model, size).layers
    return max(one.layer.output.max[0] or 0 for one in layers if one.layer.output.max)


def _toolbox(model: nn.Module, size: int) -> object:
    return int(max(_toolbox_convolutions(model, size), default=0))


def _toolbox_convolutions(model: nn.Module, size: int) -> list[float]:
    from rfa_toolbox import create_graph_from_pytorch_model

    nodes = create_graph_from_pytorch_model(model, input_res=(1, 3, size, size)).all_layers
    return [
        max(node.receptive_field_max) for node in nodes if node.layer_info.name.startswith("Conv2d")
    ]


def _arithmetic(model: nn.Module, size: int) -> object:
    from torch_receptive_field import receptive_field

    found = receptive_field(model, (3, size, size), device="cpu")
    return int(max(one["r"] for one in found.values() if "r" in one))


def _prepared(model: nn.Module) -> nn.Module:
    """As the README of ``receptivefield`` asks for it: means, no activations, positive weights."""
    for name, child in model.named_children():
        if isinstance(child, nn.MaxPool2d):
            setattr(model, name, nn.AvgPool2d(child.kernel_size, child.stride, child.padding))
        elif isinstance(child, nn.ReLU):
            setattr(model, name, nn.Identity())
        else:
            _prepared(child)
    for name, own in model.named_parameters(recurse=False):
        nn.init.constant_(own, 1 / max(1, own[0].numel()) if name == "weight" else 0.0)
    return model


def _gradients(model: nn.Module, size: int) -> object:
    from receptivefield.pytorch import PytorchReceptiveField

    class Wrapped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model, self.feature_maps = _prepared(model), []

        def forward(self, x: Tensor) -> Tensor:
            out = self.model(x)
            self.feature_maps = [out]
            return out

    found = PytorchReceptiveField(Wrapped).compute((size, size, 3))
    return int(found[0].rf.size.h)


TOOLS: Mapping[str, tuple[str, Says]] = {
    "rfa_toolbox": ("rfa_toolbox", _toolbox),
    "pytorch-receptive-field": ("torch_receptive_field", _arithmetic),
    "receptivefield": ("receptivefield", _gradients),
}
"""Names to modules, and what asks them."""


def main() -> None:
    """Ask all tools that are installed about all networks."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--page", type=Path, help="the page to write the table into")
    parser.add_argument(
        "--zoo", nargs="+", default=(), help="models of torchvision, layer by layer"
    )
    options = parser.parse_args()
    page = options.page
    if not hasattr(collections, "Sequence"):  # for rfa_toolbox, from Python 3.10 on
        collections.Sequence = collections.abc.Sequence  # type: ignore[attr-defined]
    for name in options.zoo:
        print(name, _agreement(torchvision.models.get_model(name)))
    if options.zoo:
        return
    known = {name: ask for name, (module, ask) in TOOLS.items() if importlib.util.find_spec(module)}
    columns: Mapping[str, Says] = {"NaN": by_nan, "rfa": _ours, **known}
    rows = [["network", *columns], ["---", *("---:" for _ in columns)]]
    for name, make in NETWORKS.items():
        rows.append([name, *(_asked(ask, make) for ask in columns.values())])
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    print(table)
    if page:
        text = page.read_text(encoding="utf-8")
        before, rest = text.split(FIRST)
        page.write_text(f"{before}{FIRST}\n{table}\n{LAST}{rest.split(LAST)[1]}", encoding="utf-8")


def _agreement(model: nn.Module) -> str:
    """Of how many convolutions ``rfa_toolbox`` and ``rfa`` say the same widest footprint."""
    ours = Counter(
        one.layer.output.max[0]
        for one in rfa.analyse(model.eval(), 224).layers
        if one.layer.type == "Conv2d"
    )
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            theirs = Counter(int(size) for size in _toolbox_convolutions(model, 224))
    except Exception as error:
        return type(error).__name__
    return f"{(ours & theirs).total()} of {ours.total()}, {theirs.total()} read"


def _asked(ask: Says, make: Callable[[], nn.Module]) -> str:
    """The answer, or the error that came instead; every tool gets a network of its own."""
    torch.manual_seed(0)
    model = make().eval()
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            return str(ask(model, LARGE if make is resnet18_body else SIZE))
        except Exception as error:
            return type(error).__name__


if __name__ == "__main__":
    main()
