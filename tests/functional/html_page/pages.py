"""Networks, the reports that pages are made from, and what Python says of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

import rfa_core as rfa
from rfa_core.api.analysis import guesses_of
from rfa_core.api.reporting import Outcome, report_of_run
from rfa_core.examination import examine, first_running
from rfa_core.findings import ModelReport, Report
from rfa_core.receptive.policy import Policy
from rfa_core.rules import RULES, Subject, find

Open = Callable[..., AbstractContextManager[Any]]
"""Shows the page of a report, while it is open."""


def residual() -> rfa.Graph:
    """As ResNet-18 is built, in names of modules."""
    net = rfa.Graph("residual")
    net.conv("stem.conv", filters=8, kernel=7, stride=2)
    x = net.max_pool("stem.pool", kernel=3, stride=2)
    for stage in range(3):
        for block in range(4):
            name, stride = f"stage{stage}.{block}", 2 if stage and not block else 1
            filters = 8 * 2**stage
            y = net.conv(f"{name}.conv1", x, filters=filters, kernel=3, stride=stride)
            y = net.conv(f"{name}.conv2", y, filters=filters, kernel=3)
            if stride > 1:
                x = net.conv(f"{name}.down", x, filters=filters, kernel=1, stride=stride)
            x = net.add(f"{name}.add", x, y)
    net.global_pool("pool")
    net.dense("head", units=10)
    return net


def oblong() -> rfa.Graph:
    """Kernels that differ by axis, and maps that large kernels cover."""
    net = rfa.Graph("oblong")
    net.conv("wide", filters=4, kernel=(1, 7))
    net.conv("high", filters=4, kernel=(5, 1), stride=(2, 1))
    for number in range(3):
        net.conv(f"large{number}", filters=4, kernel=9, stride=2)
    net.conv("last", filters=4, kernel=(1, 15))
    return net


def branched() -> rfa.Graph:
    """Branches, dilation, transposed convolution, up-sampling, and what is global."""
    net = rfa.Graph("branched")
    stem = net.conv("stem", filters=4, kernel=5, stride=4)
    near = net.conv("near", stem, filters=4, kernel=3)
    far = net.conv("far", stem, filters=4, kernel=3, dilation=6)
    net.concat("both", near, far)
    net.conv("down", filters=8, kernel=3, stride=2)
    up = net.transposed_conv("up", filters=4, kernel=4, stride=2)
    net.concat("skip", up, near)
    net.conv("mixed", filters=4, kernel=7)
    net.upsample("larger", factor=2)
    net.conv("end", filters=2, kernel=3)
    return net


def sound() -> rfa.Graph:
    """One axis."""
    net = rfa.Graph("sound", channels=1, axes=1)
    for number in range(6):
        net.conv(f"conv{number}", filters=4, kernel=9, stride=2)
    return net


def checked(*networks: rfa.Graph, at: Sequence[str] = ("64",), strict: bool = False) -> Report:
    """The report of a run with every rule on."""
    resolutions = [rfa.parse_resolution(one) for one in at]
    policy = Policy(strict_tie=strict)
    models = [
        examine(first_running(guesses_of(net, policy=policy), resolutions), resolutions)
        for net in networks
    ]
    return over(*models)


def over(*models: ModelReport) -> Report:
    outcomes = [Outcome(one, tuple(find(Subject(one, "."), RULES.values()))) for one in models]
    return report_of_run(outcomes, (), 1, ".")


def verdicts(net: rfa.Graph, at: str, strict: bool = False) -> dict[str, str]:
    """What Python says of a network that is looked at afresh."""
    found = rfa.analyse(net, at, policy=Policy(strict_tie=strict)).layers
    return {one.layer.name: one.verdict.value for one in found}


def resize(page: Any, sizes: str) -> None:
    page.fill("#pixels", sizes)


IN_TABLE = """() => Object.fromEntries([...document.querySelectorAll('#layers tbody tr')].map(
    row => [row.querySelector('button').title, row.dataset.verdict]))"""
