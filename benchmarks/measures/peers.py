"""One model after the other through this tool, its peers, and a bare forward on the meta device.

Every tool is given the same model, built on the CPU and in evaluation mode, and does what it is
for: ours and ``rfa_toolbox`` receptive fields, ``torch-scan`` receptive fields and costs,
``torchinfo`` and ``fvcore`` costs. The times are those of the processor.
"""

from __future__ import annotations

import collections
import collections.abc
import copy
import importlib.util
import logging
import math
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

import torch
import torchvision
from torch import nn

import rfa_core as rfa

from .tables import Table, median_seconds, seconds

MODELS = (
    *("alexnet", "vgg16", "vgg19_bn", "resnet18", "resnet50", "resnext50_32x4d", "densenet121"),
    *("squeezenet1_0", "googlenet", "inception_v3", "mnasnet1_0", "mobilenet_v2"),
    *("mobilenet_v3_small", "efficientnet_b0", "convnext_tiny", "regnet_y_400mf"),
)
"""One or two models of each family that ``rfa_toolbox`` reads."""
SIZE = 224
Tool = Callable[[nn.Module], object]
Times = Mapping[str, Mapping[str, float]]
"""Seconds by model and tool; NaN where a tool fails."""

OURS, TOOLBOX, BARE = "rfa", "rfa_toolbox", "meta forward"
PACKAGES = {
    TOOLBOX: "rfa_toolbox",
    "torch-scan": "torchscan",
    "torchinfo": "torchinfo",
    "fvcore": "fvcore",
}


def tools() -> tuple[dict[str, Tool], list[str]]:
    """The tools that are installed, and what there is to say about them."""
    found: dict[str, Tool] = {OURS: _ours}
    said = []
    for name, package in PACKAGES.items():
        if importlib.util.find_spec(package) is None:
            said.append(f"{name} is not installed, and has no column.")
            print(f"{name} is not installed: skipped", file=sys.stderr)
        else:
            found[name] = _PEERS[name]
            said.append(f"{name} {version(package)}.")
    if TOOLBOX in found:
        _lend_sequence()
        said.append(
            "`rfa_toolbox` is imported as it is installed, with the one name lent to the module "
            "`collections` that Python 3.10 took out of it (`from collections import Sequence`)."
        )
    return {**found, BARE: _forward}, said


def timed(models: Sequence[str], runs: int, found: Mapping[str, Tool]) -> Times:
    """What every tool takes for every model."""
    times: dict[str, dict[str, float]] = {}
    for name in models:
        options = {"init_weights": False} if name in ("googlenet", "inception_v3") else {}
        model = torchvision.models.get_model(name, **options)
        times[name] = {tool: _time(call, model.eval(), runs) for tool, call in found.items()}
        print(name, {tool: seconds(one) for tool, one in times[name].items()}, file=sys.stderr)
    return times


def table(times: Times, said: Sequence[str]) -> Table:
    """Per model, what each tool takes, and how many times ours the toolbox does."""
    names = list(next(iter(times.values())))
    compared = TOOLBOX in names
    rows = [[f"`{model}`", *_cells(own, names, compared)] for model, own in times.items()]
    total = {tool: math.fsum(own[tool] for own in times.values()) for tool in names}
    rows.append(["**total**", *_cells(total, names, compared)])
    notes = [_verdict(times)] if compared else []
    header = ["model", *names, *(["rfa_toolbox / rfa"] if compared else [])]
    return Table(f"Side by side, at {SIZE} px", header, rows, [*notes, " ".join(said)])


def _verdict(times: Times) -> str:
    ratios = {model: own[TOOLBOX] / own[OURS] for model, own in times.items()}
    read = {model: ratio for model, ratio in ratios.items() if not math.isnan(ratio)}
    least = min(read, key=lambda model: read[model])
    taken = [math.fsum(times[model][tool] for model in read) for tool in (TOOLBOX, OURS)]
    return (
        f"On the {len(read)} of these models that `rfa_toolbox` reads it takes "
        f"{taken[0] / taken[1]:.0f} times as long in total; the least is {read[least]:.1f} times "
        f"(`{least}`)."
    )


def _cells(own: Mapping[str, float], names: Sequence[str], compared: bool) -> list[str]:
    cells = ["fails" if math.isnan(own[tool]) else seconds(own[tool]) for tool in names]
    return [*cells, f"{own[TOOLBOX] / own[OURS]:.0f}"] if compared else cells


def _time(call: Tool, model: nn.Module, runs: int) -> float:
    own = copy.deepcopy(model)
    if call is _forward:
        own = own.to("meta")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            return median_seconds(lambda: call(own), runs, time.process_time)
        except Exception as error:
            print(f"{call.__name__}: {type(error).__name__}: {error}"[:200], file=sys.stderr)
            return math.nan
        finally:
            logging.disable(logging.NOTSET)


def _ours(model: nn.Module) -> object:
    return rfa.analyse(model, SIZE)


def _forward(model: nn.Module) -> object:
    with torch.no_grad():
        return model(torch.empty(1, 3, SIZE, SIZE, device="meta"))


def _toolbox(model: nn.Module) -> object:
    from rfa_toolbox import create_graph_from_pytorch_model, input_resolution_range

    graph = create_graph_from_pytorch_model(model, input_res=(1, 3, SIZE, SIZE))
    return input_resolution_range(graph, filter_all_inf_rf=True)


def _torchscan(model: nn.Module) -> object:
    from torchscan import crawl_module

    return crawl_module(model, (3, SIZE, SIZE))


def _torchinfo(model: nn.Module) -> object:
    from torchinfo import summary

    return summary(model, (1, 3, SIZE, SIZE), verbose=0)


def _fvcore(model: nn.Module) -> object:
    from fvcore.nn import FlopCountAnalysis

    return FlopCountAnalysis(model, torch.zeros(1, 3, SIZE, SIZE)).total()


_PEERS: dict[str, Tool] = {
    TOOLBOX: _toolbox,
    "torch-scan": _torchscan,
    "torchinfo": _torchinfo,
    "fvcore": _fvcore,
}


def _lend_sequence() -> None:
    if not hasattr(collections, "Sequence"):
        collections.Sequence = collections.abc.Sequence  # type: ignore[attr-defined]
