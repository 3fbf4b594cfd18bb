"""What the analysis says about a network, and the repair that it proposes, made to the network."""

from __future__ import annotations

from pathlib import Path

import networks
from torch import nn

import rfa_core as rfa

HERE = Path(__file__).parent


def analysed(net: nn.Module, size: int) -> rfa.Analysis:
    """``net`` on grey images of ``size`` pixels per side."""
    return rfa.analyse(net, size, input_shape=(1, 1, "H", "W"))


def repaired(name: str, goal: str, size: int) -> tuple[nn.Module, list[str]]:
    """The network ``name`` with the repair for ``goal``, and what the repair changes.

    Of the proposals it is the first, so the cheapest, that drops no layer that is of use. Raises
    LookupError if there is none, ValueError if the edited network is not what was proposed.
    """
    session = rfa.Session(rfa.load_settings(HERE))
    [target] = session.plan([f"networks.py::{name}"]).targets
    found = session.suggest(target, rfa.parse_resolution(size), [goal])
    proposal = next((one for one in found.proposals if not one.lost), None)
    if proposal is None:
        raise LookupError(f"no repair of {name} for {goal} at {size} px that keeps what is of use")
    net = getattr(networks, name)()
    for step in proposal.steps:
        for layer in step.layers:
            _edit(net, layer, step.after)
    is_now = analysed(net, size)
    now = (len(is_now.unproductive), is_now.model.parameters, is_now.model.resolutions[0].macs)
    said = (proposal.after.unproductive, proposal.after.parameters, proposal.after.macs)
    if now != said:
        raise ValueError(f"{name} for {goal}: proposed {said}, made {now}")
    return net, [_line(step.layers, step.before, step.after) for step in proposal.steps]


def _edit(net: nn.Module, path: str, after: str) -> None:
    """Give a convolution other arguments (``stride=1, padding=0``), or take a module out."""
    parent, _, name = path.rpartition(".")
    old = net.get_submodule(path)
    new: nn.Module = nn.Identity()
    if after:
        arguments = {
            key: getattr(old, key)
            for key in ("in_channels", "out_channels", "kernel_size", "stride", "padding")
        }
        changes = (change.split("=") for change in after.split(", "))
        arguments |= {key: int(value) for key, value in changes}
        new = nn.Conv2d(**arguments, bias=old.bias is not None)
    setattr(net.get_submodule(parent), name, new)


def _line(layers: tuple[str, ...], before: str, after: str) -> str:
    names = ", ".join(layers)
    return f"{before} -> {after} of {names}" if after else f"drop {names}"
